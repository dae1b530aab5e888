"""Reading assessments: contents, and a fixed number of queries."""

import datetime as dt

import pytest
from django.utils import timezone

from assessments.actions.library import publish_instruments
from assessments.actions.rating import rate
from assessments.models import Response
from assessments.queries.answers import answers_of
from assessments.queries.asked import asked_in_portal, open_assignments
from assessments.queries.barriers import barrier_columns
from assessments.queries.library import latest_version, latest_versions, passport, start_pack
from assessments.queries.scores import scores_series
from assessments.schema import definition_from_json
from clients.actions.course import discharge
from clients.barriers import CODES
from clients.models import Episode
from tests.factories.assessments import answered, ask, definitions, draft, publish, version_of
from tests.factories.clients import ClientFactory, FocusFactory, SessionFactory
from tests.factories.practice import UserFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
START = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)


@pytest.fixture
def client():
    return ClientFactory()


@pytest.fixture
def episode(client):
    return client.episodes.get()


class TestLibrary:
    def test_newest_versions_start_pack_first(self, django_assert_num_queries):
        publish()
        edited = definition_from_json({**definitions()["attunement"].model_dump(mode="json"), "minutes": 9})
        publish_instruments([edited])
        with django_assert_num_queries(1):
            rows = latest_versions()
            slugs = [row.instrument.slug for row in rows]
        assert len(slugs) == 12
        assert set(slugs[:3]) == {"safety-screen", "barriers", "session-checkin"}
        assert {row.instrument.slug: row.number for row in rows}["attunement"] == 2
        assert latest_version("attunement").definition.minutes == 9
        assert [row.instrument.slug for row in start_pack()] == slugs[:3]

    def test_retired_instruments_are_not_offered(self):
        version = version_of("attunement")
        version.instrument.retired_at = timezone.now()
        version.instrument.save()
        assert latest_versions() == []

    def test_the_passport_counts_people_of_this_practice_once(self, client, django_assert_num_queries):
        answered(client)
        answered(client)
        answered(ClientFactory(practice=client.practice))
        answered(ClientFactory())
        draft(ClientFactory(practice=client.practice))
        version = version_of()
        with django_assert_num_queries(2):
            facts = passport(version, client.practice)
        assert (facts.people, facts.items, facts.number, facts.validated) == (2, 12, 1, False)
        assert facts.reliability_note == "Not known in this practice yet: 2 of 30 clients that it takes."
        assert 0 < facts.reading_grade <= 8
        assert [source.article for source in facts.sources] == ["C"]


class TestAsked:
    @pytest.mark.parametrize("count", [1, 3])
    def test_open_ones_in_one_query(self, client, count, django_assert_num_queries):
        for slug in ("barriers", "attunement", "growth-habits")[:count]:
            ask(client, slug)
        with django_assert_num_queries(1):
            rows = list(open_assignments(client))
            assert len([(row.version.definition.title, row.version.instrument.title) for row in rows]) == count

    def test_soonest_due_first_and_only_what_is_still_asked(self, client):
        today = client.practice.today()
        whenever = ask(client, "barriers")
        later = ask(client, "attunement", due_on=today + 3 * DAY)
        sooner = ask(client, "growth-habits", due_on=today + DAY)
        expired = ask(client, "self-in-relationship")
        expired.expires_at = timezone.now()
        expired.save()
        answered(client, "after-session")
        ask(ClientFactory())
        assert list(open_assignments(client)) == [sooner, later, whenever]
        discharge(by=UserFactory(), client=client, reason="completed")
        assert list(open_assignments(client)) == []

    def test_the_portal_shows_neither_room_nor_link(self, client):
        shown = ask(client, "barriers")
        ask(client, "attunement", channel="link")
        ask(client, "safety-screen", channel="room")
        assert asked_in_portal(client) == [shown]


class TestAnswers:
    @pytest.mark.parametrize("answers", [{"control": 3}, dict.fromkeys(CODES, 1)], ids=["one", "all"])
    def test_a_sheet_in_two_queries(self, client, answers, django_assert_num_queries):
        response = answered(client, answers={**answers, "control.note": "at the weekend", "focus": ["control"]})
        response = Response.objects.select_related("version").get(pk=response.pk)
        with django_assert_num_queries(2):
            sheet = answers_of(response)
        assert len(sheet.rows) == 14
        assert sheet.answered == len(answers) + 1
        rows = {row.question.id: row for row in sheet.rows}
        assert rows["control"].note == "at the weekend"
        assert rows["control"].label == {3: "Quite a lot", 1: "A little"}[answers["control"]]
        assert rows["focus"].label == "Control issues"
        assert len(sheet.scores) == 14

    def test_a_draft_asks_about_todays_focus(self, client):
        FocusFactory(client=client, barrier="power", state="active", slot=1, starts_on=START.date())
        response = draft(client, "session-checkin", {"today": "peace", "talk-instead": True, "life-events": ["work"]})
        rows = {row.question.id: row for row in answers_of(response).rows}
        assert "focus-now.power" in rows
        assert "focus-now.control" not in rows
        assert rows["today"].label == "peace"
        assert rows["talk-instead"].label == "Yes"
        assert rows["life-events"].label.startswith("A change at work")


class TestScores:
    def test_series_by_scale_and_respondent(self, client, episode, django_assert_num_queries):
        answered(client, answers={"control": 4}, at=START)
        answered(client, answers={"control": None}, at=START + DAY)
        rate(by=UserFactory(), session=SessionFactory(client=client, starts_at=START), ratings={"control": 2})
        with django_assert_num_queries(1):
            series = scores_series(client, episode, ["barriers.control"])
        points = {key: [(point.value, point.reason) for point in rows] for key, rows in series.items()}
        assert points == {
            ("barriers.control", "client"): [(4, ""), (None, "not_whole")],
            ("barriers.control", "clinician"): [(2, "")],
        }
        assert set(scores_series(client, episode, respondent="clinician")) >= {("barriers.control", "clinician")}


class TestBarrierColumns:
    def _session(self, client, days, **kwargs):
        return SessionFactory(client=client, starts_at=START + days * DAY, **kwargs)

    def _send(self, client, days, value):
        return answered(client, answers={"control": value}, at=START + days * DAY)

    def test_columns_as_the_screens_define(self, client, episode):
        first, second, third = (self._session(client, days) for days in (7, 14, 21))
        self._session(client, 10, attendance="missed")
        self._send(client, 1, 4)
        latest_before_first = self._send(client, 7, 3)
        before_second = self._send(client, 9, 2)
        self._send(client, 22, 1)
        since = self._send(client, 23, 0)
        rate(by=UserFactory(), session=second, ratings={"control": 4})
        found = barrier_columns(client, episode)
        assert [column.session for column in found.all] == [first, second, third, None]
        assert [column.number for column in found.all] == [1, 2, 3, 4]
        assert [column.submissions for column in found.all] == [2, 1, 0, 2]
        sent = [column.client.response_id if column.client else None for column in found.all]
        assert sent == [latest_before_first.pk, before_second.pk, None, since.pk]
        values = [column.client.values["control"] if column.client else None for column in found.all]
        assert values == [3, 2, None, 0]
        assert [column.clinician is not None for column in found.all] == [False, True, False, False]
        assert found.columns[1].clinician.values == {**dict.fromkeys(CODES), "control": 4}
        assert found.since is found.all[-1]

    def test_nothing_since_then_is_no_column(self, client, episode):
        self._session(client, 7)
        self._send(client, 1, 4)
        assert barrier_columns(client, episode).since is None

    def test_before_the_first_session_everything_is_since(self, client, episode):
        self._send(client, 1, 4)
        found = barrier_columns(client, episode)
        assert (found.columns, found.since.number, found.since.client.values["control"]) == ((), 1, 4)

    def test_another_episode_and_another_client_are_left_out(self, client, episode):
        self._send(client, 1, 4)
        self._send(ClientFactory(practice=client.practice), 1, 4)
        other = ClientFactory()
        episode.ends_on, episode.reason = START.date() + 2 * DAY, "completed"
        episode.save()
        second = Episode.objects.create(client=client, number=2, starts_on=START.date() + 3 * DAY)
        assert barrier_columns(client, second).all == ()
        assert barrier_columns(other, other.episodes.get()).all == ()
        assert len(barrier_columns(client, episode).all) == 1

    @pytest.mark.parametrize("count", [1, 3])
    def test_two_queries_whatever_the_length(self, client, episode, count, django_assert_num_queries):
        for number in range(count):
            self._send(client, 7 * number, 2)
            session = self._session(client, 7 * number + 1)
            rate(by=UserFactory(), session=session, ratings={"control": 1})
        with django_assert_num_queries(2):
            assert len(barrier_columns(client, episode).all) == count
