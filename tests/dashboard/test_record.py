"""The record's reading pages: the barrier map, one barrier, what is due and what changed, safety words."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.actions.rating import rate
from assessments.queries.barriers import barrier_columns
from clients.barriers import BY_CODE, CODES
from clients.models import FocusBarrier, SafetyFlag
from dashboard.mapgrid import grid
from dashboard.queries.record import overview, screen_state
from reports.builders.barrier_map import build_barrier_map, ends_of, trajectory_ends
from tests.factories.assessments import answered, ask
from tests.factories.clients import (
    CareFactory,
    ClientFactory,
    FocusFactory,
    LifeEventFactory,
    SafetyFlagFactory,
    SessionFactory,
    client_of,
    couple_of,
    screened,
)
from tests.factories.practice import MembershipFactory, SupervisionFactory
from tests.factories.reports import course

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 5, 20, 12, 0, tzinfo=dt.UTC)
WEEK = dt.timedelta(days=7)


@pytest.fixture
def clinician():
    return MembershipFactory()


@pytest.fixture
def person(clinician):
    return client_of(clinician)


@pytest.fixture
def browser(client, clinician):
    client.force_login(clinician.user)
    return client


def url(name, person, *args):
    return reverse(f"dashboard:{name}", args=[person.pk, *args])


def words(markup: str) -> str:
    """What a screen reader reads of markup."""
    visible = re.sub(r'<span[^>]*aria-hidden="true"[^>]*>[^<]*</span>', "", str(markup))
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", visible)).replace(" ,", ",").strip()


def queries(browser, address) -> int:
    """How many queries the page takes, once what is kept in the process and the session is there."""
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return len(captured)


def about(person, partner):
    """From now on the answers are about this relationship."""
    person.relationship = partner
    person.save(update_fields=["relationship"])


def two_sessions(person, clinician):
    """Answers before each of two sessions, a rating of the first, and answers since then."""
    first = SessionFactory(client=person, clinician=clinician, starts_at=NOW - 3 * WEEK)
    second = SessionFactory(client=person, clinician=clinician, starts_at=NOW - 2 * WEEK)
    responses = [
        answered(person, answers={**dict.fromkeys(CODES, 2), "control": value}, at=at)
        for value, at in ((4, NOW - 4 * WEEK), (3, NOW - 15 * WEEK / 7), (1, NOW - WEEK))
    ]
    rating = rate(by=clinician.user, session=first, ratings={"control": 2}, at=NOW - 3 * WEEK)
    return first, second, responses, rating


class TestMap:
    def test_columns_are_held_sessions_and_since_then(self, browser, person, clinician):
        first, second, (before_first, before_second, since), rating = two_sessions(person, clinician)
        SessionFactory(client=person, clinician=clinician, starts_at=NOW - dt.timedelta(days=3), attendance="missed")
        page = browser.get(url("client", person))
        control = page.context["grid"].rows[CODES.index("control")]
        links = re.findall(r'<a class="(\S+) (\S+)" href="([^"]+)">', control.cells)
        assert links == [
            ("h-client", "heat-4", url("response", person, before_first.pk)),
            ("h-clinician", "heat-2", url("response", person, rating.pk)),
            ("h-client", "heat-3", url("response", person, before_second.pk)),
            ("h-client", "heat-1", url("response", person, since.pk)),
        ]
        assert words(control.cells) == "client 4 clinician 2 client 3 client 1"
        assert (control.change, control.count) == ("−3", 3)
        heads = re.findall(r'href="([^"]+)"', page.context["grid"].heads)
        assert heads == [url("session", person, first.pk), url("session", person, second.pk)]
        assert "Since then" in page.context["grid"].heads

    def test_nothing_rated_is_said(self, person, clinician):
        SessionFactory(client=person, clinician=clinician, starts_at=NOW - 3 * WEEK)
        answered(person, answers={"control": 0}, at=NOW - 4 * WEEK)
        made = grid(person.pk, build_barrier_map(person, person.episodes.get()))
        assert words(made.rows[CODES.index("control")].cells) == "client 0"
        assert words(made.rows[CODES.index("power")].cells) == "not rated"

    def test_focus_is_marked_while_it_lasted(self, person, clinician):
        two_sessions(person, clinician)
        day = (NOW - 2 * WEEK).date()
        FocusFactory(client=person, barrier="control", state="active", slot=1, starts_on=day)
        FocusFactory(client=person, barrier="power", state="ended", starts_on=dt.date(2020, 1, 1), ends_on=day - WEEK)
        found = overview(person, person.episodes.get(), at=NOW)
        made = grid(person.pk, found.plan)
        control, power = made.rows[CODES.index("control")], made.rows[CODES.index("power")]
        assert (control.is_focus, power.is_focus) == (True, False)
        assert words(control.cells) == "client 4 clinician 2 client 3, in focus client 1, in focus"
        assert words(power.cells) == "client 2, in focus client 2 client 2"
        assert [line.row.code for line in found.focus] == ["control"]

    def test_life_events_stand_above_their_column(self, person, clinician):
        two_sessions(person, clinician)
        day = (NOW - 20 * WEEK / 7).date()
        LifeEventFactory(client=person, kind="grief", happened_on=day)
        LifeEventFactory(client=person, kind="move", happened_on=day, withdrawn_at=NOW)
        made = grid(person.pk, overview(person, person.episodes.get(), at=NOW).plan)
        cells = re.findall(r"<td>(.*?)</td>", made.marks)
        assert [words(cell) for cell in cells] == ["", f"a : Loss or grief, {day:%-d %b %Y}", ""]
        assert [(event.mark, event.kind) for event in made.events] == [("a", "Loss or grief")]

    def test_twin_has_the_same_numbers(self, person, clinician):
        first, second, *_ = two_sessions(person, clinician)
        plan = build_barrier_map(person, person.episodes.get())
        rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', grid(person.pk, plan).twin)
        place = CODES.index("control")
        numbers = [re.findall(r'<td class="num">(.*?)</td>', cells)[place] for _label, cells in rows]
        assert numbers == ["1 / –", "3 / –", "4 / 2"]
        assert [label for label, _cells in rows][1:] == [f"{one.starts_at:%-d %b %Y}" for one in (second, first)]

    def test_assembled_map_is_the_map_of_the_report(self, person, clinician):
        """One calculation: the overview's map of rows read once, and the builder's own, which the report uses."""
        two_sessions(person, clinician)
        FocusFactory(client=person, barrier="control", state="active", slot=1, starts_on=(NOW - 2 * WEEK).date())
        LifeEventFactory(client=person, happened_on=(NOW - 3 * WEEK).date())
        episode = person.episodes.get()
        assert overview(person, episode, at=NOW).plan == build_barrier_map(person, episode)

    def test_ends_are_those_of_the_trajectories(self, person):
        """Also with a second relationship, and with items left open."""
        for days, answers, partner in (
            (40, {"control": 4, "power": 3, "norms": 4}, "husband"),
            (30, {"control": 2}, "husband"),
            (20, {"control": 1, "norms": 0}, "Kim"),
            (10, {"control": 3}, "Kim"),
            (3, {"norms": 3}, "husband"),
        ):
            about(person, partner)
            answered(person, answers=answers, at=NOW - dt.timedelta(days=days))
        episode = person.episodes.get()
        found = ends_of(barrier_columns(person, episode).sent)
        assert found == trajectory_ends(person, episode)
        assert (found["control"].baseline, found["control"].latest, found["control"].count) == (1, 3, 2)
        assert (found["power"].baseline, found["power"].latest, found["power"].count) == (3, 3, 1)
        assert (found["norms"].baseline, found["norms"].latest, found["norms"].count) == (4, 3, 2)

    def test_nothing_yet_says_what_to_do(self, browser, person):
        page = browser.get(url("client", person))
        assert page.context["grid"] is None
        assert f'href="{url("assign", person)}">Ask the client</a>' in page.content.decode()

    def test_without_episode(self, browser, clinician):
        person = ClientFactory(practice=clinician.practice, episode__skip=True)
        CareFactory(client=person, clinician=clinician)
        for name in ("client", "client_measures", "client_homework"):
            assert browser.get(url(name, person)).status_code == 200


class TestOverview:
    def test_sessions_and_work(self, person, clinician):
        now = timezone.now()
        held = SessionFactory(client=person, clinician=clinician, starts_at=now - WEEK)
        SessionFactory(client=person, clinician=clinician, starts_at=now + 2 * WEEK, attendance="planned")
        coming = SessionFactory(client=person, clinician=clinician, starts_at=now + WEEK, attendance="planned")
        SessionFactory(client=person, clinician=clinician, starts_at=now + dt.timedelta(1), attendance="cancelled")
        late = ask(person, at=now - WEEK, due_on=(now - dt.timedelta(2)).date())
        ask(person, "attunement", at=now - WEEK)
        ask(ClientFactory(practice=person.practice), "attunement", at=now)
        found = overview(person, person.episodes.get())
        assert (found.last, found.next, found.held) == (held, coming, 1)
        assert found.work[0].pk == late.pk
        assert (len(found.work), found.overdue) == (2, 1)

    def test_what_changed_in_raw_numbers(self, person, clinician):
        _first, _second, (_, before, since), _ = two_sessions(person, clinician)
        found = overview(person, person.episodes.get(), at=NOW).since
        assert (found.before, found.day) == (before.submitted_at.date(), since.submitted_at.date())
        assert [(one.name, one.before, one.now) for one in found.moved] == [("Control issues", 3, 1)]
        assert (found.same, found.unanswered) == (11, 0)

    def test_nothing_changed_while_there_is_one_answer(self, person):
        answered(person, at=NOW - WEEK)
        assert overview(person, person.episodes.get(), at=NOW).since is None

    def test_another_relationship_is_not_compared(self, person, clinician):
        for days, partner in ((20, "husband"), (10, "Kim")):
            SessionFactory(client=person, clinician=clinician, starts_at=NOW - dt.timedelta(days=days - 1))
            about(person, partner)
            answered(person, at=NOW - dt.timedelta(days=days))
        assert overview(person, person.episodes.get(), at=NOW).since is None

    def test_proposals_wait_in_the_form(self, browser, person):
        FocusFactory(client=person, barrier="control", proposed_by_client=True)
        FocusFactory(client=person, barrier="power", state="active", slot=1, starts_on=dt.date(2026, 1, 1))
        page = browser.get(url("client", person))
        form = re.search(
            rf'<form method="post" action="{url("client_focus", person)}".*?</form>', page.content.decode(), re.S
        )
        ticked = re.findall(r'value="(b\d\d)" id="focus-b\d\d" checked', form[0])
        assert ticked == [BY_CODE["control"].opaque, BY_CODE["power"].opaque]
        browser.post(url("client_focus", person), {"barriers": ticked})
        active = FocusBarrier.objects.filter(client=person, state="active")
        assert set(active.values_list("barrier", flat=True)) == {"control", "power"}

    def test_more_proposals_than_room_are_not_ticked(self, person):
        for code in ("control", "power", "norms"):
            FocusFactory(client=person, barrier=code, proposed_by_client=True)
        FocusFactory(client=person, barrier="past", state="active", slot=1, starts_on=dt.date(2026, 1, 1))
        found = overview(person, person.episodes.get())
        assert found.ticked == {BY_CODE["past"].opaque}
        assert len(found.proposed) == 3

    def test_events_are_the_latest_first_and_inert(self, browser, person):
        for month in range(1, 8):
            LifeEventFactory(client=person, happened_on=dt.date(2026, month, 1), note=f"<script>{month}</script>")
        page = browser.get(url("client", person))
        assert [event.happened_on.month for event in page.context["found"].events] == [7, 6, 5, 4, 3]
        assert "&lt;script&gt;7&lt;/script&gt;" in page.content.decode()
        assert "<script>7" not in page.content.decode()

    def test_nobody_elses_rows(self, browser, person, clinician):
        """The partner is in the same care; still nothing of theirs stands on this record."""
        partner = client_of(clinician)
        couple_of(person, partner)
        LifeEventFactory(client=partner, note="Partner's secret.")
        FocusFactory(client=partner, barrier="power", state="active", slot=1, starts_on=dt.date(2026, 1, 1))
        SafetyFlagFactory(client=partner)
        answered(partner, at=NOW)
        page = browser.get(url("client", person))
        found = page.context["found"]
        assert (found.events, found.focus, found.submissions, page.context["grid"]) == ((), (), 0, None)
        assert page.context["frame"].flags == []
        assert "secret" not in page.content.decode()


class TestSafetyWords:
    @pytest.mark.parametrize(
        ("cleared", "flag", "code", "text"),
        [
            (None, None, "none", "Not cleared: no safety screen yet."),
            (True, None, "nothing", "Nothing reported on 5 Jan 2026."),
            (False, None, "unanswered", "Not cleared: on 5 Jan 2026 questions were left open or not answered."),
            (True, "open", "flag", "Answered on 5 Jan 2026. A safety flag is open."),
            (True, "closed", "closed", "Something was reported on 5 Jan 2026; its flag is closed."),
        ],
    )
    def test_words(self, browser, clinician, person, cleared, flag, code, text):
        if cleared is not None:
            screened(person, cleared)
        if flag:
            SafetyFlagFactory(
                client=person, raised_at=dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC), **_state(flag, clinician)
            )
        page = browser.get(url("client", person))
        assert page.context["screen"] == code
        panel = re.search(r'<h2 id="safety-title">.*?</section>', page.content.decode(), re.S)[0]
        assert re.search(r"<strong>(.*?)</strong>", panel)[1] == text
        assert not re.search(r"\bsafe\b", panel)

    def test_a_flag_of_another_day_does_not_change_what_the_screen_said(self, clinician, person):
        screened(person)
        SafetyFlagFactory(
            client=person, raised_at=dt.datetime(2026, 3, 5, tzinfo=dt.UTC), **_state("closed", clinician)
        )
        assert screen_state(person, list(SafetyFlag.objects.filter(client=person))) == "nothing"


def _state(state, clinician):
    at = timezone.now()
    closed = {"closed_at": at, "closed_by": clinician.user} if state == "closed" else {}
    done = {"acknowledged_at": at, "acknowledged_by": clinician.user} if state != "open" else {}
    return {"state": state, **done, **closed}


class TestReader:
    """What a supervisor, who may read, neither sees nor is offered."""

    @pytest.fixture
    def supervisor(self, client, clinician, person):
        member = MembershipFactory(practice=clinician.practice, roles="supervisor")
        SupervisionFactory(supervisor=member, supervisee=clinician)
        client.force_login(member.user)
        session = client.session
        session["reasons"] = {str(person.pk): int(timezone.now().timestamp())}
        session.save()
        return client

    def test_no_safety_and_no_buttons(self, supervisor, person):
        SafetyFlagFactory(client=person)
        page = supervisor.get(url("client", person))
        text = page.content.decode()
        assert page.context["screen"] == ""
        assert ("Safety" in text, "safety flag" in text) == (False, False)
        for name in ("assign", "client_focus", "client_event_add", "session_add"):
            assert url(name, person) not in text

    def test_clinician_sees_them(self, browser, person):
        SafetyFlagFactory(client=person)
        text = browser.get(url("client", person)).content.decode()
        for name in ("assign", "client_focus", "client_event_add", "session_add"):
            assert url(name, person) in text
        assert "Safety screen" in text


class TestBarrier:
    def test_both_series_apart_with_raw_changes(self, browser, person, clinician):
        two_sessions(person, clinician)
        page = browser.get(url("barrier", person, BY_CODE["control"].opaque)).context["page"]
        sides = [
            (side.is_clinician, side.baseline, side.latest, side.from_baseline, side.from_previous, side.count)
            for side in page.sides
        ]
        assert sides == [(False, "4", "1", "−3", "−2", 3), (True, "2", "2", "", "", 1)]
        drawn = {one.who: [point.value for point in one.points] for one in page.chart.picture.series}
        assert drawn == {"client": [4, 3, 1], "clinician": [2]}

    def test_words_on_verdict_and_focus(self, browser, person, clinician):
        two_sessions(person, clinician)
        address = url("barrier", person, BY_CODE["control"].opaque)
        plain = browser.get(address).content.decode()
        assert "no verdict is drawn from one answer" in plain
        assert "some fall is expected" not in plain
        FocusFactory(client=person, barrier="control", state="active", slot=1, starts_on=(NOW - 2 * WEEK).date())
        focused = browser.get(address)
        assert "some fall is expected" in focused.content.decode()
        assert focused.context["page"].in_focus

    def test_nothing_rated(self, browser, person):
        page = browser.get(url("barrier", person, "b01"))
        assert (page.context["page"].chart, page.context["page"].sides) == (None, ())

    @pytest.mark.parametrize("code", ["b13", "control", "b00", "x"])
    def test_unknown_code(self, browser, person, code):
        assert browser.get(url("barrier", person, code)).status_code == 404


class TestCost:
    def test_overview_takes_the_same_queries_whatever_its_length(self, browser, clinician):
        counts = [queries(browser, url("client", course(size, clinician, seed=size))) for size in (1, 3, 30)]
        assert counts == [counts[0]] * 3
        assert counts[0] <= 15

    @pytest.mark.parametrize("name", ["client_measures", "client_homework"])
    def test_tabs(self, browser, clinician, name):
        counts = [queries(browser, url(name, course(size, clinician, seed=size))) for size in (1, 3)]
        assert counts == [counts[0]] * 2
        assert counts[0] <= 20

    def test_barrier(self, browser, clinician):
        counts = [queries(browser, url("barrier", course(size, clinician, seed=size), "b07")) for size in (1, 3)]
        assert counts == [counts[0]] * 2
        assert counts[0] <= 15

    def test_name_is_in_no_address_and_no_title(self, browser, clinician):
        person = course(3, clinician)
        text = browser.get(url("client", person)).content.decode()
        hrefs = " ".join(re.findall(r'(?:href|action|src)="([^"]*)"', text)).lower()
        title = re.search(r"<title>(.*?)</title>", text)[1].lower()
        for word in ("mara", "quist", *CODES):
            assert word not in hrefs
            assert word not in title
