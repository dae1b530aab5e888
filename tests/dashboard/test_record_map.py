"""The barrier map on the record: its columns, marks, hidden words and twin."""

import datetime as dt
import re

import pytest

from assessments.models import Trajectory
from assessments.queries.barriers import SCALES, barrier_columns
from clients.barriers import CODES
from dashboard.mapgrid import grid
from dashboard.queries.record import overview
from reports.builders.barrier_map import ends_of
from reports.builders.progress import build_progress
from tests.dashboard.recording import NOW, WEEK, about, two_sessions, url, words
from tests.factories.assessments import answered
from tests.factories.clients import (
    CareFactory,
    ClientFactory,
    FocusFactory,
    LifeEventFactory,
    SessionFactory,
    client_of,
)
from tests.factories.practice import MembershipFactory
from tests.factories.reports import ReportFactory

pytestmark = pytest.mark.django_db


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

    def test_before_the_first_session(self, browser, person):
        answered(person, at=NOW - WEEK)
        page = browser.get(url("client", person))
        heads = page.context["grid"].heads
        assert ("Since then" in heads, ">Before the first session<" in heads) == (False, True)
        assert "Before the first session, until" in heads

    def test_nothing_rated_is_said(self, person, clinician):
        SessionFactory(client=person, clinician=clinician, starts_at=NOW - 3 * WEEK)
        answered(person, answers={"control": 0}, at=NOW - 4 * WEEK)
        made = grid(person.pk, overview(person, person.episodes.get(), at=NOW).plan)
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
        plan = overview(person, person.episodes.get(), at=NOW).plan
        rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', grid(person.pk, plan).twin)
        place = CODES.index("control")
        numbers = [re.findall(r'<td class="num">(.*?)</td>', cells)[place] for _label, cells in rows]
        assert numbers == ["1 / –", "3 / –", "4 / 2"]
        assert [label for label, _cells in rows][1:] == [f"{one.starts_at:%-d %b %Y}" for one in (second, first)]

    def test_assembled_map_is_the_map_of_the_report(self, person, clinician):
        """One calculation: the overview's map, and the one in the progress report."""
        two_sessions(person, clinician)
        FocusFactory(client=person, barrier="control", state="active", slot=1, starts_on=(NOW - 2 * WEEK).date())
        LifeEventFactory(client=person, happened_on=(NOW - 3 * WEEK).date())
        episode = person.episodes.get()
        report = ReportFactory(client=person, asked_by=clinician.user, asked_at=NOW)
        assert overview(person, episode, at=NOW).plan == build_progress(report).barrier_map

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
        rows = Trajectory.objects.filter(client=person, respondent="client", scale__in=SCALES).order_by("latest_at")
        kept = {row.scale: (row.baseline, row.latest, row.count) for row in rows}
        assert kept == {f"barriers.{code}": (one.baseline, one.latest, one.count) for code, one in found.items()}
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
