"""Sessions: times, kinds, the partner's row, changing."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from clients.actions.sessions import add_session, change_session, close_session, reopen_session
from clients.models import NoteRevision, TherapySession
from practice import localtime
from practice.errors import Refused
from practice.models import AuditEvent
from tests.factories.clients import ClientFactory, SessionFactory, client_of, couple_of
from tests.factories.practice import MembershipFactory

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def client(clinician):
    return client_of(clinician)


def add(client, clinician, **kwargs):
    values = {"starts_at": NOON - HOUR, "kind": "individual", "attendance": "held", "at": NOON, **kwargs}
    return add_session(by=clinician.user, client=client, clinician=clinician, **values)


def test_adding_a_session(client, clinician, audited):
    session = TherapySession.objects.get(pk=add(client, clinician, note=" A good talk. ").pk)
    assert (session.note, session.episode, session.couple, session.practice) == (
        "A good talk.",
        client.episodes.get(),
        None,
        client.practice,
    )
    assert audited() == ["session.added"]
    assert AuditEvent.objects.get().detail == {"kind": "individual", "partner_row": ""}


@pytest.mark.parametrize(
    ("kwargs", "field"),
    [
        ({"kind": "party"}, "kind"),
        ({"attendance": "asleep"}, "attendance"),
        ({"attendance": "held", "starts_at": NOON + HOUR}, "attendance"),
        ({"attendance": "missed", "starts_at": NOON + HOUR}, "attendance"),
        ({"kind": "joint"}, "kind"),
        ({"starts_at": dt.datetime(2019, 12, 31, 12, tzinfo=dt.UTC)}, "clinician"),
    ],
)
def test_refused_at_the_field(client, clinician, audited, kwargs, field):
    with pytest.raises(Refused) as refused:
        add(client, clinician, **kwargs)
    assert (refused.value.field, TherapySession.objects.count(), audited()) == (field, 0, [])


def test_not_outside_an_episode(clinician, practice):
    client = ClientFactory(practice=practice, episode__starts_on=NOON.date())
    with pytest.raises(Refused) as refused:
        add(client, clinician, starts_at=NOON - 24 * HOUR)
    assert refused.value.field == "starts_at"


def test_not_two_at_the_same_time(client, clinician):
    add(client, clinician)
    with pytest.raises(Refused) as refused:
        add(client, clinician)
    assert (refused.value.field, TherapySession.objects.count()) == ("starts_at", 1)


def test_a_clinician_of_another_practice_is_refused(client, clinician):
    with pytest.raises(Refused) as refused:
        add_session(
            by=clinician.user, client=client, clinician=MembershipFactory(), starts_at=NOON, kind="intake", at=NOON
        )
    assert refused.value.field == "clinician"


# --- together ---------------------------------------------------------------------------------------------------


def test_a_joint_session_is_a_row_in_each_record_and_the_note_in_one(client, clinician, audited):
    partner = client_of(clinician)
    couple = couple_of(client, partner)
    mine = add(client, clinician, kind="joint", note="About A only.", with_partner=True)
    theirs = TherapySession.objects.get(client=partner)
    assert (theirs.couple, theirs.starts_at, theirs.kind, theirs.note) == (couple, mine.starts_at, "joint", "")
    assert mine.couple == couple
    assert audited() == ["session.added"]


def test_no_row_in_the_record_of_a_partner_in_anothers_care(client, clinician, practice):
    partner = client_of(MembershipFactory(practice=practice))
    couple_of(client, partner)
    with pytest.raises(Refused) as refused:
        add(client, clinician, kind="joint", with_partner=True)
    assert (refused.value.field, TherapySession.objects.count()) == ("with_partner", 0)
    add(client, clinician, kind="joint")
    assert list(TherapySession.objects.values_list("client", flat=True)) == [client.pk]


def test_only_a_joint_session_goes_to_the_partner(client, clinician):
    couple_of(client, client_of(clinician))
    with pytest.raises(Refused) as refused:
        add(client, clinician, with_partner=True)
    assert (refused.value.field, TherapySession.objects.count()) == ("with_partner", 0)


def test_a_clash_in_the_partners_record_writes_nothing(client, clinician):
    partner = client_of(clinician)
    couple_of(client, partner)
    SessionFactory(client=partner, starts_at=NOON - HOUR)
    with pytest.raises(Refused):
        add(client, clinician, kind="joint", with_partner=True)
    assert TherapySession.objects.filter(client=client).count() == 0


# --- changing ---------------------------------------------------------------------------------------------------


def test_changing_names_the_fields(client, clinician, audited):
    session = add(client, clinician)
    audited()
    change_session(by=clinician.user, session=session, attendance="late", note="x", kind="individual", at=NOON + HOUR)
    session.refresh_from_db()
    assert (session.attendance, session.note, session.changed_at) == ("late", "x", NOON + HOUR)
    assert audited() == ["session.changed"]
    assert AuditEvent.objects.last().detail == {"changed": ["attendance", "note"], "autosave": False}


def test_a_note_is_not_overwritten_unseen(client, clinician):
    session = add(client, clinician, note="first")
    change_session(by=clinician.user, session=session, note="second", seen_at=NOON, at=NOON + HOUR)
    with pytest.raises(Refused):
        change_session(by=clinician.user, session=session, note="third", seen_at=NOON, at=NOON + 2 * HOUR)
    session.refresh_from_db()
    assert session.note == "second"


def kept(session):
    return [row.text for row in NoteRevision.objects.filter(session=session, author=None).order_by("replaced_at", "pk")]


def wrote(session, clinician, note, at, *, autosave=False):
    change_session(by=clinician.user, session=session, note=note, at=at, autosave=autosave)


MINUTE = dt.timedelta(minutes=1)


def test_what_was_saved_by_hand_between_typing_is_kept(client, clinician):
    session = SessionFactory(client=client, clinician=clinician, note="T0")
    start = session.starts_at + dt.timedelta(days=1)
    close_session(by=clinician.user, session=session, at=start)
    for minute, (note, autosave) in enumerate((("T1", True), ("T2", False), ("T3", True), ("T4", True)), 1):
        wrote(session, clinician, note, start + minute * MINUTE, autosave=autosave)
    assert kept(session) == ["T0", "T1", "T2"]


def test_what_it_said_when_it_was_closed_again_is_kept(client, clinician):
    session = SessionFactory(client=client, clinician=clinician, note="T0")
    start, by = session.starts_at + dt.timedelta(days=1), clinician.user
    close_session(by=by, session=session, at=start)
    reopen_session(by=by, session=session, at=start + MINUTE)
    wrote(session, clinician, "T1", start + 2 * MINUTE, autosave=True)
    wrote(session, clinician, "T2", start + 3 * MINUTE, autosave=True)
    close_session(by=by, session=session, at=start + 4 * MINUTE)
    wrote(session, clinician, "T3", start + 5 * MINUTE, autosave=True)
    assert kept(session) == ["T0", "T2"]


def test_a_session_never_closed_keeps_what_another_or_an_earlier_sitting_wrote(client, clinician, practice):
    """There is no way round closing: 300 days later, a colleague's, or after changing something else first."""
    other = MembershipFactory(practice=practice)
    start = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
    session = SessionFactory(client=client, clinician=clinician, starts_at=start, note="")
    wrote(session, clinician, "A", start, autosave=True)
    wrote(session, clinician, "AB", start + 20 * MINUTE, autosave=True)
    wrote(session, clinician, "ABC", start + 25 * MINUTE)
    assert kept(session) == []  # one sitting of one writer is a working text
    wrote(session, other, "B1", start + 26 * MINUTE, autosave=True)
    wrote(session, other, "B2", start + 27 * MINUTE, autosave=True)
    wrote(session, clinician, "C1", start + 28 * MINUTE, autosave=True)
    wrote(session, other, "D1", start + 29 * MINUTE, autosave=True)
    assert kept(session) == ["ABC", "B2", "C1"]
    later = start + dt.timedelta(days=300)
    change_session(by=other.user, session=session, attendance="late", at=later)
    wrote(session, other, "E1", later + MINUTE)
    wrote(session, other, "E2", later + 2 * MINUTE, autosave=True)
    assert kept(session) == ["ABC", "B2", "C1", "D1"]


def test_changing_the_kind_sets_and_clears_the_couple(client, clinician):
    session = add(client, clinician)
    with pytest.raises(Refused) as refused:
        change_session(by=clinician.user, session=session, kind="joint", at=NOON)
    assert refused.value.field == "kind"
    couple = couple_of(client, client_of(clinician))
    assert change_session(by=clinician.user, session=session, kind="joint", at=NOON).couple == couple
    assert change_session(by=clinician.user, session=session, kind="remote", at=NOON).couple is None


def test_the_client_of_a_session_never_changes(client, clinician):
    with pytest.raises(TypeError):
        change_session(by=clinician.user, session=add(client, clinician), client=client)


# --- local times ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ((2026, 3, 29, 1, 59), (2026, 3, 29, 0, 59)),
        ((2026, 3, 29, 3, 0), (2026, 3, 29, 1, 0)),
        ((2026, 10, 25, 2, 30), (2026, 10, 25, 0, 30)),  # twice: the first, in summer time
        ((2026, 10, 25, 3, 0), (2026, 10, 25, 2, 0)),
        ((2026, 7, 1, 12, 0), (2026, 7, 1, 10, 0)),
    ],
)
def test_local_times(local, utc):
    assert localtime.moment(dt.datetime(*local), BERLIN) == dt.datetime(*utc, tzinfo=dt.UTC)


def test_a_time_that_clocks_skip_is_refused():
    with pytest.raises(Refused) as refused:
        localtime.moment(dt.datetime(2026, 3, 29, 2, 30), BERLIN, "time")
    assert refused.value.field == "time"
    assert "02:30" in str(refused.value)
    assert localtime.at_or_after(dt.datetime(2026, 3, 29, 2, 30), BERLIN) == dt.datetime(
        2026, 3, 29, 1, 30, tzinfo=dt.UTC
    )
