"""Two records of one person: everything moves, nothing is lost, nobody finds the emptied one."""

import datetime as dt
import json

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey
from django.test.utils import CaptureQueriesContext

from assessments.actions.merging import merge, trial
from assessments.actions.rating import rate
from assessments.actions.trajectories import rebuild
from assessments.models import Assignment, Correction, Response, Score, Trajectory
from clients import access
from clients.models import (
    CareAssignment,
    Client,
    Consent,
    EmergencyAccess,
    Episode,
    FocusBarrier,
    Goal,
    PrivateNote,
    PrivateNoteGrant,
    Relationship,
    SafetyFlag,
    SupervisionItem,
    TherapySession,
)
from dashboard.queries.putting_right import put_right
from homework.models import Proposal
from practice.errors import Refused
from practice.grants import Permission
from practice.models import AuditEvent, PrivacyNotice
from reports.models import Report
from tests.factories.assessments import answered, ask, version_of
from tests.factories.clients import (
    CareFactory,
    ClientFactory,
    ClientInvitationFactory,
    EmergencyFactory,
    FocusFactory,
    LifeEventFactory,
    SafetyFlagFactory,
    SessionFactory,
    client_of,
    couple_of,
    screened,
)
from tests.factories.homework import publish_library
from tests.factories.practice import LONG_AGO, MembershipFactory, PrivacyNoticeFactory, UserFactory

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def clinician():
    return MembershipFactory()


@pytest.fixture
def by(clinician):
    return clinician.user


@pytest.fixture
def keep(clinician):
    return client_of(clinician, first_name="Ada", relationship="partner since 2019")


@pytest.fixture
def gone(clinician):
    return client_of(clinician, first_name="Adah", relationship="partner since 2019")


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def fill(client, clinician):
    """A row of everything that a client can have."""
    notice = PrivacyNotice.objects.filter(practice=client.practice).first()
    Consent.objects.create(client=client, notice=notice or PrivacyNoticeFactory(practice=client.practice))
    session = SessionFactory(client=client, clinician=clinician, starts_at=START)
    version_of()
    rate(by=clinician.user, session=session, ratings={"control": 3})
    answered(client, answers={"control": 4}, at=START + DAY)
    ask(client, "attunement")
    LifeEventFactory(client=client)
    FocusFactory(client=client, state="active", slot=1, starts_on=LONG_AGO)
    SafetyFlagFactory(client=client, state="open")
    EmergencyFactory(client=client)
    Goal.objects.create(client=client, episode=session.episode, words="Sing again", set_by=clinician.user)
    SupervisionItem.objects.create(client=client, brought_by=clinician, subject_id=client.pk)
    PrivateNote.objects.create(client=client, session=session, author=clinician, text="Only mine.")
    PrivateNoteGrant.objects.create(
        client=client,
        author=clinician,
        reader=MembershipFactory(practice=client.practice, roles="supervisor"),
        starts_on=LONG_AGO,
        ends_on=dt.date(2030, 1, 1),
    )
    Report.objects.create(client=client, key=f"k:{client.pk}", asked_by=clinician.user)
    return session


LEFT = {
    "clients.Episode": "an emptied episode stays as it was",
    "clients.Relationship": "one of the same words is one",
    "clients.Consent": "agreed to in both: one stands",
    "clients.ClientInvitation": "revoked",
    "clients.Client": "what had joined before leads on",
}


def rows_of(client):
    """How many rows of each model belong to the client."""
    found = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and field.remote_field.model is Client:
                count = model._default_manager.filter(**{field.name: client.pk}).count()
                if count:
                    found[model._meta.label] = found.get(model._meta.label, 0) + count
    return found


def test_every_row_of_every_room_moves(keep, gone, clinician, by):
    """Also of models that are added later: what may stay behind is named with its reason."""
    session = fill(gone, clinician)
    ClientInvitationFactory(client=gone)
    before = rows_of(gone)
    merge(by=by, keep=keep, gone=gone, reason="Taken up twice.")
    left = rows_of(gone)
    assert set(left) <= set(LEFT)
    assert not any(label.startswith(("assessments.", "homework.", "reports.")) for label in left)
    assert len(before) > 15
    session = fresh(session)
    assert (session.client, session.episode.client) == (keep, keep)
    assert rebuild(check=True) == []


def test_no_row_points_to_another_clients_episode_session_or_relationship(keep, gone, clinician, by):
    fill(keep, clinician)
    fill(gone, clinician)
    merge(by=by, keep=keep, gone=gone, reason="Twice.")
    for model in apps.get_models():
        own = {field.name: field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)}
        if "client" not in own or own["client"].remote_field.model is not Client:
            continue
        for name, field in own.items():
            target = field.remote_field.model
            if name != "client" and any(one.name == "client" for one in target._meta.concrete_fields):
                rows = model._default_manager.filter(client=keep).exclude(**{name: None})
                assert rows.exclude(**{f"{name}__client": keep}).count() == 0, (model, name)


def test_open_episodes_become_one_and_scores_are_counted_together(keep, gone, by):
    answered(keep, answers={"control": 4}, at=START)
    answered(gone, answers={"control": 2}, at=START + 7 * DAY)
    done = merge(by=by, keep=keep, gone=gone, reason="Twice.")
    line = Trajectory.objects.get(client=keep, scale="barriers.control")
    assert (line.count, line.baseline, line.latest) == (2, 4, 2)
    assert Relationship.objects.filter(client=keep).count() == 1
    assert Episode.objects.get(client=keep).ends_on is None
    assert Episode.objects.get(client=gone).ends_on is not None
    assert Score.objects.filter(client=gone).count() == 0
    assert rebuild(check=True) == []
    assert any("become one" in line for line in done.told)


def test_episodes_that_do_not_overlap_stay_apart_in_order(keep, gone, by):
    Episode.objects.filter(client=keep).update(starts_on=dt.date(2026, 3, 1))
    early = Episode.objects.get(client=gone)
    early.starts_on, early.ends_on, early.reason = dt.date(2025, 1, 1), dt.date(2025, 6, 1), "completed"
    early.save()
    answered(keep, answers={"control": 4}, at=START + 100 * DAY)
    merge(by=by, keep=keep, gone=gone, reason="Twice.")
    rows = Episode.objects.filter(client=keep).order_by("number").values_list("number", "starts_on", "ends_on")
    assert list(rows) == [(1, dt.date(2025, 1, 1), dt.date(2025, 6, 1)), (2, dt.date(2026, 3, 1), None)]
    assert fresh(keep).status == "active"


def test_an_episode_that_spans_two_is_refused_and_nothing_is_written(keep, gone, by):
    first = Episode.objects.get(client=keep)
    first.ends_on, first.reason = dt.date(2025, 6, 1), "completed"
    first.save()
    Episode.objects.create(client=keep, number=2, starts_on=dt.date(2025, 9, 1))
    with pytest.raises(Refused, match="spans"):
        merge(by=by, keep=keep, gone=gone, reason="Twice.")
    assert fresh(gone).status == "active"
    assert AuditEvent.objects.filter(action="client.merged").count() == 0


def test_a_discharged_record_that_joins_one_in_care(keep, gone, by):
    last = Episode.objects.get(client=keep)
    last.ends_on, last.reason, last.closing_note = dt.date(2026, 2, 1), "completed", "Went well."
    last.save()
    Client.objects.filter(pk=keep.pk).update(status="discharged")
    merge(by=by, keep=keep, gone=gone, reason="Twice.")
    episode = Episode.objects.get(client=keep)
    assert (episode.ends_on, episode.reason, fresh(keep).status) == (None, "", "active")
    assert "Went well." in Correction.objects.get(kind="merged").before


def test_sessions_at_the_same_time_both_stay(keep, gone, by, clinician):
    for client in (keep, gone):
        SessionFactory(client=client, clinician=clinician, starts_at=START, note=f"Note of {client.first_name}.")
    done = merge(by=by, keep=keep, gone=gone, reason="Twice.")
    rows = TherapySession.objects.filter(client=keep).order_by("starts_at")
    assert {row.note for row in rows} == {"Note of Ada.", "Note of Adah."}
    assert [row.starts_at.replace(microsecond=0) for row in rows] == [START, START]
    assert any("same time" in line for line in done.told)


def test_at_most_three_are_in_focus(keep, gone, by):
    for slot, barrier in enumerate(("control", "power"), 1):
        FocusFactory(client=keep, barrier=barrier, state="active", slot=slot, starts_on=LONG_AGO)
    FocusFactory(client=keep, barrier="past")
    for slot, barrier in enumerate(("control", "past", "norms"), 1):
        FocusFactory(client=gone, barrier=barrier, state="active", slot=slot, starts_on=LONG_AGO)
    done = merge(by=by, keep=keep, gone=gone, reason="Twice.")
    rows = FocusBarrier.objects.filter(client=keep, state="active").order_by("slot").values_list("slot", "barrier")
    assert list(rows) == [(1, "control"), (2, "power"), (3, "past")]
    assert FocusBarrier.objects.filter(client=keep).exclude(state="active").count() == 3
    assert any("Socialized norms" in line or "norms" in line.lower() for line in done.told)


def test_the_same_measure_open_in_both_is_asked_once(keep, gone, by):
    mine, theirs = ask(keep, "barriers", channel="link"), ask(gone, "barriers", channel="link")
    other = ask(gone, "attunement")
    merge(by=by, keep=keep, gone=gone, reason="Twice.")
    states = dict(Assignment.objects.values_list("pk", "state"))
    assert states == {mine.pk: "open", theirs.pk: "withdrawn", other.pk: "open"}
    assert theirs.links.get().revoked_at is not None
    assert set(Assignment.objects.values_list("client", flat=True)) == {keep.pk}


def test_the_same_exercise_proposed_in_both_stands_once(keep, gone, by):
    version = publish_library()["weekly-check-in"]
    for client in (keep, gone):
        Proposal.objects.create(
            client=client,
            episode=client.episodes.get(),
            version=version,
            exercise_id=version.exercise_id,
            proposed_by=by,
        )
    merge(by=by, keep=keep, gone=gone, reason="Twice.")
    assert sorted(Proposal.objects.filter(client=keep).values_list("state", flat=True)) == ["proposed", "withdrawn"]


class TestCouples:
    def test_partners_are_two_people(self, keep, gone, by):
        couple = couple_of(keep, gone)
        for ended in (False, True):
            couple.partners.update(ended=ended)
            with pytest.raises(Refused, match="two people"):
                merge(by=by, keep=keep, gone=gone, reason="Twice.")

    def test_two_links_are_refused_and_one_moves(self, keep, gone, by):
        one = couple_of(keep, ClientFactory(practice=keep.practice))
        other = couple_of(gone, ClientFactory(practice=keep.practice))
        with pytest.raises(Refused, match="End one"):
            merge(by=by, keep=keep, gone=gone, reason="Twice.")
        one.partners.update(ended=True)
        merge(by=by, keep=keep, gone=gone, reason="Twice.")
        assert other.partners.filter(client=keep, ended=False).count() == 1


class TestPeople:
    def test_the_care_team_is_the_union_with_one_primary(self, keep, by):
        other, third = MembershipFactory(practice=keep.practice), MembershipFactory(practice=keep.practice)
        gone = client_of(other)
        mine = CareAssignment.objects.get(client=keep).clinician
        CareFactory(client=gone, clinician=mine, role="co")
        CareFactory(client=gone, clinician=third, role="cover", ends_on=dt.date(2030, 1, 1))
        merge(by=by, keep=keep, gone=gone, reason="Twice.")
        rows = CareAssignment.objects.filter(client=keep)
        now = {(row.clinician, row.role) for row in rows.current(keep.practice.today())}
        assert now == {(mine, "primary"), (other, "co"), (third, "cover")}
        assert CareAssignment.objects.filter(client=gone).count() == 0

    def test_the_stronger_place_stands(self, by, clinician):
        keep = ClientFactory(practice=clinician.practice)
        CareFactory(client=keep, clinician=clinician, role="co")
        gone = client_of(clinician)
        merge(by=by, keep=keep, gone=gone, reason="Twice.")
        row = CareAssignment.objects.filter(client=keep).current(keep.practice.today()).get()
        assert (row.clinician, row.role) == (clinician, "primary")

    def test_a_sign_in_moves_where_there_is_none(self, keep, gone, by):
        gone.user = UserFactory()
        gone.save()
        merge(by=by, keep=keep, gone=gone, reason="Twice.")
        assert fresh(keep).user == gone.user
        assert fresh(gone).user is None
        assert list(access.clients_for(gone.user, Permission.ANSWER)) == [keep]

    def test_a_second_sign_in_is_shut(self, keep, gone, by):
        keep.user, gone.user = UserFactory(), UserFactory()
        keep.save()
        gone.save()
        merge(by=by, keep=keep, gone=gone, reason="Twice.")
        assert (fresh(keep).user, fresh(keep.user).is_active, fresh(gone.user).is_active) == (keep.user, True, False)

    def test_somebody_elsewhere_keeps_their_sign_in(self, keep, gone, by):
        keep.user, gone.user = UserFactory(), MembershipFactory().user
        keep.save()
        gone.save()
        merge(by=by, keep=keep, gone=gone, reason="Twice.")
        assert fresh(gone.user).is_active is True

    def test_contact_is_the_safer_of_both(self, keep, gone, by):
        Client.objects.filter(pk=keep.pk).update(safe_contact="email", email="ada@example.test", phone="")
        keep.refresh_from_db()
        gone.phone, gone.contact_note = "123", "Never after six."
        gone.save()
        merge(by=by, keep=keep, gone=gone, reason="Twice.")
        row = fresh(keep)
        assert (row.safe_contact, row.email, row.phone, row.contact_note) == (
            "none",
            "ada@example.test",
            "123",
            "Never after six.",
        )

    @pytest.mark.parametrize("whose", ["keep", "gone"])
    @pytest.mark.parametrize(("chosen", "hours"), [("email", (12, 14)), ("none", None)])
    def test_which_safe_contact_counts_is_chosen_where_they_differ(self, keep, gone, by, whose, chosen, hours):
        named = keep if whose == "keep" else gone
        fields = {"safe_contact": "email", "email": "ada@example.test", "contact_from": 12, "contact_to": 14}
        Client.objects.filter(pk=named.pk).update(**fields)
        done = merge(by=by, keep=keep, gone=gone, reason="Twice.", safe_contact=chosen)
        row = fresh(keep)
        assert row.safe_contact == chosen
        assert hours is None or (row.contact_from, row.contact_to) == hours
        kept = json.loads(Correction.objects.get(kind="merged").before)
        before = "email" if whose == "keep" else "none"
        assert kept["here"].get("safe_contact", chosen) == before
        assert kept["record"]["safe_contact"] == ("email" if whose == "gone" else "none")
        said = [line for line in done.told if "E-mail" in line or "No messages" in line]
        assert len(said) == (0 if (whose, chosen) == ("gone", "none") else 1)

    def test_a_choice_that_neither_record_made_does_not_count(self, keep, gone, by):
        merge(by=by, keep=keep, gone=gone, reason="Twice.", safe_contact="email")
        assert fresh(keep).safe_contact == "none"

    def test_the_latest_screen_stands_and_flags_move(self, keep, gone, by):
        screened(keep)
        screened(gone, cleared=False)
        SafetyFlagFactory(client=gone)
        merge(by=by, keep=keep, gone=gone, reason="Twice.")
        assert fresh(keep).safety_cleared is False
        assert SafetyFlag.objects.get().client == keep

    @pytest.mark.parametrize("whose", ["keep", "gone"])
    def test_emergency_access_and_private_grants_of_both_end(self, keep, gone, clinician, by, whose):
        """They were given for the one record, and would open the other's notes too."""
        fill(keep if whose == "keep" else gone, clinician)
        done = merge(by=by, keep=keep, gone=gone, reason="Twice.")
        assert EmergencyAccess.objects.get().revoked_at is not None
        assert PrivateNoteGrant.objects.get().revoked_at is not None
        assert sum("private notes" in line for line in done.told) == 1
        assert sum("Emergency access" in line for line in done.told) == 1

    def test_only_the_author_learns_of_private_notes(self, keep, gone, clinician, by):
        """Neither sentence, count nor audit row tells a colleague that somebody keeps private notes, or of a flag."""
        other = MembershipFactory(practice=keep.practice)
        for client in (keep, gone):
            CareFactory(client=client, clinician=other, role="co")
        fill(gone, clinician)
        said = trial(by=other.user, keep=keep, gone=gone)
        assert not any("rivate" in line for line in said.told)
        assert not set(said.counts) & {"private_notes", "private_grants", "note_revisions", "flags"}
        merge(by=other.user, keep=keep, gone=gone, reason="Twice.")
        details = AuditEvent.objects.filter(action="client.merged").values_list("detail", flat=True)
        assert not any(
            set(detail) & {"private_notes", "private_grants", "note_revisions", "flags"} for detail in details
        )
        kept = json.loads(Correction.objects.get(kind="merged").before)
        assert len(kept["moved"]["private_notes"]) == len(kept["moved"]["flags"]) == 1

    def test_what_this_record_said_of_contact_and_sign_in_is_kept_and_shown(self, keep, gone, by):
        Client.objects.filter(pk=keep.pk).update(safe_contact="email", email="ada@example.test")
        Client.objects.filter(pk=gone.pk).update(phone="", user=UserFactory(sign_in="adah"))
        keep.refresh_from_db()
        keep.contact_note = "Only mornings."
        keep.save()
        gone.refresh_from_db()
        gone.contact_note = "Never after six."
        gone.save()
        merge(by=by, keep=keep, gone=gone, reason="Twice.")
        row = Correction.objects.get(kind="merged")
        kept = json.loads(row.before)
        assert kept["here"] == {"safe_contact": "email", "contact_note": "Only mornings.", "sign_in": ""}
        assert (kept["record"]["contact_note"], kept["record"]["sign_in"]) == ("Never after six.", "adah")
        (line,) = put_right(by, fresh(keep), sees_safety=True)[0]
        words = dict(line.told)
        assert "To mind when contacting: Only mornings." in words["This record said"]
        assert "Signs in as: nothing" in words["This record said"]
        assert "Signs in as: adah" in words["That record said"]


class TestWho:
    def test_both_must_be_in_ones_care(self, keep, gone, clinician, by):
        stranger = ClientFactory(practice=keep.practice)
        covered = ClientFactory(practice=keep.practice)
        CareFactory(client=covered, clinician=clinician, role="cover", ends_on=dt.date(2030, 1, 1))
        for other in (keep, stranger, covered, ClientFactory()):
            with pytest.raises(Refused) as refusal:
                merge(by=by, keep=keep, gone=other, reason="Twice.")
            assert refusal.value.field == "gone"
        with pytest.raises(Refused) as refusal:
            merge(by=by, keep=keep, gone=gone, reason=" ")
        assert refusal.value.field == "reason"
        owner = MembershipFactory(practice=keep.practice, roles="owner")
        with pytest.raises(Refused):
            merge(by=owner.user, keep=keep, gone=gone, reason="Twice.")

    def test_nobody_finds_the_emptied_record(self, keep, gone, by):
        merge(by=by, keep=keep, gone=gone, reason="Twice.")
        owner = MembershipFactory(practice=keep.practice, roles="owner").user
        for user in (by, owner):
            for permission in Permission:
                assert gone not in access.clients_for(user, permission)
            assert access.opened(user, gone.pk) == (None, [])
        with pytest.raises(Refused):
            merge(by=by, keep=keep, gone=fresh(gone), reason="Again.")
        with pytest.raises(Refused):
            merge(by=by, keep=fresh(gone), gone=keep, reason="Back.")

    def test_what_had_joined_before_leads_on(self, keep, gone, clinician, by):
        third = client_of(clinician)
        merge(by=by, keep=gone, gone=third, reason="Twice.")
        merge(by=by, keep=keep, gone=gone, reason="Three times.")
        assert fresh(third).merged_into == keep


def test_a_trial_says_the_same_and_changes_nothing(keep, gone, clinician, by):
    fill(gone, clinician)
    before = rows_of(gone), rows_of(keep), AuditEvent.objects.count()
    said = trial(by=by, keep=keep, gone=gone)
    assert (rows_of(gone), rows_of(keep), AuditEvent.objects.count()) == before
    done = merge(by=by, keep=keep, gone=gone, reason="Twice.")
    assert (said.counts, said.told) == (done.counts, done.told)


def test_history_and_audit_on_both(keep, gone, clinician, by):
    fill(gone, clinician)
    merge(by=by, keep=keep, gone=gone, reason="Taken up twice.", at=START + 300 * DAY)
    row = Correction.objects.get(kind="merged")
    kept = json.loads(row.before)
    assert (row.client, row.made_by, row.reason, kept["code"]) == (keep, by, "Taken up twice.", gone.code)
    assert kept["record"]["first_name"] == "Adah"
    assert len(kept["moved"]["responses"]) == Response.objects.filter(client=keep).count()
    events = AuditEvent.objects.filter(action="client.merged")
    assert {event.client_id for event in events} == {keep.pk, gone.pk}


def test_all_or_nothing(keep, gone, clinician, by, monkeypatch):
    fill(gone, clinician)
    before = rows_of(gone), rows_of(keep)

    def broken(joining):
        raise RuntimeError

    monkeypatch.setattr("reports.actions.merging.move_rows", broken)
    with pytest.raises(RuntimeError):
        merge(by=by, keep=keep, gone=gone, reason="Twice.")
    assert (rows_of(gone), rows_of(keep)) == before


def test_the_number_of_statements_does_not_grow(keep, clinician, by):
    counts = []
    for many in (1, 2, 4):  # the first fills what is read once a process
        gone = client_of(clinician)
        for number in range(many):
            SessionFactory(client=gone, clinician=clinician, starts_at=START + number * DAY + many * 100 * DAY)
            answered(gone, answers={"control": 2}, at=START + number * DAY + many * 100 * DAY)
        with CaptureQueriesContext(connection) as captured:
            trial(by=by, keep=keep, gone=gone)
        counts.append(len(captured))
    assert counts[1] == counts[2]
