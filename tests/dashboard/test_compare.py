"""Two dates side by side: what stood as of each day, raw differences, what came between, clear messages."""

import datetime as dt
import re
import xml.etree.ElementTree as ET

import pytest

from assessments.actions.rating import rate
from assessments.models import Reference
from clients.barriers import BY_CODE, CODES
from clients.models import Episode
from reports.charts import PAGE, PRINT
from reports.charts.dumbbell import Dumbbell, DumbbellRow, Pair, dumbbell_chart
from tests.dashboard.recording import NOW, WEEK, about, queries, two_sessions, url
from tests.factories.assessments import answered, publish
from tests.factories.clients import FocusFactory, LifeEventFactory, SessionFactory, client_of, couple_of
from tests.factories.practice import MembershipFactory

pytestmark = pytest.mark.django_db
NS = "{http://www.w3.org/2000/svg}"


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


def day(weeks):
    return (NOW - weeks * WEEK).date().isoformat()


def compared(browser, person, a, b, **more):
    return browser.get(url("client_compare", person), {"a": a, "b": b, **more})


def everything(slug, value):
    version = publish(slug)[slug]
    return {question.id: value for question in version.definition.questions if question.kind == "choice"}


class TestDays:
    def test_without_days_the_first_and_the_latest_answers(self, browser, person):
        for weeks in (9, 6, 3):
            answered(person, at=NOW - weeks * WEEK)
        found = browser.get(url("client_compare", person)).context["found"]
        assert (found.first.isoformat(), found.second.isoformat()) == (day(9), day(3))

    def test_as_of_a_day_is_the_latest_on_or_before(self, browser, person):
        for weeks, value in ((9, 4), (6, 3), (3, 1)):
            answered(person, answers=dict.fromkeys(CODES, value), at=NOW - weeks * WEEK)
        for a, b, shown in (
            (day(9), day(3), ("4", "1", "−3", 3)),
            (day(7), day(4), ("4", "3", "−1", 2)),
            (day(6), day(3), ("3", "1", "−2", 2)),
        ):
            line = compared(browser, person, a, b).context["found"].barriers[0].client
            assert (line.then, line.now, line.change, line.count) == shown

    def test_either_order(self, browser, person):
        for weeks in (6, 3):
            answered(person, at=NOW - weeks * WEEK)
        found = compared(browser, person, day(3), day(6)).context["found"]
        assert found.first < found.second

    @pytest.mark.parametrize(
        ("a", "b", "field", "words"),
        [
            (day(3), day(3), "b", "Both days are the same. Choose another one."),
            ("", day(3), "a", "Choose the first day."),
            (day(6), "", "b", "Choose the second day."),
            ("31.2.2026", day(3), "a", "Enter a valid date."),
            (day(6), "' OR 1=1", "b", "Enter a valid date."),
            ("1999-01-01", day(3), "a", "Choose a day of this episode, from 1 Jan 2020 to"),
            (day(6), "2199-01-01", "b", "Choose a day between"),
        ],
    )
    def test_bad_input_is_said_at_the_field_and_kept(self, browser, person, a, b, field, words):
        for weeks in (6, 3):
            answered(person, at=NOW - weeks * WEEK)
        page = compared(browser, person, a, b)
        assert page.context["found"] is None
        assert page.context["form"].errors[field][0].startswith(words)
        assert page.context["form"]["a"].value() == a
        text = page.content.decode()
        assert f'id="id_{field}"' in text
        assert "The twelve barriers" not in text

    def test_future_days_are_refused(self, browser, person):
        answered(person, at=NOW - WEEK)
        tomorrow = (person.practice.today() + dt.timedelta(days=1)).isoformat()
        page = compared(browser, person, day(6), tomorrow)
        assert page.context["form"].errors["b"][0].startswith("Choose a day of this episode")

    def test_nothing_answered_says_so(self, browser, person):
        text = browser.get(url("client_compare", person)).content.decode()
        assert "Nothing was answered or rated in this episode yet." in text

    def test_one_day_says_so(self, browser, person):
        answered(person, at=NOW - WEEK)
        text = browser.get(url("client_compare", person)).content.decode()
        assert "Everything so far was answered on 13 May 2026." in text

    def test_days_before_anything_say_so(self, browser, person):
        answered(person, at=NOW - WEEK)
        page = compared(browser, person, "2020-02-01", "2020-03-01")
        assert page.context["found"].is_empty
        assert "Nothing was answered or rated up to 1 Mar 2020." in page.content.decode()

    def test_days_with_answers_can_be_picked(self, browser, person):
        for weeks in (6, 3):
            answered(person, at=NOW - weeks * WEEK)
        page = browser.get(url("client_compare", person))
        assert [one.day.isoformat() for one in page.context["days"]] == [day(3), day(6)]
        assert f'href="?a={day(3)}&amp;b={day(3)}"' in page.content.decode()

    def test_an_earlier_episode_alone(self, browser, person):
        first = person.episodes.get()
        for weeks in (9, 6):
            answered(person, at=NOW - weeks * WEEK)
        first.ends_on, first.reason = (NOW - 5 * WEEK).date(), "agreed"
        first.save()
        Episode.objects.create(client=person, number=2, starts_on=(NOW - 4 * WEEK).date())
        assert browser.get(url("client_compare", person)).context["days"] == ()
        page = compared(browser, person, day(9), day(6), e="1")
        assert page.context["found"].barriers[0].client.now == "2"
        assert compared(browser, person, day(9), day(3), e="1").context["form"].errors.keys() == {"b"}

    def test_no_episode(self, browser, person):
        person.episodes.all().delete()
        assert "No episode of care" in browser.get(url("client_compare", person)).content.decode()

    def test_linked_from_overview_and_measures(self, browser, person, clinician):
        two_sessions(person, clinician)
        for name in ("client", "client_measures"):
            text = browser.get(url(name, person)).content.decode()
            assert f'href="{url("client_compare", person)}"' in text


class TestLines:
    def test_raters_are_apart(self, browser, person, clinician):
        _first, second, _responses, _rating = two_sessions(person, clinician)
        rate(by=clinician.user, session=second, ratings={"control": 4}, at=NOW - 2 * WEEK)
        found = compared(browser, person, day(3), day(1)).context["found"]
        control = next(line for line in found.barriers if line.opaque == BY_CODE["control"].opaque)
        assert (control.client.then, control.client.now, control.client.change) == ("4", "1", "−3")
        assert (control.clinician.then, control.clinician.now, control.clinician.change) == ("2", "4", "+2")
        assert found.has_clinician

    def test_missing_then_or_unchanged_has_no_difference(self, browser, person):
        answered(person, answers={"control": 3}, at=NOW - 6 * WEEK)
        answered(person, answers={"power": 2}, at=NOW - 3 * WEEK)
        found = compared(browser, person, day(6), day(3)).context["found"]
        lines = {line.opaque: line.client for line in found.barriers}
        control, power = lines[BY_CODE["control"].opaque], lines[BY_CODE["power"].opaque]
        assert (control.then, control.now, control.change, control.note) == (
            "3",
            "3",
            "–",
            "the same answers on both days",
        )
        assert (power.then, power.now, power.change, power.note) == ("–", "2", "–", "not answered by the first day")

    def test_another_relationship_is_not_subtracted(self, browser, person):
        for weeks, partner, value in ((9, "husband", 4), (3, "Kim", 1)):
            about(person, partner)
            answered(person, answers=dict.fromkeys(CODES, value), at=NOW - weeks * WEEK)
        page = compared(browser, person, day(9), day(3))
        line = page.context["found"].barriers[0].client
        assert (line.then, line.now, line.change, line.note) == ("4", "1", "–", "about another relationship")
        assert page.context["found"].chart.rows[0].pairs == (Pair("client", None, 1.0),)

    def test_every_scale_answered_with_its_measure(self, browser, person):
        for weeks, value in ((6, 3), (3, 1)):
            answered(person, "attunement", everything("attunement", value), at=NOW - weeks * WEEK)
            answered(person, "secure-agreements", everything("secure-agreements", value), at=NOW - weeks * WEEK)
        found = compared(browser, person, day(6), day(3)).context["found"]
        assert found.barriers == ()
        lines = {line.title: line for table in found.tables for line in table.lines}
        assert (lines["Mine"].then, lines["Mine"].now, lines["Mine"].change) == ("3.00", "1.00", "−2.00")
        assert [title for title, line in lines.items() if line.clinician_only] == ["Gap"]

    def test_verdict_where_the_noise_is_known(self, browser, person):
        for weeks, value in ((6, 0), (3, 4)):
            answered(person, "relationship-spectrum", everything("relationship-spectrum", value), at=NOW - weeks * WEEK)
        version = publish("relationship-spectrum")["relationship-spectrum"]
        Reference.objects.create(
            practice=person.practice,
            version=version,
            scale="relationship-spectrum.interdependence",
            people=120,
            sd=0.8,
            alpha=0.75,
            alpha_low=0.7,
        )
        page = compared(browser, person, day(6), day(3))
        (table,) = page.context["found"].tables
        assert [(line.title, line.verdict.words) for line in table.lines if line.verdict.words] == [
            ("Interdependence", "higher than chance explains")
        ]
        assert {word for one in table.reasons for word in one.titles} == {"Independence", "Codependence", "Position"}

    def test_single_barriers_are_raw(self, browser, person):
        for weeks, value in ((6, 0), (3, 4)):
            answered(person, answers=dict.fromkeys(CODES, value), at=NOW - weeks * WEEK)
        found = compared(browser, person, day(6), day(3)).context["found"]
        assert {line.client.verdict.words for line in found.barriers} == {""}
        assert [one.words for one in found.barrier_reasons] == ["A single item is shown as it is, without a verdict."]

    def test_safety_is_never_here(self, browser, person):
        for weeks in (6, 3):
            answered(person, "safety-screen", {}, at=NOW - weeks * WEEK, channel="room")
        page = browser.get(url("client_compare", person))
        assert page.context["days"] == ()

    def test_nobody_elses(self, browser, person, clinician):
        partner = client_of(clinician)
        couple_of(person, partner)
        for weeks in (6, 3):
            answered(partner, at=NOW - weeks * WEEK)
        LifeEventFactory(client=partner, happened_on=(NOW - 4 * WEEK).date())
        page = compared(browser, person, day(6), day(3))
        assert (page.context["found"].is_empty, page.context["found"].happenings) == (True, ())


class TestBetween:
    def test_sessions_events_and_focus_in_order(self, browser, person, clinician):
        for weeks in (6, 1):
            answered(person, at=NOW - weeks * WEEK)
        session = SessionFactory(client=person, clinician=clinician, starts_at=NOW - 4 * WEEK)
        SessionFactory(client=person, clinician=clinician, starts_at=NOW - 3 * WEEK, attendance="missed")
        LifeEventFactory(client=person, kind="grief", happened_on=(NOW - 5 * WEEK).date())
        LifeEventFactory(client=person, kind="move", happened_on=(NOW - 7 * WEEK).date())
        FocusFactory(
            client=person,
            barrier="control",
            state="ended",
            starts_on=(NOW - 4 * WEEK).date(),
            ends_on=(NOW - 2 * WEEK).date(),
        )
        page = compared(browser, person, day(6), day(1))
        assert [one.words for one in page.context["found"].happenings] == [
            "Life event: Loss or grief",
            "Session held: Individual",
            "In focus from here: Control issues",
            "In focus until here: Control issues",
        ]
        assert f'href="{url("session", person, session.pk)}"' in page.content.decode()
        assert "not therefore its cause" in page.content.decode()
        assert "some fall is expected" in page.content.decode()

    def test_nothing_says_so(self, browser, person):
        for weeks in (6, 1):
            answered(person, at=NOW - weeks * WEEK)
        text = compared(browser, person, day(6), day(1)).content.decode()
        assert "No session was held" in text
        assert "some fall is expected" not in text

    def test_queries_are_constant(self, browser, person, clinician):
        def more(weeks):
            answered(person, at=NOW - weeks * WEEK)
            answered(person, "attunement", everything("attunement", 2), at=NOW - weeks * WEEK)
            SessionFactory(client=person, clinician=clinician, starts_at=NOW - (weeks - 0.5) * WEEK)
            LifeEventFactory(client=person, happened_on=(NOW - weeks * WEEK).date())

        about(person, "Kim")
        for weeks in (12, 2):
            more(weeks)
        address = f"{url('client_compare', person)}?a={day(12)}&b={day(2)}"
        few = queries(browser, address)
        for weeks in (9, 7, 5):
            more(weeks)
        assert queries(browser, address) == few


HOSTILE = '<script>"&\x00'


def dumbbells(palette):
    pairs = (Pair("client", 0, 4), Pair("clinician", 3, 3))
    rows = (DumbbellRow(HOSTILE, pairs), DumbbellRow("half", (Pair("client", None, 99), Pair("clinician", -9, None))))
    names = (("client", HOSTILE), ("clinician", "Clinician"))
    yield dumbbell_chart(Dumbbell("d", HOSTILE, HOSTILE, rows, HOSTILE, "now", names), palette)
    yield dumbbell_chart(Dumbbell("e", "t", "d", (), "then", "now", (), low=2, high=2), palette)


@pytest.mark.parametrize("palette", [PAGE, PRINT])
def test_the_picture_is_an_image_and_hostile_text_stays_text(palette):
    for svg in dumbbells(palette):
        root = ET.fromstring(svg)
        assert root.get("role") == "img"
        assert "<script" not in svg
        width = float(root.get("width"))
        assert all(0 <= float(node.get("cx")) <= width for node in root.iter(f"{NS}circle"))


def test_the_picture_has_classes_on_the_page():
    assert not re.search(r"style=|#[0-9a-f]{6}|currentColor|var\(", "".join(dumbbells(PAGE)))


def test_a_bar_joins_only_what_moved():
    full, _empty = dumbbells(PAGE)
    assert len(re.findall(r'<path class="c-client"', full)) == 1
    assert len(re.findall(r'<path class="c-clinician"', full)) == 0
