"""A rating counts only while its session is held; it follows the session over time and episodes."""

import datetime as dt

import pytest
from django.utils import timezone

from assessments.actions.corrections import restore_response, withdraw_response
from assessments.actions.mistaken import mistaken_session
from assessments.actions.rating import rate
from assessments.actions.sessions import change_session, close_session
from assessments.actions.trajectories import rebuild
from assessments.models import Response, Score, Trajectory
from assessments.queries.responses import pending_ratings, rating_of, readable_answers, submitted
from clients.actions.course import discharge
from clients.models import Episode, TherapySession
from dashboard.queries.record_homework import steering
from dashboard.queries.timeline import Reader
from dashboard.queries.timeline_sources import SOURCES
from homework.suggestions import RatingPair
from practice.errors import Refused
from practice.grants import Permission
from reports.queries import answered_versions
from tests.factories.assessments import answered, version_of
from tests.factories.clients import SessionFactory, client_of
from tests.factories.practice import MembershipFactory, PracticeFactory

pytestmark = pytest.mark.django_db
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


@pytest.fixture
def clinician():
    return MembershipFactory(practice=PracticeFactory(time_zone="Europe/Berlin"))


@pytest.fixture
def by(clinician):
    return clinician.user


@pytest.fixture
def person(clinician):
    version_of()
    return client_of(clinician)


@pytest.fixture
def make(person, clinician):
    def made(starts_at, attendance="planned"):
        return SessionFactory(client=person, clinician=clinician, starts_at=starts_at, attendance=attendance)

    return made


def latest(person):
    rows = Trajectory.objects.filter(client=person, scale="barriers.control", respondent="clinician")
    return [row.latest for row in rows]


def on_the_time_line(person):
    (source,) = (one for one in SOURCES if one.kind == "rating")
    return list(source.rows(Reader(person, frozenset(Permission))))


def is_uncounted(person):
    assert latest(person) == []
    assert (Score.objects.count(), list(submitted(person))) == (0, [])
    assert answered_versions(person, person.episodes.get(), timezone.now() + DAY) == []
    assert on_the_time_line(person) == []
    assert rebuild(check=True) == []
    return True


class TestPlanned:
    def test_it_is_done_and_not_scored_until_the_session_is_held(self, by, person, make):
        session = make(timezone.now() - HOUR)
        row = rate(by=by, session=session, ratings={"control": 1})
        assert row.state == "submitted"
        assert is_uncounted(person)
        change_session(by=by, session=session, attendance="held")
        assert (latest(person), list(submitted(person)), on_the_time_line(person)) == ([1], [row], [row])
        assert Score.objects.filter(at=session.starts_at).count() == Score.objects.count() > 0
        assert rebuild(check=True) == []
        close_session(by=by, session=session)
        assert latest(person) == [1]

    def test_what_the_caller_read_earlier_does_not_matter(self, by, person, make):
        session = make(timezone.now() - HOUR)
        rate(by=by, session=session, ratings={"control": 1})
        stale = TherapySession.objects.select_related("client__practice").get()
        stale.attendance = "held"
        change_session(by=by, session=stale, attendance="held")
        assert latest(person) == [1]
        stale.attendance = "held"
        TherapySession.objects.update(attendance="cancelled")
        with pytest.raises(Refused, match="did not take place"):
            rate(by=by, session=stale, ratings={"control": 2})

    def test_it_cannot_lift_the_rule_about_control_and_power(self, by, person, make):
        rate(by=by, session=make(timezone.now() - 7 * DAY, "held"), ratings={"control": 4})
        ahead = make(timezone.now() + HOUR)
        rate(by=by, session=ahead, ratings={"control": 0, "power": 3})
        found = steering(person, person.episodes.get())
        assert (found["control"], found["power"]) == (RatingPair(None, 4), RatingPair(None, 3))
        TherapySession.objects.filter(pk=ahead.pk).update(attendance="missed")
        found = steering(person, person.episodes.get())
        assert (found["control"], "power" in found) == (RatingPair(None, 4), False)

    def test_the_highest_of_several_and_of_this_episode_only(self, by, person, make):
        for hours, value in ((1, 2), (2, 3), (3, 1)):
            rate(by=by, session=make(timezone.now() - hours * HOUR), ratings={"control": value})
        rate(by=by, session=make(timezone.now() - 4 * HOUR), ratings={"control": 4}, done=False)
        assert pending_ratings(person, person.episodes.get()) == {"control": 3}
        other = Episode.objects.create(
            client=person, number=9, starts_on=dt.date(2020, 1, 1), ends_on=dt.date(2020, 2, 1), reason="agreed"
        )
        assert pending_ratings(person, other) == {}

    def test_the_clients_own_counts_at_once(self, by, person, make):
        answered(person, answers={"control": 1}, at=timezone.now() - HOUR)
        assert Trajectory.objects.filter(respondent="client", scale="barriers.control").count() == 1

    @pytest.mark.parametrize(("hour", "refused"), [(22, False), (23, True)])
    def test_from_the_day_before_in_the_practices_days(self, by, make, hour, refused):
        """23:00 UTC in winter is midnight in Berlin."""
        now = dt.datetime(2026, 12, 7, 9, tzinfo=dt.UTC)
        session = make(dt.datetime(2026, 12, 8, hour, tzinfo=dt.UTC))
        assert rate(by=by, session=session, ratings={"control": 2}, done=False, at=now).state == "draft"
        if refused:
            with pytest.raises(Refused, match="from the day before"):
                rate(by=by, session=session, ratings={"control": 2}, at=now)
            assert Response.objects.get().state == "draft"
        else:
            assert rate(by=by, session=session, ratings={"control": 2}, at=now).state == "submitted"

    def test_put_back_it_still_waits_for_the_session(self, by, person, make):
        row = rate(by=by, session=make(timezone.now() + HOUR), ratings={"control": 1})
        withdraw_response(by=by, response=row, reason="r")
        restore_response(by=by, response=row, reason="r")
        assert is_uncounted(person)


class TestNotHeld:
    @pytest.mark.parametrize("attendance", ["late", "cancelled", "missed", "planned"])
    def test_its_scores_go_and_come_back(self, by, person, make, attendance):
        session = make(timezone.now() - HOUR, "held")
        row = rate(by=by, session=session, ratings={"control": 4})
        assert latest(person) == [4]
        session = change_session(by=by, session=session, attendance=attendance)
        assert is_uncounted(person)
        assert rating_of(session).answers["control"] == 4
        assert list(readable_answers(person)) == [row]
        change_session(by=by, session=session, attendance="held")
        assert latest(person) == [4]
        assert rebuild(check=True) == []

    def test_discharge(self, by, person, make):
        rate(by=by, session=make(timezone.now() + HOUR), ratings={"control": 4})
        discharge(by=by, client=person, reason="agreed")
        assert TherapySession.objects.get().attendance == "cancelled"
        assert is_uncounted(person)
        assert steering(person, person.episodes.get()) == {}

    def test_entered_by_mistake(self, by, person, make):
        rate(by=by, session=make(timezone.now() - HOUR), ratings={"control": 4})
        mistaken_session(by=by, session=TherapySession.objects.get(), reason="r")
        assert is_uncounted(person)
        assert Response.objects.get().state == "withdrawn"


class TestEpisodes:
    @pytest.fixture
    def two(self, person):
        """An episode before the one that runs."""
        now = person.episodes.get()
        today = person.practice.today()
        Episode.objects.filter(pk=now.pk).update(number=2, starts_on=today - 30 * DAY)
        first = Episode.objects.create(
            client=person, number=1, starts_on=today - 90 * DAY, ends_on=today - 60 * DAY, reason="agreed"
        )
        return first, now

    def test_the_rating_moves_along(self, by, person, make, two):
        session = make(timezone.now() - 7 * DAY, "held")
        rate(by=by, session=session, ratings={"control": 4})
        moved = change_session(by=by, session=session, starts_at=timezone.now() - 70 * DAY)
        row = rating_of(moved)
        assert (moved.episode, row.episode) == (two[0], two[0])
        assert set(Score.objects.values_list("episode", "at")) == {(two[0].pk, moved.starts_at)}
        assert set(Trajectory.objects.values_list("episode", "latest_at")) == {(two[0].pk, moved.starts_at)}
        assert rebuild(check=True) == []

    @pytest.mark.parametrize("withdrawn", [True, False])
    def test_so_do_drafts_and_what_was_taken_out(self, by, person, make, two, withdrawn):
        session = make(timezone.now() - 7 * DAY, "held")
        row = rate(by=by, session=session, ratings={"control": 4}, done=withdrawn)
        if withdrawn:
            withdraw_response(by=by, response=row, reason="r")
        change_session(by=by, session=session, starts_at=timezone.now() - 70 * DAY)
        row.refresh_from_db()
        assert (row.episode, Score.objects.count()) == (two[0], 0)
        if withdrawn:
            restore_response(by=by, response=row, reason="r")
            assert set(Score.objects.values_list("episode", flat=True)) == {two[0].pk}
