"""Private notes: who reads them, who lets whom read, and what they said before. Abuse cases 6, 8, 9 and 17."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from clients import access
from clients.actions.private_notes import grant_private_notes, revoke_private_notes, save_private_note, seen_of
from clients.actions.sessions import close_session, reopen_session
from clients.models import CareAssignment, NoteRevision, PrivateNote, PrivateNoteGrant
from practice.errors import Clash, Refused
from practice.models import AuditEvent, Supervision
from tests.factories.clients import (
    CareFactory,
    EmergencyFactory,
    PrivateNoteFactory,
    PrivateNoteGrantFactory,
    SessionFactory,
    client_of,
)
from tests.factories.practice import MembershipFactory, SupervisionFactory

WORDS = "For my eyes only."
DAY = dt.timedelta(days=1)


@pytest.fixture
def record(clinician):
    return client_of(clinician)


@pytest.fixture
def session(record, clinician):
    return SessionFactory(client=record, clinician=clinician)


@pytest.fixture
def note(session, clinician):
    return PrivateNoteFactory(session=session, author=clinician, text=WORDS)


@pytest.fixture
def supervisor(practice, clinician):
    member = MembershipFactory(practice=practice, roles="supervisor")
    SupervisionFactory(practice=practice, supervisor=member, supervisee=clinician)
    return member


@pytest.fixture
def grant(record, clinician, supervisor):
    return PrivateNoteGrantFactory(client=record, author=clinician, reader=supervisor)


def readable(member, record):
    member.user.__dict__.pop("_current_memberships", None)
    return list(access.private_notes(member.user, record))


def url(name, *args):
    return reverse(f"dashboard:{name}", args=args)


def pages(note):
    return [
        url("private_notes", note.client_id),
        url("private_note", note.client_id, note.session_id),
    ]


# --- the rule -----------------------------------------------------------------------------------------------------


def test_only_the_author_and_whom_they_named(note, record, grant, supervisor, clinician, practice):
    co = MembershipFactory(practice=practice)
    CareFactory(client=record, clinician=co, role="co")
    other_supervisor = MembershipFactory(practice=practice, roles="supervisor")
    SupervisionFactory(practice=practice, supervisor=other_supervisor, supervisee=clinician)
    owner = MembershipFactory(practice=practice, roles="owner")
    EmergencyFactory(client=record, membership=owner)
    found = {who: readable(who, record) for who in (clinician, co, supervisor, other_supervisor, owner)}
    assert found == {clinician: [note], co: [], supervisor: [note], other_supervisor: [], owner: []}


def test_each_has_their_own_about_one_session(note, session, record, practice):
    co = MembershipFactory(practice=practice)
    CareFactory(client=record, clinician=co, role="co")
    theirs = save_private_note(by=co.user, session=session, text="Mine.")
    assert (readable(co, record), theirs.author) == ([theirs], co)
    note.refresh_from_db()
    assert note.text == WORDS


def test_care_that_ended_ends_reading(note, record, clinician, grant, supervisor):
    yesterday = timezone.now().date() - DAY
    CareAssignment.objects.update(ends_on=yesterday)
    assert (readable(clinician, record), readable(supervisor, record)) == ([], [])


@pytest.mark.parametrize("ended", ["grant", "revoked", "not yet", "supervision", "role", "other client", "author"])
def test_a_grant_is_nothing_without_the_rest(note, record, clinician, grant, supervisor, ended):
    yesterday = timezone.now().date() - DAY
    if ended == "grant":
        PrivateNoteGrant.objects.update(starts_on=yesterday - DAY, ends_on=yesterday)
    elif ended == "revoked":
        PrivateNoteGrant.objects.update(revoked_at=timezone.now())
    elif ended == "not yet":
        PrivateNoteGrant.objects.update(starts_on=yesterday + 3 * DAY)
    elif ended == "supervision":
        Supervision.objects.update(ends_on=yesterday)
    elif ended == "role":
        supervisor.is_supervisor, supervisor.is_owner = False, True
        supervisor.save()
    elif ended == "other client":
        PrivateNoteGrant.objects.update(client=client_of(clinician))
    else:
        PrivateNoteGrant.objects.update(author=MembershipFactory(practice=clinician.practice))
    assert readable(supervisor, record) == []


def test_another_practice_and_signed_out_people(note, record, grant):
    from django.contrib.auth.models import AnonymousUser

    assert readable(MembershipFactory(roles="supervisor"), record) == []
    assert list(access.private_notes(AnonymousUser(), record)) == []


# --- pages --------------------------------------------------------------------------------------------------------


def test_without_the_grant_it_does_not_exist(client, note, record, supervisor, practice):
    """Abuse 9 and 17: the page of an id that does not exist, and a denial in the trail."""
    owner = MembershipFactory(practice=practice, roles="owner")
    EmergencyFactory(client=record, membership=owner)
    for member in (supervisor, owner):
        client.force_login(member.user)
        client.post(url("client_reason", record.pk), {"reason": "supervision"})
        for page in pages(note):
            answer = client.get(page)
            assert (answer.status_code, WORDS in answer.content.decode()) == (404, False)
            assert client.post(page, {"text": "x", "note_seen": ""}).status_code in (404, 405)
    assert AuditEvent.objects.filter(action="denied", subject="privatenote").count() >= 4
    note.refresh_from_db()
    assert note.text == WORDS


def test_with_the_grant_it_is_read_and_recorded_and_gone_when_supervision_ends(client, note, record, grant, supervisor):
    client.force_login(supervisor.user)
    assert client.get(pages(note)[0])["Location"] == url("client_reason", record.pk)  # says why first
    client.post(url("client_reason", record.pk), {"reason": "brought"})
    for page in pages(note):
        text = client.get(page).content.decode()
        assert WORDS in text
        assert "<textarea" not in text
    rows = AuditEvent.objects.filter(action="opened", actor_id=supervisor.user.pk)
    details = [row.detail for row in rows if row.detail["page"] == "private_notes"]
    assert details == [{"page": "private_notes", "via": "grant", "reason": "brought"}] * 2
    for name in ("private_note", "private_save"):
        assert client.post(url(name, record.pk, note.session_id), {"text": "x", "note_seen": ""}).status_code == 403
    Supervision.objects.update(ends_on=timezone.now().date() - DAY)  # abuse 8: the open tab
    assert {client.get(page).status_code for page in pages(note)} == {404}


def test_nowhere_else(client, note, record, clinician):
    """Not on the session, the tab, the overview or the access list of the author's own record."""
    client.force_login(clinician.user)
    for name, *more in (("session", note.session_id), ("client_sessions",), ("client",), ("client_access",)):
        assert WORDS not in client.get(url(name, record.pk, *more)).content.decode()


def test_writing_on_its_page(client, session, record, clinician):
    client.force_login(clinician.user)
    page = url("private_note", record.pk, session.pk)
    assert client.post(page, {"text": "A <b>thought</b>.", "note_seen": ""})["Location"] == page
    assert PrivateNote.objects.get().text == "A <b>thought</b>."
    assert "A &lt;b&gt;thought&lt;/b&gt;." in client.get(page).content.decode()
    again = client.post(page, {"text": "Other.", "note_seen": ""})
    text = again.content.decode()
    assert (again.status_code, "Other." in text, "thought" in text) == (200, True, True)
    client.post(page, {"text": "Other.", "note_seen": again.context["form"]["note_seen"].value()})
    assert PrivateNote.objects.get().text == "Other."


def test_autosave(client, session, record, clinician):
    client.force_login(clinician.user)
    page, seen = url("private_save", record.pk, session.pk), ""
    for text in ("T", "Ty", "Typed"):
        answer = client.post(page, {"text": text, "note_seen": seen})
        assert answer.json()["saved"].startswith("Saved")
        seen = answer.json()["seen"]["note_seen"]
    assert PrivateNote.objects.get().text == "Typed"
    assert AuditEvent.objects.filter(action="private_note.saved").count() == 1
    clash = client.post(page, {"text": "mine", "note_seen": ""})
    assert (clash.status_code, clash.json()["values"]) == (409, {"text": "Typed"})
    assert client.post(page, {"text": "x" * 20_001, "note_seen": seen}).status_code == 422


def test_letting_a_supervisor_read_and_taking_it_back(client, note, record, clinician, supervisor):
    client.force_login(clinician.user)
    until = (timezone.now().date() + 7 * DAY).isoformat()
    assert client.post(url("private_grant", record.pk), {"reader": supervisor.pk, "ends_on": until}).status_code == 302
    assert readable(supervisor, record) == [note]
    row = PrivateNoteGrant.objects.get()
    client.post(url("private_revoke", record.pk, row.pk))
    assert readable(supervisor, record) == []
    actions = AuditEvent.objects.filter(subject="privatenotegrant").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["private_note.granted", "private_note.revoked"]


def test_bad_grants_are_told_at_the_field(client, note, record, clinician, supervisor, practice):
    client.force_login(clinician.user)
    today = timezone.now().date()
    stranger = MembershipFactory(practice=practice, roles="supervisor")
    for data, field in (
        ({"reader": stranger.pk, "ends_on": today.isoformat()}, "reader"),
        ({"reader": supervisor.pk, "ends_on": (today - DAY).isoformat()}, "ends_on"),
        ({"reader": supervisor.pk, "ends_on": (today + 400 * DAY).isoformat()}, "ends_on"),
        ({"reader": supervisor.pk, "ends_on": ""}, "ends_on"),
    ):
        page = client.post(url("private_grant", record.pk), data)
        assert list(page.context["form"].errors) == [field]
    assert PrivateNoteGrant.objects.count() == 0


def test_only_ones_own_grant_is_taken_back(client, note, record, grant, practice):
    co = MembershipFactory(practice=practice)
    CareFactory(client=record, clinician=co, role="co")
    client.force_login(co.user)
    assert client.post(url("private_revoke", record.pk, grant.pk)).status_code == 404
    with pytest.raises(Refused):
        revoke_private_notes(by=co.user, grant=grant)
    grant.refresh_from_db()
    assert grant.revoked_at is None


# --- actions ------------------------------------------------------------------------------------------------------


def test_who_does_not_care_writes_nothing(session, supervisor, owner):
    for member in (supervisor, owner):
        with pytest.raises(Refused):
            save_private_note(by=member.user, session=session, text="x")
    assert PrivateNote.objects.count() == 0


def test_an_empty_note_is_not_made_and_the_same_text_writes_nothing(session, clinician, audited):
    assert save_private_note(by=clinician.user, session=session, text="  ") is None
    note = save_private_note(by=clinician.user, session=session, text="x")
    assert save_private_note(by=clinician.user, session=session, text=" x ", seen="stale") == note
    assert audited() == ["private_note.saved"]


def test_not_over_what_another_tab_stored(session, clinician):
    note = save_private_note(by=clinician.user, session=session, text="one", seen="")
    old = seen_of(note)
    save_private_note(by=clinician.user, session=session, text="two", seen=old)
    with pytest.raises(Clash):
        save_private_note(by=clinician.user, session=session, text="three", seen=old)
    assert PrivateNote.objects.get().text == "two"


def test_a_closed_sessions_private_note_keeps_what_it_said(session, clinician):
    by = clinician.user
    save_private_note(by=by, session=session, text="one")
    save_private_note(by=by, session=session, text="two")
    close_session(by=by, session=session)
    save_private_note(by=by, session=session, text="three")
    reopen_session(by=by, session=session)
    save_private_note(by=by, session=session, text="four")
    rows = NoteRevision.objects.filter(author=clinician).order_by("replaced_at", "id")
    assert [row.text for row in rows] == ["two", "three"]


def test_a_private_note_keeps_what_was_saved_by_hand_and_an_earlier_sitting(session, clinician):
    by, at, minute = clinician.user, timezone.now(), dt.timedelta(minutes=1)
    save_private_note(by=by, session=session, text="N0", at=at - 300 * DAY)
    save_private_note(by=by, session=session, text="N1", at=at)
    close_session(by=by, session=session, at=at + minute)
    for number, (text, autosave) in enumerate((("N2", True), ("N3", False), ("N4", True)), 2):
        save_private_note(by=by, session=session, text=text, autosave=autosave, at=at + number * minute)
    rows = NoteRevision.objects.filter(author=clinician).order_by("replaced_at", "id")
    assert [row.text for row in rows] == ["N0", "N1", "N2", "N3"]


def test_each_page_that_answers_a_post_is_recorded_once(client, note, record, clinician, supervisor):
    """The list after a refused grant, the clash page and a clash of the autosave show words too; saving shows none."""
    client.force_login(clinician.user)

    def rows(name, data, *more):
        before = AuditEvent.objects.filter(action="opened").count()
        status = client.post(url(name, record.pk, *more), data).status_code
        new = AuditEvent.objects.filter(action="opened").order_by("pk")[before:]
        return status, [(row.client_id, row.detail) for row in new]

    one = [(record.pk, {"page": "private_notes", "via": "own"})]
    assert rows("private_grant", {"reader": "", "ends_on": ""}) == (200, one)
    assert rows("private_note", {"text": "Other.", "note_seen": ""}, note.session_id) == (200, one)
    assert rows("private_save", {"text": "Other.", "note_seen": ""}, note.session_id) == (409, one)
    assert rows("private_save", {"text": "Other.", "note_seen": seen_of(note)}, note.session_id) == (200, [])
    note.refresh_from_db()
    assert rows("private_note", {"text": "More.", "note_seen": seen_of(note)}, note.session_id) == (302, [])


def test_revisions_are_for_the_author_alone(client, session, clinician, record, practice):
    by = clinician.user
    save_private_note(by=by, session=session, text="What it said.")
    close_session(by=by, session=session)
    save_private_note(by=by, session=session, text="Now.")
    co = MembershipFactory(practice=practice)
    CareFactory(client=record, clinician=co, role="co")
    for member, seen in ((clinician, True), (co, False)):
        client.force_login(member.user)
        text = client.get(url("private_note", record.pk, session.pk)).content.decode()
        assert ("What it said." in text) is seen
        assert "What it said." not in client.get(url("session", record.pk, session.pk)).content.decode()


def test_a_grant_that_ran_out_is_given_anew(record, clinician, supervisor):
    today = timezone.now().date()
    old = PrivateNoteGrantFactory(
        client=record, author=clinician, reader=supervisor, starts_on=today - 9 * DAY, ends_on=today - DAY
    )
    new = grant_private_notes(by=clinician.user, client=record, reader=supervisor, ends_on=today)
    longer = grant_private_notes(by=clinician.user, client=record, reader=supervisor, ends_on=today + DAY)
    old.refresh_from_db()
    assert (old.revoked_at is not None, new.pk != old.pk, longer.pk) == (True, True, new.pk)


def test_the_list_takes_a_fixed_number_of_queries(client, record, clinician, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(clinician.user)
    counts = []
    for _number in (1, 3):
        for _more in range(_number):
            PrivateNoteFactory(session=SessionFactory(client=record, clinician=clinician), author=clinician)
        client.get(url("private_notes", record.pk))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url("private_notes", record.pk)).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


KNOWING = {
    "clients": {
        "access.py",
        "actions/merging_course.py",
        "actions/private_notes.py",
        "actions/sessions.py",
        "models/__init__.py",
        "models/notes.py",
        "queries/private_notes.py",
    },
    "dashboard": {"forms/private_notes.py", "views/private_notes.py"},
}
"""Who may touch the table at all: reports, exports, the portal and every other page do not know it."""


def test_no_other_module_knows_private_notes():
    from pathlib import Path

    from django.conf import settings

    root = Path(settings.BASE_DIR)
    for room in ("practice", "clients", "assessments", "homework", "reports", "dashboard", "portal"):
        paths = [path for path in (root / room).rglob("*.py") if "migrations" not in path.parts]
        found = {str(path.relative_to(root / room)) for path in paths if "PrivateNote" in path.read_text()}
        assert found == KNOWING.get(room, set()), room
