"""Settings, privacy notice, audit trail, roster, emergency access."""

import csv
import datetime as dt
import io
import re
import uuid
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse

from clients.models import EmergencyAccess, SafetyFlag
from dashboard import audit_words
from practice import audit, paging
from practice.actions import outbox
from practice.actions import settings as actions
from practice.errors import Refused
from practice.models import AuditEvent, Membership, PrivacyNotice
from tests.factories.clients import CareFactory, ClientFactory, SafetyFlagFactory, client_of
from tests.factories.practice import MembershipFactory, PrivacyNoticeFactory, UserFactory, yesterday

pytestmark = pytest.mark.django_db

SETTINGS, NOTICES, AUDIT, ROSTER = (
    reverse(f"dashboard:{name}") for name in ("practice_settings", "notices", "audit", "roster")
)
GOOD = {"name": "North", "time_zone": "Europe/Vienna", "mail_name": "N.", "crisis_text": "Call 112."}


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory(roles="owner", user__name="Ida Owner", practice__time_zone="Europe/Vienna")


@pytest.fixture
def browser(owner) -> Browser:
    browser = Browser()
    browser.force_login(owner.user)
    return browser


# --- settings -------------------------------------------------------------------------------------------------------
def test_settings_are_saved_and_only_changes_recorded(browser, owner) -> None:
    assert browser.post(SETTINGS, GOOD)["Location"] == SETTINGS
    owner.practice.refresh_from_db()
    assert {name: getattr(owner.practice, name) for name in GOOD} == GOOD
    browser.post(SETTINGS, GOOD)
    event = AuditEvent.objects.get(action="settings.changed")
    assert event.detail == {"fields": ["crisis_text", "mail_name", "name"]}
    assert event.practice_id == owner.practice_id


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("time_zone", "Mars/Olympus")])
def test_bad_settings_say_where_and_keep_the_rest(browser, owner, field, value) -> None:
    response = browser.post(SETTINGS, GOOD | {field: value})
    assert (response.status_code, list(response.context["form"].errors)) == (200, [field])
    assert response.context["form"]["crisis_text"].value() == "Call 112."
    owner.practice.refresh_from_db()
    assert owner.practice.crisis_text == ""


def test_settings_promise_no_escalation_of_flags_yet(browser, owner) -> None:
    assert "safety flag" not in browser.get(SETTINGS).content.decode()
    browser.post(SETTINGS, GOOD | {"flag_hours": "1"})
    owner.practice.refresh_from_db()
    assert owner.practice.flag_hours == 24


def test_action_refuses_what_the_model_does(owner) -> None:
    with pytest.raises(Refused) as refusal:
        actions.change_settings(by=owner.user, practice=owner.practice, time_zone="Mars/Olympus")
    assert refusal.value.field == "time_zone"
    with pytest.raises(TypeError):
        actions.change_settings(by=owner.user, practice=owner.practice, client_counter=0)


def test_posting_other_fields_changes_nothing_else(browser, owner) -> None:
    """Abuse 26."""
    browser.post(SETTINGS, GOOD | {"client_counter": 99, "id": str(uuid.uuid4()), "created_at": "2000-01-01"})
    before = owner.practice.client_counter, owner.practice.created_at
    owner.practice.refresh_from_db()
    assert (owner.practice.client_counter, owner.practice.created_at) == before


# --- privacy notice ---------------------------------------------------------------------------------------------------
def test_notices_are_versioned_and_earlier_ones_stay_readable(browser, owner) -> None:
    for text in ("First.", "Second."):
        assert browser.post(NOTICES, {"text": text})["Location"] == NOTICES
    rows = list(PrivacyNotice.objects.order_by("version").values_list("version", "text", "published_by"))
    assert rows == [(1, "First.", owner.user_id), (2, "Second.", owner.user_id)]
    page = browser.get(NOTICES)
    assert (page.context["latest"].version, page.context["form"].initial) == (2, {"text": "Second."})
    first = PrivacyNotice.objects.get(version=1)
    assert "First." in browser.get(reverse("dashboard:notice", kwargs={"pk": first.pk})).content.decode()
    assert AuditEvent.objects.filter(action="notice.published").count() == 2


@pytest.mark.parametrize("text", ["", "   ", "In force.", " In force.\n"])
def test_an_empty_or_unchanged_notice_is_not_published(browser, owner, text) -> None:
    PrivacyNoticeFactory(practice=owner.practice, text="In force.")
    PrivacyNoticeFactory(text="Of another practice.")
    response = browser.post(NOTICES, {"text": text})
    assert list(response.context["form"].errors) == ["text"]
    assert PrivacyNotice.objects.filter(practice=owner.practice).count() == 1


def test_a_notice_is_text_and_never_markup(browser, owner) -> None:
    """Abuse 18, 20."""
    row = PrivacyNoticeFactory(practice=owner.practice, text="<script>x</script> {{ 7|add:1 }} {% load x %}")
    page = browser.get(reverse("dashboard:notice", kwargs={"pk": row.pk})).content.decode()
    assert "&lt;script&gt;x&lt;/script&gt; {{ 7|add:1 }} {% load x %}" in page


# --- audit trail ------------------------------------------------------------------------------------------------------
def seen(browser: Browser) -> list[str]:
    return [line.event.action for line in browser.get(AUDIT).context["lines"]]


@pytest.fixture
def trail(owner) -> Membership:
    """Events of two people on two days, and one of another practice. Gives the colleague."""
    colleague = MembershipFactory(practice=owner.practice, user__name="=Cmd|calc")
    at = dt.datetime(2026, 5, 4, 22, 30, tzinfo=dt.UTC)  # already 5 May in Vienna
    fields = {"practice": owner.practice_id}
    audit.write("client.added", by=owner.user, at=at - dt.timedelta(days=1), **fields)
    audit.write("opened", by=colleague.user, at=at, subject="client", **fields)
    audit.write("denied", by=colleague.user, at=at, subject="client", **fields)
    audit.write("sign-in-failed", subject="user", subject_id=colleague.user_id, at=at, **fields)
    audit.write("client.added", by=UserFactory(), practice=uuid.uuid4(), at=at)
    return colleague


@pytest.fixture
def quiet(browser) -> Browser:
    """A browser whose own sign-in and openings do not show: the filter ends before today."""
    browser.post(AUDIT, {"until": "2026-06-01"})
    return browser


ALL = ["sign-in-failed", "denied", "opened", "client.added"]


def test_trail_shows_the_practices_own_events_latest_first(quiet, trail) -> None:
    assert seen(quiet) == ALL


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"kind": "r"}, ["opened"]),
        ({"kind": "w"}, ["client.added"]),
        ({"kind": "s"}, ["sign-in-failed"]),
        ({"kind": "d"}, ["denied"]),
        ({"since": "2026-05-05"}, ALL[:3]),
        ({"until": "2026-05-04"}, ALL[3:]),
        ({"since": "2026-05-05", "until": "2026-05-05", "kind": "d"}, ["denied"]),
    ],
)
def test_filters(browser, trail, chosen, expected) -> None:
    assert browser.post(AUDIT, {"until": "2026-06-01"} | chosen)["Location"] == AUDIT  # nothing in the address
    assert seen(browser) == expected
    browser.post(AUDIT, {"clear": "1"})
    assert len(seen(browser)) > len(ALL)


def test_filter_by_person(browser, trail) -> None:
    browser.post(AUDIT, {"person": trail.pk})
    assert seen(browser) == ALL[:3]  # what they did, and that somebody failed to sign in as them


def test_filter_refuses_nonsense_and_others_people(browser, trail) -> None:
    for data in (
        {"person": MembershipFactory().pk},
        {"kind": "password"},
        {"since": "2026-05-05", "until": "2026-05-04"},
        {"since": "yesterday"},
    ):
        assert browser.post(AUDIT, data).context["form"].errors
    assert browser.get(f"{AUDIT}?order=password&actor__password=x&after=x").status_code == 200


@pytest.mark.parametrize("chosen", [{"since": "0001-01-01"}, {"until": "9999-12-31"}])
def test_filter_refuses_days_no_clock_knows_also_those_kept_from_before(browser, owner, chosen) -> None:
    assert list(browser.post(AUDIT, chosen).context["form"].errors) == list(chosen)
    session = browser.session
    session["audit-filter"] = {"practice": str(owner.practice_id), **chosen}
    session.save()
    response = browser.get(AUDIT)
    assert (response.status_code, response.context["filtered"]) == (200, False)
    assert len(exported(browser)) > 1


def test_trail_pages_and_takes_a_fixed_number_of_queries(quiet, trail, monkeypatch, django_assert_num_queries) -> None:
    with django_assert_num_queries(7):  # session, user, memberships · people to choose · events, names · audit
        quiet.get(AUDIT)
    monkeypatch.setattr("practice.paging.page.__kwdefaults__", {"size": 3})
    first = quiet.get(AUDIT)
    second = quiet.get(AUDIT + first.context["page"].next_query)
    shown = [[line.event.action for line in page.context["lines"]] for page in (first, second)]
    assert shown == [ALL[:3], ALL[3:]]


def exported(browser: Browser) -> list[list[str]]:
    response = browser.post(reverse("dashboard:audit_export"))
    assert response["Content-Disposition"].startswith('attachment; filename="audit-')
    return list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))


def test_export_holds_the_filtered_rows_as_text(quiet, trail) -> None:
    """Abuse 19."""
    head, *rows = exported(quiet)
    assert head[:4] == ["time_utc", "person", "person_id", "action"]
    assert [row[3] for row in rows] == ALL
    assert rows[1][:2] == ["2026-05-04T22:30:00Z", "'=Cmd|calc"]
    assert AuditEvent.objects.get(action="audit.exported").detail == {"filtered": True}


def test_export_reads_in_chunks(quiet, trail, monkeypatch) -> None:
    monkeypatch.setattr("dashboard.queries.audit.CHUNK", 1)
    assert [row[3] for row in exported(quiet)[1:]] == ALL


def of_record(client, by) -> None:
    """Everything that has to do with a flag, between things that have not, in one request."""
    at = dt.datetime(2026, 5, 4, 12, 0, tzinfo=dt.UTC)
    flag = SafetyFlagFactory(client=client)
    audit.write("focus.decided", by=by, record=client, client=client.pk, at=at, count=2)
    audit.write("focus.proposed", by=client.user, record=client, client=client.pk, at=at, count=2, via="client")
    audit.write("flag.raised", record=flag, at=at)
    audit.write("opened", by=by, record=flag, at=at, basis="primary", page="flag")
    audit.write("opened", by=by, record=client, client=client.pk, at=at, basis="primary", page="response")
    audit.write("flag.acknowledged", by=by, record=flag, at=at)
    audit.write("flag.closed", by=by, record=flag, at=at)
    audit.write("denied", by=by, practice=client.practice_id, at=at, subject="safetyflag", subject_id=flag.pk)
    audit.write("client.changed", by=by, record=client, client=client.pk, at=at)


def test_the_trail_does_not_tell_the_owner_who_has_a_safety_flag(quiet, owner) -> None:
    """Abuse 45: with what else happens to a record, each line of a flag has a twin that is none."""
    clinician = MembershipFactory(practice=owner.practice, user__name="Samir Haddad")
    client = CareFactory(client=ClientFactory(practice=owner.practice, user=UserFactory()), clinician=clinician).client
    of_record(client, clinician.user)
    page = quiet.get(AUDIT)
    told = [(line.actor, line.what, line.subject, line.client, line.detail) for line in page.context["lines"]]
    part, who = "A part of the record", "Samir Haddad"
    assert told == [
        (who, "Changed a client", "", client.code, ""),
        (who, "Was denied", part, "", ""),
        (who, part, "", client.code, ""),  # closed
        (who, part, "", client.code, ""),  # acknowledged
        (who, "Opened", part, client.code, ""),  # answers
        (who, "Opened", part, client.code, ""),  # the flag
        ("", part, "", client.code, ""),  # raised
        ("", part, "", client.code, ""),  # proposed by the client
        (who, part, "", client.code, ""),  # decided
    ]
    text = str(exported(quiet)[1:]) + page.content.decode()
    flag = SafetyFlag.objects.get()
    assert "flag" not in re.sub(r'(href|src)="[^"]*"', "", text)
    assert str(flag.pk) not in text
    rows = [row[1:3] + row[3:] for row in exported(quiet)[1:]]
    assert rows[6] == rows[7]
    assert rows[4] == rows[5]
    assert rows[2] == rows[3] == rows[8]


def test_an_owner_who_has_the_client_in_care_reads_the_whole_words(quiet, owner) -> None:
    Membership.objects.filter(pk=owner.pk).update(is_clinician=True)
    client = CareFactory(client=ClientFactory(practice=owner.practice), clinician=owner).client
    of_record(client, owner.user)
    words = [line.what for line in quiet.get(AUDIT).context["lines"]]
    assert words[2:4] == ["Closed a flag", "Acknowledged a flag"]
    assert "flag.raised" in str(exported(quiet))


def test_every_code_that_is_written_has_words() -> None:
    """Every literal code given to ``audit.write`` or its helpers."""
    root = Path(audit.__file__).parent.parent
    written = set()
    for room in ("practice", "clients", "assessments", "homework", "reports", "dashboard", "portal"):
        for path in (root / room).rglob("*.py"):
            text = path.read_text()
            written |= set(re.findall(r'(?:audit\.write|_record|_second_step)\(\s*"([^"]+)"', text))
    assert written - audit_words.WORDS.keys() == set()


# --- roster and emergency access --------------------------------------------------------------------------------------
def test_roster_shows_name_status_and_team_only(browser, owner) -> None:
    client = ClientFactory(practice=owner.practice, email="secret@example.test", phone="0123", pronouns="they")
    clinician = MembershipFactory(practice=owner.practice, user__name="Samir Haddad")
    CareFactory(client=client, clinician=clinician)
    CareFactory(client=client, ends_on=yesterday(), role="co")
    ClientFactory(first_name="Elsewhere")
    response = browser.get(ROSTER)
    (entry,) = response.context["entries"]
    assert (entry.client, entry.team) == (client, [("Samir Haddad", "Primary clinician")])
    page = response.content.decode()
    for secret in ("secret@example.test", "0123", "they</", "Elsewhere"):
        assert secret not in page


def test_roster_has_those_on_top_for_whom_nobody_cares(browser, owner, monkeypatch) -> None:
    """Left, or stopped being a clinician: they care for nobody, here as in the record."""
    monkeypatch.setattr(paging.page, "__kwdefaults__", {"size": 2})
    cared = client_of(MembershipFactory(practice=owner.practice), last_name="Abel")
    gone = client_of(MembershipFactory(practice=owner.practice, ends_on=yesterday()), last_name="Zorn")
    other = client_of(MembershipFactory(practice=owner.practice, roles="supervisor"), last_name="Mai")
    done = client_of(MembershipFactory(practice=owner.practice, ends_on=yesterday()), status="discharged")
    first = browser.get(ROSTER)
    assert [(row.client, row.alone, row.team) for row in first.context["entries"]] == [
        (other, True, []),
        (gone, True, []),
    ]
    assert first.content.decode().count("Nobody cares for this client") == 2
    second = browser.get(ROSTER + first.context["page"].next_query)
    assert [(row.client, row.alone, len(row.team)) for row in second.context["entries"]] == [
        (cared, False, 1),
        (done, False, 0),
    ]
    assert "Nobody cares for this client" not in second.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_roster_takes_a_fixed_number_of_queries(browser, owner, rows, django_assert_num_queries) -> None:
    for _ in range(rows):
        CareFactory(client=ClientFactory(practice=owner.practice))
    browser.get(ROSTER)
    with django_assert_num_queries(7):  # session, user, memberships · clients, care · audit · emergencies
        browser.get(ROSTER)


def test_emergency_access_is_opened_told_listed_and_ended(browser, owner) -> None:
    """Abuse 17."""
    care = CareFactory(client=ClientFactory(practice=owner.practice, first_name="Robin"))
    record = reverse("dashboard:client", kwargs={"pk": care.client_id})
    assert browser.get(record).status_code == 404
    page = reverse("dashboard:emergency", kwargs={"pk": care.client_id})
    response = browser.post(page, {"reason": "The clinician is ill.", "hours": "2"})
    assert response["Location"] == record
    assert browser.get(record).status_code == 200
    row = EmergencyAccess.objects.get()
    assert (row.reason, row.ends_at - row.starts_at) == ("The clinician is ill.", dt.timedelta(hours=2))
    outbox.dispatch()
    (alert,) = mail.outbox
    assert alert.to == [care.clinician.user.email]
    assert "Robin" not in str(alert.message())
    assert "The clinician is ill." in browser.get(page).content.decode()
    assert [access.pk for access in browser.get(ROSTER).context["emergencies"]] == [row.pk]
    browser.post(reverse("dashboard:emergency_end", kwargs={"pk": row.pk}))
    assert browser.get(record).status_code == 404
    assert list(browser.get(ROSTER).context["emergencies"]) == []
    actions = ("emergency.opened", "emergency.ended")
    rows = AuditEvent.objects.filter(action__in=actions).order_by("id").values_list("action", "client_id")
    assert list(rows) == [(action, care.client_id) for action in actions]
    assert "ill" not in str(list(AuditEvent.objects.values_list("detail", flat=True)))


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"reason": "", "hours": "2"}, "reason"),
        ({"reason": "x", "hours": "0"}, "hours"),
        ({"reason": "x", "hours": "25"}, "hours"),
    ],
)
def test_emergency_needs_a_reason_and_an_end(browser, owner, data, field) -> None:
    client = ClientFactory(practice=owner.practice)
    response = browser.post(reverse("dashboard:emergency", kwargs={"pk": client.pk}), data)
    assert list(response.context["form"].errors) == [field]
    assert not EmergencyAccess.objects.exists()
