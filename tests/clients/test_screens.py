"""Staff screens of client administration: what is kept, refused, shown and counted."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.actions.care import assign_care, end_couple, link_couple
from clients.models import CareAssignment, Client, ClientInvitation, Couple, Episode, FocusBarrier, LifeEvent
from practice import audit, tokens
from practice.models import AuditEvent, OutboxMessage
from tests.factories.clients import (
    CareFactory,
    ClientFactory,
    EmergencyFactory,
    FocusFactory,
    LifeEventFactory,
    SafetyFlagFactory,
    SessionFactory,
    client_of,
    couple_of,
    screened,
)
from tests.factories.practice import LONG_AGO, MembershipFactory, SupervisionFactory, UserFactory

PERSON = {
    "first_name": "Robin",
    "last_name": "Hill",
    "safe_contact": "none",
    "contact_from": "9",
    "contact_to": "19",
}


@pytest.fixture
def record(clinician):
    """The client whose record is opened (``client`` is pytest-django's browser)."""
    return client_of(clinician, first_name="Robin", last_name="Hill", email="robin@example.test")


@pytest.fixture
def browser(client, clinician):
    client.force_login(clinician.user)
    return client


def url(name, *args):
    return reverse(f"dashboard:{name}", args=args)


def errors(response):
    """The messages at each field of the page's form."""
    return {name: list(messages) for name, messages in response.context["form"].errors.items()}


# --- adding and changing ----------------------------------------------------------------------------------------


def test_a_clinician_adds_a_client_of_their_own(browser, clinician):
    data = PERSON | {"clinician": clinician.pk, "starts_on": "2026-01-05", "contact_note": "only mornings"}
    response = browser.post(url("client_add"), data)
    added = Client.objects.get()
    assert response["Location"] == url("client", added.pk)
    assert (added.code, added.contact_note) == ("C-0001", "only mornings")
    assert added.careassignments.get().clinician == clinician


def test_a_clinicians_form_does_not_take_another_clinician(browser, practice):
    other = MembershipFactory(practice=practice)
    response = browser.post(url("client_add"), PERSON | {"clinician": other.pk, "starts_on": "2026-01-05"})
    assert (response.status_code, list(errors(response)), Client.objects.count()) == (200, ["clinician"], 0)


def test_an_owner_adds_for_a_clinician_and_returns_to_the_roster(client, owner, clinician):
    client.force_login(owner.user)
    page = client.get(url("client_add"))
    assert list(page.context["form"].fields["clinician"].queryset) == [clinician]
    response = client.post(url("client_add"), PERSON | {"clinician": clinician.pk, "starts_on": "2026-01-05"})
    assert response["Location"] == url("roster")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"first_name": ""}, "first_name"),
        ({"last_name": "x" * 81}, "last_name"),
        ({"safe_contact": "email"}, "email"),
        ({"email": "nonsense"}, "email"),
        ({"contact_from": "20"}, "contact_to"),
        ({"contact_from": "25"}, "contact_from"),
        ({"starts_on": "32.13.2026"}, "starts_on"),
        ({"starts_on": "1899-12-31"}, "starts_on"),
        ({"starts_on": "2999-01-01"}, "starts_on"),
        ({"safe_contact": "pigeon"}, "safe_contact"),
    ],
)
def test_bad_input_is_told_at_its_field_and_kept(browser, clinician, change, field):
    typed = (
        PERSON | {"clinician": clinician.pk, "starts_on": "2026-01-05", "contact_note": "Call at <b>ten</b>"} | change
    )
    response = browser.post(url("client_add"), typed)
    assert (response.status_code, list(errors(response)), Client.objects.count()) == (200, [field], 0)
    text = response.content.decode()
    assert "Call at &lt;b&gt;ten&lt;/b&gt;" in text
    assert 'role="alert"' in text


def test_care_begins_today_at_the_latest(browser, clinician, practice):
    """Tomorrow's record would open to nobody, and the page after adding would be a 404."""
    today = practice.today()
    typed = PERSON | {"clinician": clinician.pk, "starts_on": (today + dt.timedelta(days=1)).isoformat()}
    response = browser.post(url("client_add"), typed)
    assert (response.status_code, list(errors(response)), Client.objects.count()) == (200, ["starts_on"], 0)
    response = browser.post(url("client_add"), typed | {"starts_on": today.isoformat()}, follow=True)
    assert (response.status_code, response.context["client"]) == (200, Client.objects.get())


def test_a_known_name_is_asked_about_once(browser, clinician, record):
    data = PERSON | {"first_name": "ROBIN", "clinician": clinician.pk, "starts_on": "2026-01-05"}
    assert 'name="another"' not in browser.get(url("client_add")).content.decode()
    response = browser.post(url("client_add"), data)
    assert list(errors(response)) == ["another"]
    assert record.code in errors(response)["another"][0]
    assert 'name="another"' in response.content.decode()
    browser.post(url("client_add"), data | {"another": "on"})
    assert Client.objects.count() == 2


@pytest.mark.parametrize("where", ["colleague", "far"])
def test_clients_one_may_not_see_are_not_given_away(browser, clinician, practice, where):
    """Somebody of the same name in a colleague's care: nothing is asked, since the question would tell."""
    client_of(MembershipFactory(practice=practice) if where == "colleague" else MembershipFactory(), last_name="Hill")
    Client.objects.update(first_name="Robin", email="robin@example.test")
    data = PERSON | {"email": "robin@example.test", "clinician": clinician.pk, "starts_on": "2026-01-05"}
    assert browser.post(url("client_add"), data).status_code == 302
    assert Client.objects.count() == 2


def test_changing_a_client(browser, record):
    page = browser.get(url("client_edit", record.pk))
    assert page.context["form"]["email"].value() == "robin@example.test"
    data = PERSON | {"called": "Rob", "safe_contact": "email", "email": "r@example.test", "contact_to": "24"}
    assert browser.post(url("client_edit", record.pk), data)["Location"] == url("client", record.pk)
    record.refresh_from_db()
    assert (record.called, record.email, record.contact_to) == ("Rob", "r@example.test", 24)
    data["email"] = ""
    response = browser.post(url("client_edit", record.pk), data)
    assert errors(response) == {"email": ["Messages by e-mail need an address."]}


# --- invitation -------------------------------------------------------------------------------------------------


def test_the_link_is_shown_once_and_again_on_request(browser, record):
    page = url("client_invite", record.pk)
    assert browser.post(page, {"do": "make"})["Location"] == page
    token = tokens.token_for(ClientInvitation.objects.get())
    first = browser.get(page).content.decode()
    assert token in first
    assert "data:image/svg+xml;base64," in first
    assert token not in browser.get(page).content.decode()
    browser.post(page, {"do": "show"})
    assert token in browser.get(page).content.decode()
    browser.post(page, {"do": "revoke"})
    assert not ClientInvitation.objects.get().is_live(dt.datetime.now(dt.UTC))
    browser.post(page, {"do": "show"})
    assert token not in browser.get(page).content.decode()
    actions = list(AuditEvent.objects.exclude(action="opened").order_by("pk").values_list("action", flat=True))
    assert actions[-4:] == [
        "client.invited",
        "client.invitation_shown",
        "client.invitation_revoked",
        "client.invitation_shown",
    ]


def test_sending_needs_the_clients_wish(browser, record):
    browser.post(url("client_invite", record.pk), {"do": "send"})
    assert not OutboxMessage.objects.exists()
    Client.objects.update(safe_contact="email")
    assert 'value="send"' in browser.get(url("client_invite", record.pk)).content.decode()
    browser.post(url("client_invite", record.pk), {"do": "send"})
    assert OutboxMessage.objects.get().template == "client-invitation"


def test_an_unknown_button_does_nothing(browser, record):
    browser.post(url("client_invite", record.pk), {"do": "drop"})
    assert not ClientInvitation.objects.exists()


# --- care team --------------------------------------------------------------------------------------------------


def test_the_care_team_changes(browser, record, practice, clinician):
    colleague = MembershipFactory(practice=practice)
    today = practice.today()
    response = browser.post(
        url("client_care", record.pk), {"role": "cover", "clinician": colleague.pk, "starts_on": today.isoformat()}
    )
    assert errors(response) == {"ends_on": ["A cover needs a last day."]}
    assert f'value="{colleague.pk}" selected' in response.content.decode()
    data = {"role": "co", "clinician": colleague.pk, "starts_on": today.isoformat()}
    assert browser.post(url("client_care", record.pk), data)["Location"] == url("client_care", record.pk)
    row = CareAssignment.objects.get(clinician=colleague)
    end = url("client_care_end", record.pk, row.pk)
    assert browser.get(end).status_code == 200
    assert errors(browser.post(end, {"ends_on": "2019-01-01"})) == {"ends_on": ["The end is before the beginning."]}
    browser.post(end, {"ends_on": today.isoformat()})
    row.refresh_from_db()
    assert row.ends_on == today


def test_who_hands_over_leaves_the_record(browser, record, practice):
    colleague = MembershipFactory(practice=practice)
    data = {"role": "primary", "clinician": colleague.pk, "starts_on": practice.today().isoformat()}
    assert browser.post(url("client_care", record.pk), data)["Location"] == reverse("home")
    assert browser.get(url("client_sessions", record.pk)).status_code == 404


@pytest.mark.parametrize(
    ("moves", "words"),
    [(True, "Sessions that the former one planned from that day on move too."), (False, "planned stay as they are.")],
)
def test_what_is_planned_goes_with_the_client(browser, record, clinician, practice, moves, words):
    colleague, third = MembershipFactory(practice=practice), MembershipFactory(practice=practice)
    today, now = practice.today(), dt.datetime.now(dt.UTC)
    planned = {"client": record, "clinician": clinician, "attendance": "planned"}
    before = SessionFactory(**planned, starts_at=now + dt.timedelta(days=2))
    after = SessionFactory(**planned, starts_at=now + dt.timedelta(days=9))
    others = SessionFactory(**planned | {"clinician": third}, starts_at=now + dt.timedelta(days=10))
    page = browser.get(url("client_care", record.pk))
    assert page.context["form"]["sessions"].value() is True
    data = {"role": "primary", "clinician": colleague.pk, "starts_on": today + dt.timedelta(days=5)}
    page = browser.post(url("client_care", record.pk), data | ({"sessions": "on"} if moves else {}), follow=True)
    (said,) = [str(one) for one in page.context["messages"]]
    assert said.startswith(f"{colleague} is the primary clinician of {record.full_name} from ")
    assert said.endswith(words)
    for row in (before, after, others):
        row.refresh_from_db()
    to = colleague if moves else clinician
    assert [row.clinician for row in (before, after, others)] == [clinician, to, third]
    detail = AuditEvent.objects.get(action="care.assigned").detail
    assert detail == {"role": "primary", "clinician": str(colleague.pk)} | ({"sessions": 1} if moves else {})


def test_a_co_therapist_takes_no_sessions(browser, record, clinician, practice):
    colleague = MembershipFactory(practice=practice)
    when = dt.datetime.now(dt.UTC) + dt.timedelta(days=2)
    row = SessionFactory(client=record, clinician=clinician, attendance="planned", starts_at=when)
    data = {"role": "co", "clinician": colleague.pk, "starts_on": practice.today(), "sessions": "on"}
    browser.post(url("client_care", record.pk), data)
    row.refresh_from_db()
    assert row.clinician == clinician


def test_choices_hold_nobody_of_another_practice(browser, record, clinician, practice):
    MembershipFactory()
    MembershipFactory(practice=practice, roles="supervisor")
    MembershipFactory(practice=practice, ends_on=practice.today() - dt.timedelta(days=1))
    page = browser.get(url("client_care", record.pk))
    assert list(page.context["form"].fields["clinician"].queryset) == [clinician]


def test_the_owner_sees_the_care_team_and_nothing_clinical(client, owner, record):
    client.force_login(owner.user)
    SafetyFlagFactory(client=record)
    couple_of(record, ClientFactory(practice=owner.practice, last_name="Valley"))
    text = client.get(url("client_care", record.pk)).content.decode()
    assert record.full_name in text
    for word in ("robin@example.test", "Safety flag", "Valley", "Couple", url("client_sessions", record.pk)):
        assert word not in text


# --- couple -----------------------------------------------------------------------------------------------------


def test_linking_tells_the_clinician_alone_why_not(browser, record, clinician):
    partner = screened(client_of(clinician, first_name="Sascha"))
    data = {"partner": partner.pk, "starts_on": "2026-01-05"}
    response = browser.post(url("client_couple", record.pk), data)
    assert list(errors(response)) == ["partner"]
    assert "Robin: no safety screen" in errors(response)["partner"][0]
    assert not Couple.objects.exists()
    screened(record)
    assert browser.post(url("client_couple", record.pk), data)["Location"] == url("client", record.pk)
    browser.post(url("client_couple", record.pk), {"ends_on": "2026-01-06"})
    assert Couple.objects.get().ends_on == dt.date(2026, 1, 6)


def test_only_unlinked_clients_in_ones_care_are_offered(browser, record, clinician, practice):
    free = client_of(clinician)
    couple_of(client_of(clinician), client_of(clinician))
    client_of(MembershipFactory(practice=practice))
    cover = ClientFactory(practice=practice)
    CareFactory(client=cover, clinician=clinician, role="cover", ends_on=practice.today())
    page = browser.get(url("client_couple", record.pk))
    assert list(page.context["form"].fields["partner"].queryset) == [free]


@pytest.mark.parametrize("mine", [True, False])
def test_the_partners_name_is_for_their_clinician(browser, record, clinician, practice, mine):
    carer = clinician if mine else MembershipFactory(practice=practice)
    couple_of(record, client_of(carer, first_name="Sascha", last_name="Valley"))
    text = browser.get(url("client_sessions", record.pk)).content.decode()
    assert ("Valley" in text) is mine
    assert ("in another clinician’s care" in text) is not mine


# --- discharge, return, focus, events ---------------------------------------------------------------------------


def test_discharge_and_return(browser, record):
    today = record.practice.today()
    data = {"reason": "", "ends_on": today.isoformat(), "closing_note": "It went well."}
    response = browser.post(url("client_discharge", record.pk), data)
    assert list(errors(response)) == ["reason"]
    assert "It went well." in response.content.decode()
    assert browser.post(url("client_discharge", record.pk), data | {"reason": "agreed"}).status_code == 302
    assert Episode.objects.get().closing_note == "It went well."
    assert browser.get(url("client_sessions", record.pk)).status_code == 200
    assert browser.post(url("client_return", record.pk), {"starts_on": "2019-01-01"}).status_code == 200
    browser.post(url("client_return", record.pk), {"starts_on": today.isoformat()})
    assert list(Episode.objects.order_by("number").values_list("number", "ends_on")) == [(1, today), (2, None)]


def test_the_focus_page_shows_proposals_and_decides(browser, record):
    FocusFactory(client=record, barrier="control", proposed_by_client=True)
    FocusFactory(client=record, barrier="past", state="active", slot=1, starts_on=LONG_AGO)
    page = browser.get(url("client_focus", record.pk))
    marks = {barrier.code: (chosen, bool(proposal)) for barrier, chosen, proposal in page.context["rows"]}
    assert {code: mark for code, mark in marks.items() if mark != (False, False)} == {
        "past": (True, False),
        "control": (False, True),
    }
    response = browser.post(url("client_focus", record.pk), {"barriers": ["b01", "b02", "b03", "b04"]})
    assert errors(response) == {"barriers": ["Choose up to 3 barriers."]}
    assert response.content.decode().count(" checked") == 4
    for bad in ("communication", "b13"):
        assert list(errors(browser.post(url("client_focus", record.pk), {"barriers": [bad]}))) == ["barriers"]
    browser.post(url("client_focus", record.pk), {"barriers": ["b10", "b07"]})
    active = FocusBarrier.objects.filter(state="active").values_list("barrier", flat=True)
    assert sorted(active) == ["communication", "control"]


def test_life_events_come_and_go(browser, record):
    session = SessionFactory(client=record)
    page = url("client_event_add", record.pk)
    response = browser.post(page, {"kind": "", "happened_on": "2026-01-05", "note": "typed"})
    assert list(errors(response)) == ["kind"]
    assert 'value="typed"' in response.content.decode()
    response = browser.post(f"{page}?session={session.pk}", {"kind": "move", "happened_on": "2026-01-05"})
    assert response["Location"] == url("session", record.pk, session.pk)
    event = LifeEvent.objects.get()
    assert event.session == session
    response = browser.post(url("client_event_withdraw", record.pk, event.pk), follow=True)
    assert url("client_event_restore", record.pk, event.pk) in response.content.decode()
    event.refresh_from_db()
    assert event.withdrawn_at is not None
    browser.post(url("client_event_restore", record.pk, event.pk))
    event.refresh_from_db()
    assert event.withdrawn_at is None


@pytest.mark.parametrize("value", ["nonsense", "other"])
def test_a_session_in_the_address_must_be_the_clients(browser, record, value):
    other = SessionFactory()
    text = str(other.pk) if value == "other" else value
    response = browser.post(
        f"{url('client_event_add', record.pk)}?session={text}", {"kind": "move", "happened_on": "2026-01-05"}
    )
    assert response.status_code == (404 if value == "other" else 302)
    assert LifeEvent.objects.count() == (0 if value == "other" else 1)


# --- access log, reason, frame ----------------------------------------------------------------------------------


def test_the_access_log_names_who_when_as_what(browser, record, owner):
    emergency = EmergencyFactory(client=record, membership=owner)
    browser.get(url("client_sessions", record.pk))
    AuditEvent.objects.create(
        at=dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC),
        practice_id=record.practice_id,
        client_id=record.pk,
        actor_id=emergency.membership.user_id,
        action="opened",
        basis="emergency",
        detail={"page": "client"},
    )
    page = browser.get(url("client_access", record.pk))
    lines = [(line.who, str(line.basis), str(line.page)) for line in page.context["lines"]]
    clinician = record.careassignments.get().clinician.user.name
    assert lines == [
        (clinician, "primary clinician", "this list"),
        (clinician, "primary clinician", "sessions and notes"),
        (owner.user.name, "emergency access", "overview"),
    ]
    assert "5 Jan 2026, 13:00" in page.content.decode()  # Berlin


def test_the_access_log_tells_only_who_sees_safety_that_there_is_a_flag(browser, record, owner):
    for page in ("flag", "response", "client_sessions"):
        audit.write("opened", by=UserFactory(), record=record, client=record.pk, basis="primary", page=page)
    mine = browser.get(url("client_access", record.pk)).context["lines"]
    assert [str(line.page) for line in mine][1:] == ["sessions and notes", "answers", "a safety flag"]
    theirs = Browser()
    theirs.force_login(owner.user)
    lines = theirs.get(url("client_access", record.pk)).context["lines"]
    assert [str(line.page) for line in lines][2:] == ["sessions and notes"] + ["a part of the record"] * 2


def test_the_access_log_calls_a_clients_own_visits_their_own_pages(browser, record):
    record.user = UserFactory(name="Robin Hill")
    record.save()
    audit.write("opened", by=record.user, record=record, client=record.pk, basis="self", page="today")
    lines = browser.get(url("client_access", record.pk)).context["lines"]
    assert ("Robin Hill", "the client", "their own pages") in [(o.who, str(o.basis), str(o.page)) for o in lines]


def test_a_page_that_answers_a_post_is_an_opening(browser, record, clinician):
    """What is refused is answered with a page of the record; leading on is not one, and a GET writes one row."""
    session = SessionFactory(client=record, clinician=clinician)

    def rows(ask, name, *more, **data):
        before = AuditEvent.objects.filter(action="opened").count()
        status = ask(url(name, record.pk, *more), data).status_code
        new = AuditEvent.objects.filter(action="opened").order_by("pk")[before:]
        return status, [(row.client_id, row.basis, row.detail["page"]) for row in new]

    assert rows(browser.post, "session_add") == (200, [(record.pk, "primary", "session_add")])
    assert rows(browser.get, "session_add") == (200, [(record.pk, "primary", "session_add")])
    note = {"do": "note", "part": "note", "note": "x"}
    assert rows(browser.post, "session", session.pk, **note)[1] == [(record.pk, "primary", "session")]
    assert rows(browser.post, "session_save", session.pk, part="note", note="x" * 20_001)[0:2] == (422, [])
    assert rows(browser.post, "client_merge", do="preview") == (200, [(record.pk, "primary", "client_merge")])


@pytest.mark.parametrize(("reason", "others"), [("quality", "A complaint, or a check of quality"), ("safety", "")])
def test_the_access_log_says_why_a_supervisor_opened(browser, client, record, clinician, owner, reason, others):
    link = SupervisionFactory(supervisor__practice=record.practice, supervisee=clinician)
    theirs, owners = Browser(), Browser()
    theirs.force_login(link.supervisor.user)
    theirs.post(url("client_reason", record.pk), {"reason": reason})
    theirs.get(url("client_measures", record.pk))
    page = browser.get(url("client_access", record.pk))
    words = {"quality": "A complaint, or a check of quality", "safety": "A question of safety"}[reason]
    assert [(str(o.basis), str(o.reason)) for o in page.context["lines"]][1:] == [("supervisor", words)]
    assert words in page.content.decode()
    owners.force_login(owner.user)  # who does not see safety
    lines = owners.get(url("client_access", record.pk)).context["lines"]
    assert [str(o.reason) for o in lines if str(o.basis) == "supervisor"] == [others]


def test_both_partners_access_logs_show_that_they_were_linked(browser, record, clinician, practice):
    """One audit row, found from either partner; whose clinician somebody else is, it does not tell."""
    partner, stranger = screened(client_of(clinician)), client_of(clinician)
    couple_of(stranger, client_of(clinician))
    couple = link_couple(by=clinician.user, first=screened(record), second=partner, starts_on=practice.today())
    CareAssignment.objects.filter(client=partner).update(clinician=MembershipFactory(practice=practice))
    assign_care(
        by=clinician.user, client=partner, clinician=clinician, role="cover", starts_on=practice.today(),
        ends_on=practice.today(),
    )  # fmt: skip
    colleague = CareAssignment.objects.get(client=partner, role="primary").clinician
    end_couple(by=colleague.user, couple=couple)
    assert AuditEvent.objects.filter(action__startswith="couple.").count() == 2

    def shown(person):
        lines = browser.get(url("client_access", person.pk)).context["lines"]
        return [(line.who, str(line.page)) for line in lines if "couple" in str(line.page)]

    linked = (clinician.user.name, "linked as a couple")
    assert shown(record) == [("", "ended the couple’s link"), linked]
    assert shown(partner) == [(colleague.user.name, "ended the couple’s link"), linked]
    assert shown(stranger) == []


def test_the_access_log_is_of_this_client_and_paged(browser, record, clinician):
    other = client_of(clinician)
    at = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
    for number in range(55):
        for row in (record, other):
            AuditEvent.objects.create(
                at=at + dt.timedelta(minutes=number), practice_id=row.practice_id, client_id=row.pk, action="opened"
            )
    first = browser.get(url("client_access", record.pk))
    assert len(first.context["lines"]) == 50
    second = browser.get(url("client_access", record.pk) + first.context["page"].next_query)
    assert (
        len(second.context["lines"]) == 6 + 1 - 1
    )  # 55 and the first opening, less 50; the second is newer than its page
    assert second.context["page"].next_query == ""


def test_a_supervisor_says_why_and_only_the_code_is_kept(client, record, clinician, practice):
    supervisor = MembershipFactory(practice=practice, roles="supervisor")
    SupervisionFactory(practice=practice, supervisor=supervisor, supervisee=clinician)
    client.force_login(supervisor.user)
    ask = url("client_reason", record.pk)
    assert client.get(url("client_sessions", record.pk))["Location"] == ask
    assert list(errors(client.post(ask, {"reason": "curious"}))) == ["reason"]
    assert client.post(ask, {"reason": "safety"})["Location"] == url("client", record.pk)
    event = AuditEvent.objects.get(action="reason.given")
    assert (event.detail, event.basis, event.client_id) == ({"reason": "safety"}, "supervisor", record.pk)
    text = client.get(url("client_sessions", record.pk)).content.decode()
    assert "as a supervisor" in text
    assert url("session_add", record.pk) not in text
    assert client.post(url("client_focus", record.pk), {"barriers": ["b01"]}).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_frame_and_each_list_take_a_fixed_number_of_queries(browser, record, clinician, practice, rows):
    couple_of(record, client_of(clinician))
    for _ in range(rows):
        LifeEventFactory(client=record, session=SessionFactory(client=record, clinician=clinician))
        CareFactory(client=record, role="cover", ends_on=practice.today())
        SafetyFlagFactory(client=record)
    browser.get(url("client_return", record.pk))  # the session's first request writes when it was seen
    counts = {}
    for name in ("client_sessions", "client_access", "client_care", "client_event_add"):
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(url(name, record.pk)).status_code == 200
        counts[name] = len(captured)
    # The access list asks one more: which records were joined into this one, so that the index answers the next.
    assert counts == {"client_sessions": 12, "client_access": 13, "client_care": 12, "client_event_add": 11}


def test_names_stand_in_no_address_and_no_title(browser, record):
    SessionFactory(client=record)
    text = browser.get(url("client_sessions", record.pk)).content.decode()
    title = re.search(r"<title>(.*?)</title>", text, re.DOTALL).group(1)
    assert record.code in title
    assert "Hill" not in title
    assert not [link for link in re.findall(r'(?:href|action)="([^"]*)"', text) if "hill" in link.lower()]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("uncertain", "It is not known whether the message left."),
        ("failed", "The message could not be sent."),
    ],
)
def test_the_invite_page_says_whether_the_message_left(browser, record, state, words):
    record.email, record.safe_contact = "ada@example.test", "email"
    record.save()
    browser.post(url("client_invite", record.pk), {"do": "send"})
    assert words not in browser.get(url("client_invite", record.pk)).content.decode()
    OutboxMessage.objects.update(state=state)
    assert words in browser.get(url("client_invite", record.pk)).content.decode()
