"""One session on one page: rating comes first, then the rest opens; everything is saved at once or part by part."""

import datetime as dt

import pytest
from django.utils import timezone

from assessments.actions.rating import rate
from assessments.models import Assignment, Response, Score
from clients.barriers import BARRIERS, BY_CODE
from clients.models import FocusBarrier, LifeEvent, NoteRevision, TherapySession
from homework.models import Proposal
from practice.models import AuditEvent
from tests.dashboard.recording import queries, url
from tests.factories.assessments import answered, ask, publish, version_of
from tests.factories.clients import (
    CareFactory,
    EmergencyFactory,
    FocusFactory,
    GoalFactory,
    LifeEventFactory,
    PrivateNoteFactory,
    SafetyFlagFactory,
    SessionFactory,
    client_of,
    couple_of,
    screened,
)
from tests.factories.homework import publish_library
from tests.factories.practice import MembershipFactory, PracticeFactory, SupervisionFactory, UserFactory

pytestmark = pytest.mark.django_db

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
NOTHING = {barrier.opaque: "" for barrier in BARRIERS}
CONTROL = BY_CODE["control"].opaque


@pytest.fixture
def clinician():
    return MembershipFactory(practice=PracticeFactory(time_zone="Europe/Berlin"))


@pytest.fixture
def person(clinician):
    return client_of(clinician)


@pytest.fixture
def session(person, clinician):
    version_of()
    return SessionFactory(client=person, clinician=clinician, starts_at=timezone.now() - 2 * HOUR, note="")


@pytest.fixture
def browser(client, clinician):
    client.force_login(clinician.user)
    return client


def page_of(session):
    return url("session", session.client, session.pk)


def seen(session, **more):
    """What a page that was just opened sends along."""
    session.refresh_from_db()
    rating = Response.objects.filter(session=session, respondent="clinician").first()
    focus = FocusBarrier.objects.filter(client=session.client_id, state="active").order_by("slot")
    return {
        "seen_at": session.changed_at.isoformat(),
        "rating_seen": rating.revision if rating else 0,
        "focus_seen": " ".join(BY_CODE[row.barrier].opaque for row in focus),
        **more,
    }


def facts(session, **more):
    session.refresh_from_db()
    local = session.starts_at.astimezone(session.client.practice.zone)
    return {
        "day": local.date().isoformat(),
        "time": f"{local:%H:%M}",
        "kind": session.kind,
        "attendance": session.attendance,
        "clinician": session.clinician_id,
        **more,
    }


def post(browser, session, *parts, do="save", **data):
    return browser.post(page_of(session), seen(session) | {"part": parts, "do": do} | data)


def errors(page):
    return {name: list(form.errors) for name, form in page.context["forms"].items() if form.is_bound and form.errors}


def said(page):
    return [str(message) for message in page.context["messages"]]


class TestRateFirst:
    def earlier(self, person, clinician, session):
        before = SessionFactory(client=person, clinician=clinician, starts_at=session.starts_at - 7 * DAY)
        rate(by=clinician.user, session=before, ratings={"control": 4})
        answered(person, answers={"control": 1}, at=session.starts_at - 8 * DAY)
        answered(person, answers={"control": 3}, at=session.starts_at - DAY)
        answered(person, "session-checkin", {"connected": 7, "today": "To be heard."}, at=session.starts_at - HOUR)

    def test_nothing_of_either_rater_is_on_the_page_before(self, browser, person, clinician, session):
        self.earlier(person, clinician, session)
        page = browser.get(page_of(session))
        found, text = page.context["page"], page.content.decode()
        assert (found.hidden, found.look, found.comparison, found.homework) == (True, None, None, None)
        assert "To be heard." not in text
        assert 'class="heat' not in text
        assert {option.value for row in page.context["grid"] for option in row.options if option.checked} == {""}

    def test_what_the_client_proposed_and_told_waits_too(self, browser, person, session):
        FocusFactory(client=person, barrier="past", proposed_by_client=True)
        told = LifeEventFactory(client=person, session=session, told_by_client=True)
        page = browser.get(page_of(session)).context["page"]
        assert (page.proposed, page.events) == (frozenset(), ())
        post(browser, session, "ratings", do="skip", **NOTHING)
        page = browser.get(page_of(session)).context["page"]
        assert (page.proposed, page.events) == (frozenset({"past"}), (told,))

    def test_rating_opens_the_rest(self, browser, person, clinician, session):
        self.earlier(person, clinician, session)
        answer = post(browser, session, "ratings", do="rate", **{CONTROL: "2"})
        assert answer["Location"] == page_of(session) + "#look-back"
        page = browser.get(page_of(session))
        lines = {line.barrier.code: line.values for line in page.context["page"].comparison.lines}
        assert (lines["control"], lines["power"]) == ((2, 4, 3), (None, None, None))
        assert "To be heard." in page.content.decode()
        row = Response.objects.get(session=session)
        assert (row.respondent, row.state, row.submitted_by) == ("clinician", "submitted", clinician.user)

    def test_a_saved_draft_does_not_open_it(self, browser, person, clinician, session):
        self.earlier(person, clinician, session)
        post(browser, session, "ratings", **{CONTROL: "2"})
        page = browser.get(page_of(session))
        assert (Response.objects.get(session=session).state, page.context["page"].hidden) == ("draft", True)
        checked = {row.field.name: [o.value for o in row.options if o.checked] for row in page.context["grid"]}
        assert checked[CONTROL] == ["2"]
        assert "To be heard." not in page.content.decode()

    def test_skipping_is_recorded_and_opens_it(self, browser, person, clinician, session):
        self.earlier(person, clinician, session)
        post(browser, session, "ratings", do="skip", **NOTHING)
        row = Response.objects.get(session=session)
        assert (row.state, set(row.answers.values())) == ("submitted", {None})
        page = browser.get(page_of(session))
        assert (page.context["page"].hidden, page.context["page"].comparison.discussed) == (False, 0)
        assert AuditEvent.objects.get(action="session.rated", subject_id=row.pk).detail == {"revision": 1, "rated": 0}

    def test_done_with_nothing_given_says_so(self, browser, session):
        page = post(browser, session, "ratings", do="rate", **NOTHING)
        assert (errors(page), Response.objects.count()) == ({"ratings": ["__all__"]}, 0)

    def test_saving_the_page_untouched_is_no_rating(self, browser, session):
        post(browser, session, "note", "ratings", note="A note.", **NOTHING)
        session.refresh_from_db()
        assert (session.note, Response.objects.count()) == ("A note.", 0)

    def test_preparing_opens_the_rest_and_counts_when_it_is_held(self, browser, session):
        TherapySession.objects.update(starts_at=timezone.now() - HOUR, attendance="planned")
        post(browser, session, "ratings", do="rate", **{CONTROL: "4"})
        page = browser.get(page_of(session))
        assert (page.context["page"].hidden, page.context["page"].comparison.discussed) == (False, 1)
        assert "count once the session is marked as held" in page.content.decode()
        assert Score.objects.count() == 0
        held = facts(session, attendance="held")
        post(browser, session, "facts", "ratings", do="close", **held, **NOTHING | {CONTROL: "4"})
        assert Score.objects.get(scale="barriers.control").value == 4
        assert Response.objects.get().revision == 1

    def test_days_ahead_a_rating_stays_a_draft(self, browser, session):
        TherapySession.objects.update(starts_at=timezone.now() + 3 * DAY, attendance="planned")
        page = browser.get(page_of(session))
        assert "finished from the day before" in page.content.decode()
        assert 'value="rate"' not in page.content.decode()
        page = post(browser, session, "ratings", do="rate", **{CONTROL: "4"})
        assert errors(page) == {"ratings": ["__all__"]}
        post(browser, session, "ratings", **{CONTROL: "4"})
        assert Response.objects.get().state == "draft"
        assert browser.get(page_of(session)).context["page"].hidden is True

    @pytest.mark.parametrize("attendance", ["late", "cancelled", "missed"])
    def test_there_is_nothing_to_rate_when_it_did_not_take_place(self, browser, session, attendance):
        TherapySession.objects.update(attendance=attendance)
        page = browser.get(page_of(session))
        assert (page.context["page"].hidden, "ratings" in page.context["forms"]) == (False, False)

    @pytest.mark.parametrize("value", ["5", "-1", "x"])
    def test_bad_values_are_told_and_the_rest_is_kept(self, browser, session, value):
        page = post(browser, session, "ratings", do="rate", b01=value, b02="3")
        assert errors(page) == {"ratings": ["b01"]}
        rows = {row.field.name: row for row in page.context["grid"]}
        assert [option.value for option in rows["b02"].options if option.checked] == ["3"]
        assert Response.objects.count() == 0

    def test_forged_fields_change_nothing_else(self, browser, session, clinician):
        post(browser, session, "ratings", do="rate", b01="0", respondent="client", state="withdrawn")
        row = Response.objects.get()
        assert (row.respondent, row.state, row.answers["vulnerability"]) == ("clinician", "submitted", 0)

    def test_an_address_from_before_leads_to_the_page(self, browser, session):
        answer = browser.get(url("session_ratings", session.client, session.pk))
        assert answer["Location"] == page_of(session) + "#ratings"

    def test_who_only_reads_is_not_asked_to_rate(self, client, person, clinician, session):
        self.earlier(person, clinician, session)
        supervisor = MembershipFactory(practice=clinician.practice, roles="supervisor")
        SupervisionFactory(practice=clinician.practice, supervisor=supervisor, supervisee=clinician)
        session.note = "A quiet hour."
        session.save()
        client.force_login(supervisor.user)
        client.post(url("client_reason", person), {"reason": "supervision"})
        rate(by=clinician.user, session=session, ratings={"control": 2})
        page = client.get(page_of(session))
        text = page.content.decode()
        assert page.context["page"].hidden is False
        assert f"Ratings by {clinician.user.name} and" in text
        assert "A quiet hour." in text
        assert "To be heard." in text
        assert "<textarea" not in text
        assert 'name="do"' not in text


class TestLookBack:
    @pytest.fixture
    def rated(self, session, clinician):
        rate(by=clinician.user, session=session, ratings={})
        return session

    def look(self, browser, session):
        return browser.get(page_of(session)).context["page"].look

    def test_the_check_in_of_this_session(self, browser, person, clinician, rated):
        SessionFactory(client=person, clinician=clinician, starts_at=rated.starts_at - 7 * DAY)
        answered(person, "session-checkin", {"connected": 3}, at=rated.starts_at - 8 * DAY)
        answered(person, "session-checkin", {"connected": 5, "heard": 2}, at=rated.starts_at - DAY)
        answered(person, "session-checkin", {"connected": 9}, at=rated.starts_at + 90 * dt.timedelta(minutes=1))
        look = self.look(browser, rated)
        assert [(line.before, line.now) for line in look.checkin.sliders] == [
            (3, 5), (None, None), (None, 2), (None, None), (None, None),
        ]  # fmt: skip

    def test_one_of_the_session_before_is_not_this_ones(self, browser, person, clinician, rated):
        SessionFactory(client=person, clinician=clinician, starts_at=rated.starts_at - 7 * DAY)
        old = answered(person, "session-checkin", {"connected": 3}, at=rated.starts_at - 8 * DAY)
        look = self.look(browser, rated)
        assert (look.checkin, look.latest) == (None, old)

    def test_what_the_client_says(self, browser, person, rated):
        FocusFactory(client=person, barrier="control", state="active", slot=1, starts_on=dt.date(2026, 1, 1))
        goal = GoalFactory(client=person)
        answered(
            person,
            "session-checkin",
            {
                "talk-instead": True,
                "today": "To be heard.",
                "life-events": ["work"],
                f"goals.{goal.key}": 6,
                "focus-now.control": 3,
            },
            at=rated.starts_at - HOUR,
        )
        page = browser.get(page_of(rated))
        look, text = page.context["page"].look, page.content.decode()
        assert (look.checkin.rather_talk, look.checkin.today) == (True, "To be heard.")
        assert [(line.title, line.now) for line in look.checkin.barriers] == [("Control issues", 3)]
        assert [(line.goal, line.before, line.now) for line in look.goals] == [(goal, None, 6)]
        assert "would rather talk" in text
        assert "A change at work" in text

    def test_the_text_is_inert(self, browser, person, rated):
        answered(person, "session-checkin", {"today": "<script>alert(1)</script>"}, at=rated.starts_at - HOUR)
        assert "&lt;script&gt;alert(1)" in browser.get(page_of(rated)).content.decode()

    def test_submissions_and_open_work(self, browser, person, clinician, rated):
        SessionFactory(client=person, clinician=clinician, starts_at=rated.starts_at - 7 * DAY)
        answered(person, "attunement", {}, at=rated.starts_at - 9 * DAY)
        sent = answered(person, "attunement", {}, at=rated.starts_at - DAY)
        open_one = ask(person, "growth-habits")
        look = self.look(browser, rated)
        assert ([row.pk for row in look.sent], [row.pk for row in look.work]) == ([sent.pk], [open_one.pk])

    def test_safety_answers_are_not_listed_for_who_may_not_see_them(self, client, browser, person, clinician, rated):
        screen = answered(person, "safety-screen", {}, channel="room", at=rated.starts_at - DAY)
        assert [row.pk for row in self.look(browser, rated).sent] == [screen.pk]
        supervisor = MembershipFactory(practice=clinician.practice, roles="supervisor")
        SupervisionFactory(practice=clinician.practice, supervisor=supervisor, supervisee=clinician)
        client.force_login(supervisor.user)
        client.post(url("client_reason", person), {"reason": "supervision"})
        assert self.look(client, rated).sent == ()

    def test_nothing_of_the_partner(self, browser, person, clinician, rated):
        partner = client_of(clinician)
        couple_of(person, partner)
        answered(partner, "session-checkin", {"today": "Theirs alone."}, at=rated.starts_at - HOUR)
        ask(partner, "growth-habits")
        page = browser.get(page_of(rated))
        look = page.context["page"].look
        assert (look.checkin, look.latest, look.sent, look.work) == (None, None, (), ())
        assert "Theirs alone." not in page.content.decode()


class TestRecord:
    def test_all_at_once(self, browser, person, session, clinician):
        answer = post(
            browser, session, "facts", "note", "ratings", "focus", "event",
            **facts(session, kind="remote"), **{CONTROL: "3"}, note="We spoke.", barriers=["b07", "b10"],
            event_kind="move", event_on="2026-01-02", event_note="A new flat.",
        )  # fmt: skip
        assert answer.status_code == 302
        session.refresh_from_db()
        assert (session.kind, session.note) == ("remote", "We spoke.")
        active = FocusBarrier.objects.filter(state="active").order_by("slot").values_list("barrier", flat=True)
        assert list(active) == ["communication", "control"]
        event = LifeEvent.objects.get()
        assert (event.session, event.kind, event.note) == (session, "move", "A new flat.")
        assert Response.objects.get().answers["control"] == 3

    def test_one_bad_part_and_nothing_is_written_but_kept(self, browser, session):
        page = post(browser, session, "note", "event", note="Typed.", event_kind="move", event_on="")
        assert errors(page) == {"event": ["event_on"]}
        assert "Typed." in page.content.decode()
        session.refresh_from_db()
        assert (session.note, LifeEvent.objects.count()) == ("", 0)

    def test_a_refusal_takes_everything_back(self, browser, session):
        page = post(
            browser, session, "facts", "note", note="Typed.",
            **facts(session, day=(timezone.now() + 9 * DAY).date().isoformat()),
        )  # fmt: skip
        assert errors(page) == {"facts": ["attendance"]}
        session.refresh_from_db()
        assert session.note == ""

    def test_parts_that_were_not_sent_stay(self, browser, person, session):
        FocusFactory(client=person, barrier="control", state="active", slot=1, starts_on=dt.date(2026, 1, 1))
        post(browser, session, "note", note="Only this.")
        assert FocusBarrier.objects.get().state == "active"

    def test_more_than_three_in_focus(self, browser, session):
        page = post(browser, session, "focus", barriers=["b01", "b02", "b03", "b04"])
        assert (errors(page), FocusBarrier.objects.count()) == ({"focus": ["barriers"]}, 0)

    def test_a_proposal_waits_until_it_is_decided(self, browser, person, session):
        FocusFactory(client=person, barrier="past", proposed_by_client=True)
        post(browser, session, "focus", barriers=["b10"])
        assert dict(FocusBarrier.objects.values_list("barrier", "state")) == {"past": "proposed", "control": "active"}

    def test_the_same_life_event_sent_twice_is_one(self, browser, session):
        data = {"event_kind": "work", "event_on": "2026-01-02", "event_note": ""}
        for _twice in range(2):
            post(browser, session, "event", do="event", **data)
        assert LifeEvent.objects.count() == 1

    def test_a_life_event_of_before_is_shown(self, browser, person, clinician, session):
        SessionFactory(client=person, clinician=clinician, starts_at=session.starts_at - 7 * DAY)
        day = session.starts_at.date()
        shown = LifeEventFactory(client=person, happened_on=day - 2 * DAY)
        LifeEventFactory(client=person, happened_on=day - 20 * DAY)
        assert browser.get(page_of(session)).context["page"].events == (shown,)

    def test_a_clash_shows_both_and_the_next_save_stores_it(self, browser, session):
        first = seen(session)
        browser.post(page_of(session), first | {"part": "note", "note": "by a colleague"})
        page = browser.post(page_of(session), first | {"part": "note", "note": "by me"})
        text = page.content.decode()
        assert (page.status_code, errors(page)) == (200, {"note": ["__all__"]})
        assert "by a colleague" in text
        assert "by me" in text
        session.refresh_from_db()
        assert session.note == "by a colleague"
        again = page.context["forms"]["note"]["seen_at"].value()
        browser.post(page_of(session), {"part": "note", "note": "both", "seen_at": again})
        session.refresh_from_db()
        assert session.note == "both"

    @pytest.mark.parametrize("forged", ["", "nonsense", "2026-13-45", "2026-01-01T00:00:00"])
    def test_a_forged_token_does_not_overwrite(self, browser, session, forged):
        post(browser, session, "note", note="stays")
        page = browser.post(page_of(session), {"part": "note", "note": "over", "seen_at": forged})
        session.refresh_from_db()
        assert (page.status_code, session.note) == (200, "stays")

    def test_ratings_and_focus_of_another_tab_are_not_overwritten(self, browser, session):
        old = seen(session)
        post(browser, session, "ratings", "focus", do="rate", **{CONTROL: "3"}, barriers=["b10"])
        for part, data in (("ratings", {CONTROL: "1"}), ("focus", {"barriers": ["b01"]})):
            page = browser.post(page_of(session), old | {"part": part, "do": "save"} | data)
            assert errors(page) == {part: ["__all__"]}
        assert Response.objects.get().answers["control"] == 3
        assert FocusBarrier.objects.get(state="active").barrier == "control"

    def test_another_clients_session_is_404(self, browser, clinician, session):
        other = client_of(MembershipFactory(practice=clinician.practice))
        foreign = SessionFactory(client=other)
        for path in (url("session", session.client, foreign.pk), url("session_save", session.client, foreign.pk)):
            answer = browser.post(path, seen(foreign) | {"part": "note", "note": "x"})
            assert answer.status_code == 404
        foreign.refresh_from_db()
        assert foreign.note == "We spoke about the week."

    def test_a_fixed_number_of_queries(self, browser, person, clinician, session):
        publish_library()
        FocusFactory(client=person, barrier="control", state="active", slot=1, starts_on=dt.date(2026, 1, 1))
        rate(by=clinician.user, session=session, ratings={"control": 2})
        counts = []
        for number in (1, 2):
            for back in range(1, 1 + 2 * number):
                at = session.starts_at - back * DAY - number * HOUR
                SessionFactory(client=person, clinician=clinician, starts_at=at)
                answered(person, "session-checkin", {"connected": 5}, at=at - HOUR)
                answered(person, at=at - HOUR)
                LifeEventFactory(client=person, session=session)
                GoalFactory(client=person)
            counts.append(queries(browser, page_of(session)))
        assert counts[0] == counts[1]


class TestAutosave:
    def save(self, browser, session, part, **data):
        return browser.post(url("session_save", session.client, session.pk), seen(session) | {"part": part} | data)

    def test_a_part_is_saved_and_says_when(self, browser, session):
        answer = self.save(browser, session, "note", note="Typing")
        session.refresh_from_db()
        assert (answer.status_code, session.note) == (200, "Typing")
        assert answer.json()["saved"].startswith("Saved ")
        assert answer.json()["seen"] == {"seen_at": session.changed_at.isoformat()}

    def test_one_audit_row_a_sitting_and_field(self, browser, session):
        for number in range(5):
            self.save(browser, session, "note", note=f"Typing {number}")
        self.save(browser, session, "facts", **facts(session, kind="remote"))
        self.save(browser, session, "note", note="Typing on")
        rows = AuditEvent.objects.filter(action="session.changed", subject_id=session.pk).order_by("pk")
        assert [row.detail for row in rows] == [
            {"changed": ["note"], "autosave": True},
            {"changed": ["kind"], "autosave": True},
        ]
        post(browser, session, "note", note="By hand")
        assert rows.all().count() == 3

    def test_another_sitting_writes_another_row(self, browser, session):
        from clients.actions.sessions import change_session

        user, now = session.clinician.user, timezone.now()
        for minutes in (-45, -20, 0):
            at = now + dt.timedelta(minutes=minutes)
            change_session(by=user, session=session, note=f"at {minutes}", autosave=True, at=at)
        assert AuditEvent.objects.filter(action="session.changed").count() == 2

    def test_no_note_is_in_the_audit_trail(self, browser, session):
        self.save(browser, session, "note", note="A secret")
        assert "secret" not in str(list(AuditEvent.objects.values()))

    def test_a_clash_gives_both(self, browser, session):
        old = seen(session)
        self.save(browser, session, "note", note="theirs")
        answer = browser.post(url("session_save", session.client, session.pk), old | {"part": "note", "note": "mine"})
        sent = answer.json()
        session.refresh_from_db()
        assert (answer.status_code, session.note) == (409, "theirs")
        assert (sent["stored"], sent["values"]["note"]) == ([["Session note", "theirs"]], "theirs")
        assert sent["seen"] == {"seen_at": session.changed_at.isoformat()}

    @pytest.mark.parametrize(
        ("part", "data", "field"),
        [
            ("facts", {"day": "", "time": "10:00"}, "day"),
            ("note", {"note": "x" * 20_001}, "note"),
            ("ratings", {"b01": "9"}, "b01"),
            ("focus", {"barriers": ["b01", "b02", "b03", "b04"]}, "barriers"),
            ("facts", {"attendance": "held", "day": "2030-01-01"}, "attendance"),
        ],
    )
    def test_what_is_refused_is_told_at_its_field(self, browser, session, part, data, field):
        typed = facts(session) | data if part == "facts" else data
        answer = self.save(browser, session, part, **typed)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])

    @pytest.mark.parametrize("part", ["", "event", "next", "close", "proposals"])
    def test_only_what_is_typed_is_autosaved(self, browser, session, part):
        assert self.save(browser, session, part).status_code == 400

    def test_ratings_are_a_draft_until_done_then_scored_at_once(self, browser, session):
        self.save(browser, session, "ratings", **{CONTROL: "2"})
        assert Response.objects.get().state == "draft"
        assert not AuditEvent.objects.filter(action="session.rated").exists()
        post(browser, session, "ratings", do="rate", **{CONTROL: "2"})
        self.save(browser, session, "ratings", **{CONTROL: "4"})
        row = Response.objects.get()
        assert (row.state, row.scores.get(scale="barriers.control").value) == ("submitted", 4)
        assert AuditEvent.objects.filter(action="session.rated").count() == 1

    def test_the_answer_tells_nothing_of_the_other_rater(self, browser, person, session):
        answered(person, answers={"control": 4}, at=session.starts_at - DAY)
        sent = self.save(browser, session, "ratings", **{CONTROL: "1"}).json()
        assert set(sent) == {"saved", "seen"}

    def test_facts_saved_as_they_are_write_nothing(self, browser, session):
        assert self.save(browser, session, "facts", **facts(session)).status_code == 200
        assert not AuditEvent.objects.filter(action="session.changed").exists()

    def test_a_moved_session_takes_its_scores_along(self, browser, session, clinician):
        rate(by=clinician.user, session=session, ratings={"control": 2})
        day = (session.starts_at - 3 * DAY).date().isoformat()
        self.save(browser, session, "facts", **facts(session, day=day))
        session.refresh_from_db()
        assert set(Response.objects.get().scores.values_list("at", flat=True)) == {session.starts_at}


class TestAfterwards:
    @pytest.fixture
    def ready(self, session, person, clinician):
        """Rated, in focus, the library loaded, nothing to fear."""
        publish_library()
        screened(person)
        FocusFactory(client=person, barrier="communication", state="active", slot=1, starts_on=dt.date(2026, 1, 1))
        rate(by=clinician.user, session=session, ratings={})
        return session

    def test_an_exercise_is_proposed_with_the_reason_and_taken_back(self, browser, ready, clinician):
        page = browser.get(page_of(ready))
        one = page.context["page"].homework.offered[0]
        assert one.suggestion.reason in page.content.decode()
        pk = str(one.version.pk)
        data = {"propose": [pk], f"words-{pk}": "Try it on Sunday."}
        answer = post(browser, ready, "proposals", do="propose", **data)
        assert answer["Location"] == page_of(ready) + "#afterwards"
        row = Proposal.objects.get()
        assert (row.session, row.version, row.barriers, row.words) == (
            ready,
            one.version,
            ["communication"],
            "Try it on Sunday.",
        )
        page = browser.get(page_of(ready))
        assert "Try it on Sunday." in page.content.decode()
        assert one.version not in [other.version for other in page.context["page"].homework.offered]
        post(browser, ready, do=f"back-{row.pk}")
        row.refresh_from_db()
        assert row.state == "withdrawn"

    def test_only_what_is_offered_is_proposed(self, browser, ready, person):
        SafetyFlagFactory(client=person)
        page = browser.get(page_of(ready))
        held = page.context["page"].homework.held_back[0].version
        answer = post(browser, ready, "proposals", do="propose", propose=[str(held.pk)])
        assert (errors(answer), Proposal.objects.count()) == ({"proposals": ["propose"]}, 0)

    def test_words_without_a_tick_are_asked_about(self, browser, ready):
        pk = browser.get(page_of(ready)).context["page"].homework.offered[0].version.pk
        answer = post(browser, ready, "proposals", do="save", **{f"words-{pk}": "Try it."})
        assert errors(answer) == {"proposals": ["propose"]}
        assert "Try it." in answer.content.decode()

    def test_another_clients_proposal_is_404(self, browser, ready, clinician):
        from homework.actions import propose

        other = client_of(clinician)
        version = next(iter(publish_library().values()))
        row = propose(by=clinician.user, client=other, version=version)
        assert post(browser, ready, do=f"back-{row.pk}").status_code == 404
        assert post(browser, ready, do="back-nonsense").status_code == 404
        row.refresh_from_db()
        assert row.state == "proposed"

    def test_nothing_is_suggested_before_rating(self, browser, session, person):
        publish_library()
        FocusFactory(client=person, barrier="control", state="active", slot=1, starts_on=dt.date(2026, 1, 1))
        assert "proposals" not in browser.get(page_of(session)).context["forms"]

    def test_the_next_date_is_the_same_weekday_and_time(self, browser, session):
        local = session.starts_at.astimezone(session.client.practice.zone)
        post(browser, session, "next", do="next", next_when="w1")
        added = TherapySession.objects.exclude(pk=session.pk).get()
        found = added.starts_at.astimezone(session.client.practice.zone)
        assert (found.date(), found.time()) == (local.date() + 7 * DAY, local.time())
        assert (added.kind, added.clinician, added.attendance) == (session.kind, session.clinician, "planned")

    def test_a_date_that_the_client_has_already_is_not_offered(self, browser, session, person, clinician):
        at = session.starts_at + 7 * DAY
        planned = SessionFactory(client=person, clinician=clinician, starts_at=at, attendance="planned")
        found = browser.get(page_of(session)).context["page"]
        assert ([offer.code for offer in found.offers], found.planned) == (["w2"], (planned,))

    def test_all_dates_to_come_are_named_up_to_three(self, browser, session, person, clinician):
        def plan(days):
            at = session.starts_at + days * DAY
            return SessionFactory(client=person, clinician=clinician, starts_at=at, attendance="planned")

        def card():
            html = browser.get(page_of(session)).content.decode()
            return html[html.index('id="next-date"') :].split("<fieldset")[0]

        SessionFactory(client=client_of(clinician), starts_at=session.starts_at + DAY, attendance="planned")
        assert "Planned:" not in card()
        first, second = plan(21), plan(3)
        found = card()
        assert found.index(page_of(second)) < found.index(page_of(first))
        assert (found.count("<li>"), "more" in found) == (2, False)
        last, _more = plan(30), plan(40)
        found = card()
        assert (page_of(last) in found, found.count("<li>"), "and 1 more" in found) == (True, 4, True)

    def test_another_date_needs_both(self, browser, session):
        page = post(browser, session, "next", do="next", next_when="other", next_day="", next_time="")
        assert errors(page) == {"next": ["next_day", "next_time"]}
        page = post(browser, session, "next", do="save", next_when="", next_day="2030-01-07", next_time="10:00")
        assert errors(page) == {"next": ["next_when"]}
        post(browser, session, "next", do="next", next_when="other", next_day="2030-01-07", next_time="10:00")
        added = TherapySession.objects.exclude(pk=session.pk).get()
        assert added.starts_at == dt.datetime(2030, 1, 7, 9, tzinfo=dt.UTC)

    def test_after_an_intake_comes_an_individual_session(self, browser, session):
        TherapySession.objects.update(kind="intake")
        post(browser, session, "next", do="next", next_when="w2")
        assert TherapySession.objects.exclude(pk=session.pk).get().kind == "individual"

    def test_double_booking_is_a_hint_not_a_refusal(self, client, browser, session, clinician):
        other = client_of(clinician, first_name="Toni", last_name="Hill")
        at = session.starts_at + 7 * DAY + dt.timedelta(minutes=30)
        SessionFactory(client=other, clinician=clinician, starts_at=at, attendance="planned")
        page = browser.get(page_of(session))
        assert [len(offer.near) for offer in page.context["page"].offers] == [1, 0]
        assert "Toni Hill" in page.content.decode()
        answer = browser.post(
            page_of(session), seen(session) | {"part": "next", "do": "next", "next_when": "w1"}, follow=True
        )
        assert any("Toni Hill" in text for text in said(answer))
        assert TherapySession.objects.filter(client=session.client, attendance="planned").count() == 1

    def test_who_is_not_in_ones_care_is_not_named_in_the_hint(self, browser, session, clinician):
        other = client_of(MembershipFactory(practice=clinician.practice), first_name="Toni", last_name="Hill")
        SessionFactory(client=other, clinician=clinician, starts_at=session.starts_at + 7 * DAY, attendance="planned")
        page = browser.get(page_of(session))
        assert [one.name for one in page.context["page"].offers[0].near] == [""]
        assert "Toni Hill" not in page.content.decode()

    def test_the_partners_row_goes_along_where_both_are_in_ones_care(self, browser, person, clinician, session):
        partner = client_of(clinician)
        couple = couple_of(person, partner)
        TherapySession.objects.update(kind="joint", couple=couple)
        SessionFactory(client=partner, clinician=clinician, starts_at=session.starts_at, kind="joint", couple=couple)
        page = browser.get(page_of(session))
        assert [row.client for row in page.context["page"].partners] == [partner]
        post(browser, session, "next", do="next", next_when="w1", next_partner="on")
        assert set(TherapySession.objects.filter(attendance="planned").values_list("client", flat=True)) == {
            person.pk,
            partner.pk,
        }


class TestClosing:
    @pytest.fixture
    def portal(self, person):
        """The client has a sign-in."""
        publish("after-session")
        person.user = UserFactory()
        person.save()
        return person

    def close(self, browser, session, **data):
        answer = browser.post(page_of(session), seen(session) | {"do": "close"} | data, follow=True)
        session.refresh_from_db()
        return answer

    def test_closing_asks_the_client_how_it_was_once(self, browser, portal, session):
        page = self.close(browser, session)
        assert session.closed_at is not None
        asked = Assignment.objects.get()
        assert (asked.version.instrument.slug, asked.session, asked.channel) == ("after-session", session, "portal")
        assert said(page) == ["The session is closed. The client is asked how it was."]
        closed_at = session.closed_at
        self.close(browser, session)
        post(browser, session, do="reopen")
        assert self.close(browser, session) is not None
        assert Assignment.objects.count() == 1
        assert session.closed_at > closed_at
        rows = AuditEvent.objects.filter(subject="therapysession").order_by("pk")
        assert list(rows.values_list("action", flat=True)) == ["session.closed", "session.reopened", "session.closed"]

    def test_attendance_must_be_decided_and_what_was_typed_is_kept(self, browser, session):
        TherapySession.objects.update(attendance="planned")
        page = post(browser, session, "facts", "note", do="close", **facts(session), note="Typed.")
        assert errors(page) == {"facts": ["attendance"]}
        assert "Typed." in page.content.decode()
        session.refresh_from_db()
        assert (session.closed_at, session.note) == (None, "")

    def test_deciding_and_closing_in_one(self, browser, session):
        TherapySession.objects.update(attendance="planned")
        post(browser, session, "facts", do="close", **facts(session, attendance="held"))
        session.refresh_from_db()
        assert (session.attendance, session.closed_at is not None) == ("held", True)

    @pytest.mark.parametrize(
        ("button", "chosen", "becomes"),
        [
            ("held", "planned", "held"),
            ("missed", "planned", "missed"),
            ("held", "late", "late"),  # what was chosen above holds
            ("nonsense", "planned", "planned"),
        ],
    )
    def test_what_became_of_it_and_closing_in_one_press(self, browser, session, button, chosen, becomes):
        TherapySession.objects.update(attendance="planned")
        post(browser, session, "facts", do=f"close-{button}", **facts(session, attendance=chosen))
        session.refresh_from_db()
        assert (session.attendance, session.closed_at is not None) == (becomes, becomes != "planned")

    @pytest.mark.parametrize("case", ["no sign-in", "switched off", "missed", "old", "open", "discharged"])
    def test_nobody_is_asked_in_vain(self, browser, portal, session, case):
        expected = 0
        if case == "no sign-in":
            portal.user = None
            portal.save()
        elif case == "switched off":
            portal.user.is_active = False
            portal.user.save()
        elif case == "missed":
            TherapySession.objects.update(attendance="missed")
        elif case == "old":
            TherapySession.objects.update(starts_at=timezone.now() - 5 * DAY)
        elif case == "open":
            ask(portal, "after-session")
            expected = 1
        else:
            portal.episodes.update(ends_on=session.starts_at.date(), reason="agreed")
        self.close(browser, session)
        assert (session.closed_at is not None, Assignment.objects.count()) == (True, expected)

    def test_a_closed_session_is_not_planned_again(self, browser, session):
        self.close(browser, session)
        page = post(browser, session, "facts", **facts(session, attendance="planned"))
        assert errors(page) == {"facts": ["attendance"]}

    def test_a_changed_note_keeps_what_it_said(self, browser, session, clinician):
        post(browser, session, "note", note="first")
        assert NoteRevision.objects.count() == 0
        self.close(browser, session)
        save = url("session_save", session.client, session.pk)
        for text in ("second", "third"):  # one sitting of typing: the text before it is kept
            browser.post(save, seen(session) | {"part": "note", "note": text})
        post(browser, session, "note", note="fourth")
        rows = NoteRevision.objects.order_by("replaced_at", "id")
        assert [(row.text, row.author, row.replaced_by) for row in rows] == [
            ("first", None, clinician.user),
            ("third", None, clinician.user),
        ]
        text = browser.get(page_of(session)).content.decode()
        assert "first" in text
        assert "third" in text

    def test_opening_it_again_keeps_the_note_too(self, browser, session):
        post(browser, session, "note", note="as closed")
        self.close(browser, session)
        post(browser, session, do="reopen")
        post(browser, session, "note", note="rewritten")
        assert [row.text for row in NoteRevision.objects.all()] == ["as closed"]

    def test_who_only_reads_does_not_close(self, client, session, clinician):
        owner = MembershipFactory(practice=clinician.practice, roles="owner")
        EmergencyFactory(client=session.client, membership=owner)
        client.force_login(owner.user)
        assert client.post(page_of(session), seen(session) | {"do": "close"}).status_code == 403
        session.refresh_from_db()
        assert session.closed_at is None


class TestPrivateNote:
    """The way to it stands within the session too, and says only to its author whether there is one."""

    WRITTEN, NONE = "You have written one about this session.", "You have written none about this session."

    def said(self, browser, session):
        html = browser.get(page_of(session)).content.decode()
        return self.WRITTEN in html, self.NONE in html, html.count("data-save-first")

    def test_whether_there_is_one(self, browser, session):
        assert self.said(browser, session) == (False, True, 2)
        note = PrivateNoteFactory(session=session, text="")
        assert self.said(browser, session) == (False, True, 2)
        note.text = "Mine."
        note.save()
        assert self.said(browser, session) == (True, False, 2)
        assert "Mine." not in browser.get(page_of(session)).content.decode()

    def test_a_colleagues_note_is_told_to_nobody(self, browser, session, person):
        colleague = MembershipFactory(practice=person.practice)
        CareFactory(client=person, clinician=colleague, role="co")
        PrivateNoteFactory(session=session, author=colleague)
        assert self.said(browser, session) == (False, True, 2)

    def test_who_only_reads_has_no_panel(self, client, session, person):
        reader = MembershipFactory(practice=person.practice, roles="owner")
        EmergencyFactory(client=person, membership=reader)
        client.force_login(reader.user)
        assert self.said(client, session) == (False, False, 0)
