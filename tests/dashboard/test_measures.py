"""The measures tab: verdicts with their reasons, noise bands, homework marks, own goals, where answers lie."""

import datetime as dt

import pytest
from django.utils import timezone

from assessments.models import Reference, Score
from clients.actions.course import discharge, start_episode
from clients.barriers import BY_CODE, CODES
from dashboard.queries.record_measures import measures
from homework.models import Proposal
from tests.dashboard.recording import NOW, WEEK, about, queries, two_sessions, url
from tests.factories.assessments import answered, publish
from tests.factories.clients import FocusFactory, GoalFactory, LifeEventFactory, client_of
from tests.factories.homework import publish_library
from tests.factories.practice import MembershipFactory

pytestmark = pytest.mark.django_db
SPECTRUM = "relationship-spectrum"


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


def everything(slug, value):
    version = publish(slug)[slug]
    return {question.id: value for question in version.definition.questions if question.kind == "choice"}


def know(person, scale, people=120, **figures):
    """What the practice knows of a scale: SEM 0.4."""
    version = publish(scale.partition(".")[0])[scale.partition(".")[0]]
    given = {"sd": 0.8, "alpha": 0.75, "alpha_low": 0.75, **figures}
    return Reference.objects.create(practice=person.practice, version=version, scale=scale, people=people, **given)


def chosen(person, slug=SPECTRUM):
    instrument = publish(slug)[slug].instrument_id
    return measures(person, instrument=str(instrument), at=NOW).chosen


class TestVerdicts:
    @pytest.fixture
    def moved(self, person):
        for weeks, value in ((6, 0), (3, 4)):
            answered(person, SPECTRUM, everything(SPECTRUM, value), at=NOW - weeks * WEEK)

    def test_words_and_basis_where_the_noise_is_known(self, browser, person, moved):
        know(person, f"{SPECTRUM}.interdependence", people=42)
        lines = {line.title: line.verdict for line in chosen(person).lines}
        assert (lines["Interdependence"].words, lines["Interdependence"].basis) == (
            "higher than chance explains (provisional)",
            "from 42 clients of this practice",
        )
        text = browser.get(url("client_measures", person)).content.decode()
        assert "higher than chance explains (provisional)" in text
        assert "noise ±1.11, from 42 clients of this practice" in text
        assert "not whether it is wished for" in text

    def test_reasons_name_their_scales_and_stand_once(self, person, moved):
        know(person, f"{SPECTRUM}.interdependence")
        found = chosen(person).reasons
        assert [(one.titles, one.words[:12]) for one in found] == [
            (("Independence", "Codependence", "Position"), "No verdict: ")
        ]

    def test_one_reason_for_all_names_none(self, person, moved):
        (reason,) = chosen(person).reasons
        assert reason.titles == ()
        assert reason.words.startswith("No verdict: 0 clients of this practice")

    def test_the_clinicians_ratings_are_never_judged(self, person, clinician):
        two_sessions(person, clinician)
        lines = [line for line in chosen(person, "barriers").lines if line.who == "Clinician"]
        assert {line.verdict.words for line in lines} == {""}
        assert {line.verdict.reason for line in lines} == {
            "The clinician’s own ratings are shown as they are: the noise is known of clients only."
        }

    def test_no_verdict_across_versions(self, person, moved):
        know(person, f"{SPECTRUM}.interdependence")
        first = Score.objects.filter(client=person).order_by("at").first().response
        other = publish("attunement")["attunement"]
        type(first).objects.filter(pk=first.pk).update(version=other)
        verdict = {line.title: line.verdict for line in chosen(person).lines}["Interdependence"]
        assert (verdict.words, verdict.reason) == (
            "",
            "No verdict: the two were answered on different versions of this measure.",
        )

    def test_another_practices_figures_are_not_used(self, person, moved):
        know(client_of(MembershipFactory()), f"{SPECTRUM}.interdependence")
        assert {line.verdict.words for line in chosen(person).lines} == {""}

    def test_focus_barriers_say_that_some_fall_is_expected(self, browser, person):
        answered(person, at=NOW - WEEK)
        assert "some fall is expected" not in browser.get(url("client_measures", person)).content.decode()
        FocusFactory(client=person, barrier="control", state="active", slot=1, starts_on=dt.date(2026, 5, 1))
        assert "some fall is expected" in browser.get(url("client_measures", person)).content.decode()
        answered(person, "attunement", everything("attunement", 2), at=NOW - WEEK)
        other = {"m": publish("attunement")["attunement"].instrument_id}
        assert "some fall is expected" not in browser.get(url("client_measures", person), other).content.decode()


class TestCharts:
    def test_a_noise_band_only_where_it_is_known(self, browser, person):
        for weeks, value in ((6, 2), (3, 3)):
            answered(person, SPECTRUM, everything(SPECTRUM, value), at=NOW - weeks * WEEK)
        assert "c-band" not in browser.get(url("client_measures", person)).content.decode()
        know(person, f"{SPECTRUM}.interdependence")
        page = browser.get(url("client_measures", person))
        bands = {scale.key: chart.band for scale, chart, _svg in page.context["charts"]}
        assert bands.pop("interdependence") == pytest.approx((2 - 1.1087, 2 + 1.1087), abs=1e-3)
        assert set(bands.values()) == {None}
        text = page.content.decode()
        assert text.count('<rect class="c-band"') == 1
        assert "noise: what chance explains around the baseline" in text
        assert "The shaded band, 0.89 to 3.11, is what chance explains." in text

    def test_the_band_is_of_the_relationship_answered_about_last(self, browser, person):
        know(person, f"{SPECTRUM}.interdependence")
        for weeks, partner, value in ((9, "husband", 4), (3, "Kim", 1)):
            about(person, partner)
            answered(person, SPECTRUM, everything(SPECTRUM, value), at=NOW - weeks * WEEK)
        page = browser.get(url("client_measures", person))
        picture = next(chart for scale, chart, _svg in page.context["charts"] if scale.key == "interdependence")
        assert picture.baseline == 1
        assert picture.band == pytest.approx((0, 2.1087), abs=1e-3)

    def test_homework_and_life_events_are_marked_and_not_a_cause(self, browser, person, clinician):
        answered(person, at=NOW - 3 * WEEK)
        LifeEventFactory(client=person, kind="grief", happened_on=(NOW - 2 * WEEK).date())
        for slug, state in (("a-kind-no", "proposed"), ("celebrate-a-win", "withdrawn")):
            version = publish_library()[slug]
            Proposal.objects.create(
                client=person,
                episode=person.episodes.get(),
                version=version,
                exercise_id=version.exercise_id,
                state=state,
                proposed_at=NOW - WEEK,
                closed_at=NOW if state == "withdrawn" else None,
                proposed_by=clinician.user,
            )
        page = browser.get(url("client_measures", person))
        text = page.content.decode()
        assert text.count('<rect class="c-done"') == len(page.context["charts"])
        assert "homework proposed: it came before, which does not make it the cause" in text
        assert "life event" in text
        barrier = browser.get(url("barrier", person, BY_CODE["control"].opaque)).content.decode()
        assert barrier.count('<rect class="c-done"') == 1
        assert "does not make it a cause" in barrier

    def test_queries_are_constant(self, browser, person, clinician):
        about(person, "Kim")
        answered(person, at=NOW - 9 * WEEK)
        LifeEventFactory(client=person)
        one = queries(browser, url("client_measures", person))
        for weeks in (7, 5):
            answered(person, answers=dict.fromkeys(CODES, 1), at=NOW - weeks * WEEK)
            answered(person, SPECTRUM, everything(SPECTRUM, 3), at=NOW - weeks * WEEK)
            LifeEventFactory(client=person)
            FocusFactory(client=person, barrier=CODES[weeks], state="ended", starts_on=dt.date(2026, 1, 1))
        assert queries(browser, url("client_measures", person)) == one
        spectrum = f"{url('client_measures', person)}?m={publish(SPECTRUM)[SPECTRUM].instrument_id}"
        assert queries(browser, spectrum) == one


class TestPlaces:
    def test_spectrum_with_interdependence_beside_it(self, browser, person):
        for weeks, value in ((6, 1), (3, 3)):
            answered(person, SPECTRUM, everything(SPECTRUM, value), at=NOW - weeks * WEEK)
        page = browser.get(url("client_measures", person))
        ((one, svg),) = page.context["pictures"]
        assert [(row.label, row.values) for row in one.chart.table()] == [
            ("First, 8 Apr 2026", ("0.00", "1.00")),
            ("Latest, 29 Apr 2026", ("0.00", "3.00")),
        ]
        assert 'role="img"' in svg
        assert "A position near 0 is not yet interdependence" in page.content.decode()

    def test_only_when_all_three_are_scored(self, browser, person):
        given = everything(SPECTRUM, 2)
        definition = publish(SPECTRUM)[SPECTRUM].definition
        for name in definition.scales_by_key["interdependence"].items:
            given[name] = None
        answered(person, SPECTRUM, given, at=NOW - WEEK)
        page = browser.get(url("client_measures", person))
        assert page.context["pictures"] == []
        assert "Place on the relationship spectrum" not in page.content.decode()

    def test_a_picture_a_relationship_the_latest_first(self, browser, person):
        for weeks, partner, value in ((9, "<b>husband</b>", 4), (3, "Kim", 1)):
            about(person, partner)
            answered(person, SPECTRUM, everything(SPECTRUM, value), at=NOW - weeks * WEEK)
        page = browser.get(url("client_measures", person))
        assert [one.about for one, _svg in page.context["pictures"]] == ["Kim", "<b>husband</b>"]
        assert "<b>husband" not in page.content.decode()

    def test_interval_from_what_the_practice_knows(self, person):
        answered(person, SPECTRUM, everything(SPECTRUM, 2), at=NOW - WEEK)
        know(person, f"{SPECTRUM}.interdependence")
        (one,) = chosen(person).pictures
        (moment,) = one.chart.moments
        assert (moment.second.low, moment.second.high) == pytest.approx((2 - 0.784, 2 + 0.784))
        assert not moment.first.known

    def test_plane(self, browser, person):
        slug = "attachment-patterns"
        definition = publish(slug)[slug].definition
        given = {item.id: 1 if item.reversed else 7 for item in definition.items}
        answered(person, slug, given, at=NOW - WEEK)
        page = browser.get(url("client_measures", person))
        ((one, _svg),) = page.context["pictures"]
        assert one.leaning == ""
        for key in ("anxiety", "avoidance"):
            know(person, f"{slug}.{key}")
        page = browser.get(url("client_measures", person))
        assert "A leaning, not a type: wants closeness and fears it." in page.content.decode()

    def test_other_measures_have_none(self, person):
        answered(person, at=NOW - WEEK)
        assert chosen(person, "barriers").pictures == ()


class TestGoals:
    def _rated(self, person, goal, *values):
        """As the check-in scores them."""
        for week, value in enumerate(values):
            response = answered(person, "session-checkin", {"connected": 5}, at=NOW - (len(values) - week) * WEEK)
            Score.objects.filter(response=response, scale=f"session-checkin.goals.{goal.key}").delete()
            Score.objects.create(
                practice=person.practice,
                client=person,
                episode=response.episode,
                response=response,
                respondent="client",
                scale=f"session-checkin.goals.{goal.key}",
                at=response.submitted_at,
                value=value,
                answered=1,
                of=1,
            )

    def test_a_chart_a_goal_in_the_clients_words(self, browser, person):
        goal = GoalFactory(
            client=person, words="Say <b>no</b> once a week", state="aside", ended_on=dt.date(2026, 1, 2)
        )
        self._rated(person, goal, 2, 4, 7)
        fresh = GoalFactory(client=person, words="Sleep")
        page = browser.get(url("client_measures", person), {"m": "goals"})
        lines = {line.goal.pk: line for line, _svg in page.context["goals"]}
        assert (lines[goal.pk].baseline, lines[goal.pk].latest, lines[goal.pk].change, lines[goal.pk].count) == (
            *("2", "7", "+5"),
            3,
        )
        picture = lines[goal.pk].chart.picture
        assert (picture.low, picture.high, picture.count) == (0, 10, 3)
        assert (lines[fresh.pk].chart, lines[fresh.pk].latest) == (None, "–")
        text = page.content.decode()
        assert "Say &lt;b&gt;no&lt;/b&gt; once a week" in text
        assert "<b>no</b>" not in text
        assert "set aside, 2 Jan 2026" in text
        assert "Not rated yet" in text

    def test_one_series_whichever_relationship(self, browser, person):
        goal = GoalFactory(client=person)
        about(person, "Kim")
        self._rated(person, goal, 3)
        about(person, "Jo")
        self._rated(person, goal, 6)
        ((line, _svg),) = browser.get(url("client_measures", person), {"m": "goals"}).context["goals"]
        assert line.count == 2

    def test_a_place_only_where_there_are_goals(self, browser, person):
        answered(person, at=NOW - WEEK)
        page = browser.get(url("client_measures", person), {"m": "goals"})
        assert page.context["found"].chosen.definition.slug == "barriers"
        assert "?m=goals" not in page.content.decode()
        GoalFactory(client=person)
        assert 'href="?m=goals"' in browser.get(url("client_measures", person)).content.decode()

    def test_goals_alone_are_shown_at_once(self, browser, person):
        GoalFactory(client=person)
        assert browser.get(url("client_measures", person)).context["found"].shows_goals

    def test_queries_are_constant(self, browser, person):
        self._rated(person, GoalFactory(client=person), 2)
        address = f"{url('client_measures', person)}?m=goals"
        one = queries(browser, address)
        for _ in range(2):
            self._rated(person, GoalFactory(client=person), 4, 5)
        assert queries(browser, address) == one


class TestBarrierOfAnEarlierEpisode:
    def test_by_its_number_and_from_the_earlier_map(self, browser, person, clinician):
        now = timezone.now()
        answered(person, answers=dict.fromkeys(CODES, 4), at=now - 5 * WEEK)
        discharge(by=clinician.user, client=person, reason="agreed", ends_on=(now - 4 * WEEK).date())
        start_episode(by=clinician.user, client=person, starts_on=(now - 3 * WEEK).date())
        answered(person, answers=dict.fromkeys(CODES, 1), at=now - WEEK)
        address = url("barrier", person, BY_CODE["control"].opaque)
        latest, earlier = browser.get(address), browser.get(address, {"e": "1"})
        assert [[side.latest for side in page.context["page"].sides] for page in (latest, earlier)] == [["1"], ["4"]]
        assert "As it was in episode 1" in earlier.content.decode()
        assert "As it was in episode" not in latest.content.decode()
        assert 'href="?e=1"' in latest.content.decode()
        for odd in ("9", "x", "\x00"):
            assert [side.latest for side in browser.get(address, {"e": odd}).context["page"].sides] == ["1"]
        assert f'href="{address}?e=1"' in browser.get(url("client", person), {"e": "1"}).content.decode()
        assert f'href="{address}?e=' not in browser.get(url("client", person)).content.decode()
