"""Staff screens: sessions with notes, safety flags."""

import datetime as dt

import pytest
from django.urls import reverse

from clients.models import SafetyFlag, TherapySession
from tests.factories.assessments import answered
from tests.factories.clients import (
    EmergencyFactory,
    LifeEventFactory,
    SafetyFlagFactory,
    SessionFactory,
    client_of,
    couple_of,
)
from tests.factories.practice import MembershipFactory, SupervisionFactory


@pytest.fixture
def record(clinician):
    return client_of(clinician, first_name="Robin", last_name="Hill")


@pytest.fixture
def browser(client, clinician):
    client.force_login(clinician.user)
    return client


@pytest.fixture
def data(clinician):
    return {
        "day": "2026-01-05",
        "time": "10:00",
        "kind": "individual",
        "attendance": "held",
        "clinician": clinician.pk,
        "note": "A <i>good</i> talk.",
    }


def url(name, *args):
    return reverse(f"dashboard:{name}", args=args)


def errors(response):
    return {name: list(messages) for name, messages in response.context["form"].errors.items()}


def test_a_session_is_added_in_the_practices_time(browser, record, data):
    response = browser.post(url("session_add", record.pk), data)
    session = TherapySession.objects.get()
    assert response["Location"] == url("session", record.pk, session.pk)
    assert (session.starts_at, session.note) == (dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC), "A <i>good</i> talk.")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"day": "2026-03-29", "time": "02:30"}, "time"),  # clocks go forward in Berlin
        ({"day": "", "time": "10:00"}, "day"),
        ({"time": "25:00"}, "time"),
        ({"day": (dt.date.today() + dt.timedelta(days=365)).isoformat()}, "attendance"),
        ({"day": "0001-01-01", "time": "00:00"}, "day"),
        ({"day": "9999-12-31", "time": "23:59", "attendance": "planned"}, "day"),
        ({"kind": "joint"}, "kind"),
        ({"clinician": "8b1dd7d4-0000-4000-8000-000000000000"}, "clinician"),
        ({"note": "x" * 20_001}, "note"),
        ({"day": "2019-01-01"}, "clinician"),
    ],
)
def test_bad_input_is_told_at_its_field_and_the_note_is_kept(browser, record, data, change, field):
    response = browser.post(url("session_add", record.pk), data | change)
    assert (response.status_code, list(errors(response)), TherapySession.objects.count()) == (200, [field], 0)
    if "note" not in change:
        assert "A &lt;i&gt;good&lt;/i&gt; talk." in response.content.decode()


def test_the_same_time_twice_is_told_at_the_time(browser, record, data):
    browser.post(url("session_add", record.pk), data)
    assert list(errors(browser.post(url("session_add", record.pk), data))) == ["time"]


def test_the_repeated_hour_keeps_its_moment(browser, record, data, clinician):
    """02:30 on the day clocks go back: a new one is the first; a stored second one stays when the note changes."""
    browser.post(url("session_add", record.pk), data | {"day": "2025-10-26", "time": "02:30"})
    session = TherapySession.objects.get()
    assert session.starts_at == dt.datetime(2025, 10, 26, 0, 30, tzinfo=dt.UTC)
    second = dt.datetime(2025, 10, 26, 1, 30, tzinfo=dt.UTC)
    TherapySession.objects.update(starts_at=second)
    page = url("session", record.pk, session.pk)
    form = browser.get(page).context["forms"]["facts"]
    typed = {name: form[name].value() for name in form.fields} | {"day": "2025-10-26", "time": "02:30", "note": "new"}
    assert browser.post(page, typed | {"part": ["facts", "note"]}).status_code == 302
    session.refresh_from_db()
    assert (session.starts_at, session.note) == (second, "new")


@pytest.mark.parametrize("mine", [True, False])
def test_the_partners_row_is_offered_to_whoever_cares_for_both(browser, record, data, clinician, practice, mine):
    partner = client_of(clinician if mine else MembershipFactory(practice=practice))
    couple_of(record, partner)
    page = browser.get(url("session_add", record.pk))
    assert ("with_partner" in page.context["form"].fields) is mine
    browser.post(url("session_add", record.pk), data | {"kind": "joint", "with_partner": "on"})
    notes = dict(TherapySession.objects.values_list("client", "attendance"))
    assert set(notes) == ({record.pk, partner.pk} if mine else {record.pk})
    if mine:
        assert TherapySession.objects.get(client=partner).note == ""


def test_the_tab_shows_notes_and_events_escaped_and_pages(browser, record):
    session = SessionFactory(client=record, note="<script>alert(1)</script>")
    LifeEventFactory(client=record, session=session, note="{{ 7|add:7 }}")
    SessionFactory(client=client_of(session.clinician), note="somebody else's")
    text = browser.get(url("client_sessions", record.pk)).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{ 7|add:7 }}" in text
    assert "somebody else" not in text
    SessionFactory.create_batch(22, client=record, clinician=session.clinician)
    first = browser.get(url("client_sessions", record.pk))
    second = browser.get(url("client_sessions", record.pk) + first.context["page"].next_query)
    pages = [[session.pk for session, _events in page.context["rows"]] for page in (first, second)]
    assert [len(page) for page in pages] == [20, 3]
    assert not set(pages[0]) & set(pages[1])


def test_a_supervisor_reads_the_note_without_a_form(client, record, clinician, practice):
    supervisor = MembershipFactory(practice=practice, roles="supervisor")
    SupervisionFactory(practice=practice, supervisor=supervisor, supervisee=clinician)
    session = SessionFactory(client=record, note="A quiet hour.")
    client.force_login(supervisor.user)
    client.post(url("client_reason", record.pk), {"reason": "supervision"})
    text = client.get(url("session", record.pk, session.pk)).content.decode()
    assert "A quiet hour." in text
    assert "<textarea" not in text


# --- flags ------------------------------------------------------------------------------------------------------


def test_a_flag_is_acknowledged_then_closed(browser, record, clinician):
    flag = SafetyFlagFactory(client=record, response_id=answered(record).pk)
    page = url("flag", flag.pk)
    assert url("response", record.pk, flag.response_id) in browser.get(page).content.decode()
    assert list(errors(browser.post(page, {"text": " "}))) == ["text"]
    browser.post(page, {"text": "Called at once."})
    browser.post(page, {"text": "A plan is agreed."})
    flag = SafetyFlag.objects.get()
    assert (flag.state, flag.done, flag.closing_action) == ("closed", "Called at once.", "A plan is agreed.")
    text = browser.get(page).content.decode()
    assert "A plan is agreed." in text
    assert "<textarea" not in text


def test_the_flag_stands_on_the_record_until_closed(browser, record, clinician):
    flag = SafetyFlagFactory(client=record)
    page = url("client_sessions", record.pk)
    assert url("flag", flag.pk) in browser.get(page).content.decode()
    browser.post(url("flag", flag.pk), {"text": "Called."})
    assert url("flag", flag.pk) in browser.get(page).content.decode()
    browser.post(url("flag", flag.pk), {"text": "Done."})
    assert url("flag", flag.pk) not in browser.get(page).content.decode()


def test_flags_are_not_for_supervisors_and_readable_in_an_emergency(client, record, clinician, owner, practice):
    flag = SafetyFlagFactory(client=record)
    supervisor = MembershipFactory(practice=practice, roles="supervisor")
    SupervisionFactory(practice=practice, supervisor=supervisor, supervisee=clinician)
    client.force_login(supervisor.user)
    client.post(url("client_reason", record.pk), {"reason": "supervision"})
    assert client.get(url("flag", flag.pk)).status_code == 404
    assert url("flag", flag.pk) not in client.get(url("client_sessions", record.pk)).content.decode()
    EmergencyFactory(client=record, membership=owner)
    client.force_login(owner.user)
    assert client.get(url("flag", flag.pk)).status_code == 200
    assert client.post(url("flag", flag.pk), {"text": "x"}).status_code == 403
    assert SafetyFlag.objects.get().state == "open"
