"""The record's tabs: measures (scores, charts, passport) and exercises for the focus."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.actions.rating import rate
from clients.actions.course import discharge, start_episode
from clients.barriers import CODES
from dashboard.queries.record_homework import Person, homework, reasons_why, steering
from dashboard.queries.record_measures import measures, step_of
from homework.suggestions import RatingPair, suggest
from tests.factories.assessments import answered, publish
from tests.factories.clients import (
    CareFactory,
    FocusFactory,
    SafetyFlagFactory,
    SessionFactory,
    client_of,
    couple_of,
    now_about,
    screened,
)
from tests.factories.homework import exercise_definitions, publish_library
from tests.factories.practice import MembershipFactory

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 5, 20, 12, 0, tzinfo=dt.UTC)
WEEK = dt.timedelta(days=7)


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


def url(name, person, *args):
    return reverse(f"dashboard:{name}", args=[person.pk, *args])


def everything(slug, value):
    """The same answer to every rated question."""
    version = publish(slug)[slug]
    return {question.id: value for question in version.definition.questions if question.kind == "choice"}


class TestMeasures:
    def test_scores_with_baseline_previous_and_change(self, person):
        for weeks, value in ((9, 4), (6, 1), (3, 2)):
            answered(person, answers=dict.fromkeys(CODES, value), at=NOW - weeks * WEEK)
        lines = {line.title: line for line in measures(person, at=NOW).chosen.lines}
        burden = lines["Burden"]
        assert (burden.baseline, burden.previous, burden.latest) == ("4.00", "1.00", "2.00")
        assert (burden.change, burden.from_previous, burden.count) == ("−2.00", "+1.00", 3)
        control = lines["Control issues"]
        assert (control.baseline, control.latest, control.change, control.barrier) == ("4", "2", "−2", "b10")

    def test_not_scored_says_why_and_is_no_zero(self, person):
        answered(person, "attunement", dict(list(everything("attunement", 3).items())[:2]), at=NOW - WEEK)
        (line, *_others) = measures(person, at=NOW).chosen.lines
        assert (line.baseline, line.latest, line.change, line.count) == ("–", "–", "–", 0)
        assert re.fullmatch(r"13 May 2026: Not scored: \d of \d answered.*", line.why_not)

    def test_clinician_is_a_series_of_their_own(self, person, clinician):
        session = SessionFactory(client=person, clinician=clinician, starts_at=NOW - 2 * WEEK)
        answered(person, answers={"control": 1}, at=NOW - 3 * WEEK)
        rate(by=clinician.user, session=session, ratings={"control": 4}, at=NOW - 2 * WEEK)
        lines = [line for line in measures(person, at=NOW).chosen.lines if line.title == "Control issues"]
        assert [(line.who, line.latest, line.continues) for line in lines] == [
            ("Client", "1", False),
            ("Clinician", "4", True),
        ]

    def test_a_relationship_is_a_baseline_of_its_own(self, person):
        for weeks, partner, value in ((9, "husband", 4), (3, "Kim", 1)):
            now_about(person, partner)
            answered(person, answers=dict.fromkeys(CODES, value), at=NOW - weeks * WEEK)
        lines = [line for line in measures(person, at=NOW).chosen.lines if line.title == "Burden"]
        assert {(line.who, line.latest, line.change) for line in lines} == {
            ("Client, about “husband”", "4.00", "–"),
            ("Client, about “Kim”", "1.00", "–"),
        }

    def test_gap_is_for_the_clinician_only_and_says_so(self, browser, person):
        answered(person, "secure-agreements", everything("secure-agreements", 2), at=NOW - WEEK)
        page = browser.get(url("client_measures", person))
        marked = {line.title for line in page.context["found"].chosen.lines if line.clinician_only}
        hidden = {
            scale.title
            for scale in page.context["found"].chosen.definition.scales
            if scale.visibility == "clinician_only"
        }
        assert marked == hidden
        assert len(hidden) == 1
        assert "for you only" in page.content.decode()

    def test_charts_have_their_scale_ends_and_twin(self, browser, person):
        for weeks in (6, 3):
            answered(person, "relationship-spectrum", everything("relationship-spectrum", 3), at=NOW - weeks * WEEK)
        page = browser.get(url("client_measures", person))
        pictures = {scale.key: chart for scale, chart, _svg in page.context["charts"]}
        assert {(chart.low, chart.high, chart.step) for chart in pictures.values()} == {(0, 4, 1), (-4, 4, 1)}
        text = page.content.decode()
        assert text.count('role="img"') == text.count("The same as a table") == len(pictures) + 1
        assert [one.chart.title for one, _svg in page.context["pictures"]] == ["Place on the relationship spectrum"]

    def test_single_barriers_have_no_chart_here(self, browser, person):
        answered(person, at=NOW - WEEK)
        page = browser.get(url("client_measures", person))
        assert [scale.key for scale, _chart, _svg in page.context["charts"]] == ["burden", "high"]

    def test_safety_screen_is_never_here(self, browser, person):
        """Not in the list, nor by its id."""
        answered(person, "safety-screen", {}, at=NOW - WEEK, channel="room")
        version = publish("safety-screen")["safety-screen"]
        page = browser.get(url("client_measures", person), {"m": version.instrument_id})
        assert (page.context["found"].answered, page.context["found"].chosen) == ([], None)
        answered(person, at=NOW - WEEK)
        page = browser.get(url("client_measures", person), {"m": version.instrument_id})
        assert page.context["found"].chosen.definition.slug == "barriers"

    def test_one_instrument_at_a_time(self, browser, person):
        answered(person, at=NOW - 2 * WEEK)
        answered(person, at=NOW - WEEK)
        other = answered(person, "attunement", everything("attunement", 3), at=NOW - WEEK)
        found = browser.get(url("client_measures", person)).context["found"]
        assert [(row.version.definition.slug, row.times) for row in found.answered] == [
            ("barriers", 2),
            ("attunement", 1),
        ]
        page = browser.get(url("client_measures", person), {"m": other.version.instrument_id})
        assert page.context["found"].chosen.definition.slug == "attunement"

    @pytest.mark.parametrize(
        "query", [{"m": "x"}, {"m": "' OR 1=1"}, {"e": "99"}, {"e": "\x00"}, {"order": "password"}]
    )
    def test_odd_queries_give_the_first(self, browser, person, query):
        answered(person, at=NOW - WEEK)
        page = browser.get(url("client_measures", person), query)
        assert page.context["found"].chosen.definition.slug == "barriers"

    def test_earlier_episodes_by_choice(self, browser, person, clinician):
        now = timezone.now()
        answered(person, answers=dict.fromkeys(CODES, 4), at=now - 5 * WEEK)
        discharge(by=clinician.user, client=person, reason="agreed", ends_on=(now - 4 * WEEK).date())
        start_episode(by=clinician.user, client=person, starts_on=(now - 3 * WEEK).date())
        assert browser.get(url("client_measures", person)).context["found"].answered == []
        found = browser.get(url("client_measures", person), {"e": "1"}).context["found"]
        assert [line.latest for line in found.chosen.lines if line.title == "Burden"] == ["4.00"]

    def test_passport_says_what_is_not_known(self, browser, person):
        answered(person, at=NOW - WEEK)
        text = browser.get(url("client_measures", person)).content.decode()
        assert "Measure passport: not validated, no norms" in text
        assert "One answer so far: a change needs two." in text
        assert "stable pairs, and there are 0" not in text
        answered(person, at=NOW - WEEK / 2)
        text = browser.get(url("client_measures", person)).content.decode()
        assert "One answer so far: a change needs two." not in text
        assert (
            "No verdict: a checklist needs 50 pairs of answers given when things were about the same, and there are 0."
            in text
        )

    def test_relationship_is_inert(self, browser, person):
        for partner in ("<img src=x onerror=1>", "Kim"):
            now_about(person, partner)
            answered(person, at=NOW - WEEK)
        assert "<img src=x" not in browser.get(url("client_measures", person)).content.decode()

    def test_nothing_answered_says_what_to_do(self, browser, person):
        assert (
            f'href="{url("assign", person)}">Assign a measure</a>'
            in browser.get(url("client_measures", person)).content.decode()
        )

    def test_grid_lines_are_few(self):
        assert [step_of(width) for width in (4, 8, 10, 12, 48, 1000)] == [1, 1, 2, 2, 10, 100]


class TestHomework:
    @pytest.fixture(autouse=True)
    def _library(self):
        self.versions = publish_library()

    @pytest.fixture
    def focused(self, person):
        screened(person)
        for slot, code in enumerate(("communication", "control"), 1):
            FocusFactory(client=person, barrier=code, state="active", slot=slot, starts_on=dt.date(2026, 1, 1))
        return person

    def _shown(self, browser, person):
        found = browser.get(url("client_homework", person)).context["found"]
        return [one.suggestion.exercise.slug for one in found.offered], {
            one.version.definition.slug: one.reasons for one in found.held_back
        }

    def test_without_focus_says_what_to_do(self, browser, person):
        page = browser.get(url("client_homework", person))
        assert (page.context["found"].offered, page.context["found"].held_back) == ((), ())
        assert f'href="{url("client", person)}">Choose the focus</a>' in page.content.decode()

    def test_offers_what_the_rules_suggest_with_reason_and_handout(self, browser, focused):
        offered, held = self._shown(browser, focused)
        expected = suggest(
            exercise_definitions(),
            ("communication", "control"),
            done=(),
            ratings={},
            open_safety_flag=False,
            screened=True,
        )
        assert offered == [one.exercise.slug for one in expected]
        assert held == {}
        text = browser.get(url("client_homework", focused)).content.decode()
        for one in expected:
            exercise = self.versions[one.exercise.slug].exercise_id
            assert reverse("dashboard:exercise_handout", args=[exercise]) in text

    def test_control_rated_high_by_either_holds_back(self, browser, focused, clinician):
        before, _held = self._shown(browser, focused)
        session = SessionFactory(client=focused, clinician=clinician, starts_at=NOW - 2 * WEEK)
        answered(focused, answers={"control": 1}, at=NOW - 3 * WEEK)
        rate(by=clinician.user, session=session, ratings={"control": 3}, at=NOW - 2 * WEEK)
        assert steering(focused, focused.episodes.get())["control"] == RatingPair(1, 3)
        offered, held = self._shown(browser, focused)
        blocked_now = {one.slug for one in exercise_definitions() if one.safety.not_with_control_or_power}
        assert set(held) == {
            slug for slug in blocked_now if {"communication", "control"} & set(self.versions[slug].definition.barriers)
        }
        assert all("rated 3 or more" in reason for reasons in held.values() for reason in reasons)
        assert not set(offered) & blocked_now
        assert before

    def test_open_flag_holds_back_and_says_so_to_the_clinician(self, browser, focused):
        SafetyFlagFactory(client=focused)
        offered, held = self._shown(browser, focused)
        assert not [slug for slug in offered if self.versions[slug].definition.together]
        assert held
        assert all(reason.startswith("A safety flag is open") for reasons in held.values() for reason in reasons)

    @pytest.mark.parametrize("cleared", [None, False])
    def test_not_cleared_holds_back_what_is_done_together(self, browser, person, cleared):
        FocusFactory(client=person, barrier="communication", state="active", slot=1, starts_on=dt.date(2026, 1, 1))
        if cleared is not None:
            screened(person, cleared)
        _offered, held = self._shown(browser, person)
        assert set(held) == {
            one.slug for one in exercise_definitions() if one.setting == "together" and "communication" in one.barriers
        }

    def test_partner_counts_too(self, browser, focused, clinician):
        partner = client_of(clinician)
        couple_of(focused, partner)
        _offered, held = self._shown(browser, focused)
        assert set(held) == {
            slug
            for slug, version in self.versions.items()
            if version.definition.setting == "together"
            and {"communication", "control"} & set(version.definition.barriers)
        }
        screened(partner)
        assert self._shown(browser, focused)[1] == {}

    def _page(self, browser, person):
        """The page, without the tokens that are new on every request."""
        text = browser.get(url("client_homework", person)).content.decode()
        return re.sub(r'"[A-Za-z0-9]{64}"|nonce="[^"]*"', "", text)

    def test_partner_in_other_care_gives_nothing_away(self, browser, focused, clinician):
        """The same page, byte for byte, whatever the state of a partner whom one does not treat (ADR 9)."""
        partner = client_of(MembershipFactory(practice=focused.practice))
        couple_of(focused, partner)
        unscreened = self._page(browser, focused)
        offered, held = self._shown(browser, focused)
        assert set(held) == {
            slug
            for slug, version in self.versions.items()
            if version.definition.together and {"communication", "control"} & set(version.definition.barriers)
        }
        assert {len(reasons) for reasons in held.values()} == {1}
        assert len(set(held.values())) == 1
        assert not [slug for slug in offered if self.versions[slug].definition.together]
        screened(partner)
        cleared = self._page(browser, focused)
        screened(partner, cleared=False)
        not_cleared = self._page(browser, focused)
        flag = SafetyFlagFactory(client=partner)
        flagged = self._page(browser, focused)
        flag.state, flag.acknowledged_at, flag.acknowledged_by = "acknowledged", NOW, clinician.user
        flag.save()
        assert unscreened == cleared == not_cleared == flagged == self._page(browser, focused)

    def test_partner_in_own_care_is_told(self, browser, focused, clinician):
        partner = screened(client_of(clinician))
        couple_of(focused, partner)
        SafetyFlagFactory(client=partner)
        _offered, held = self._shown(browser, focused)
        assert all(reason.startswith("A safety flag is open") for reasons in held.values() for reason in reasons)

    def test_the_unseen_add_one_constant_reason_to_what_is_known(self):
        definitions = {one.slug: one for one in exercise_definitions()}
        together = next(one for one in definitions.values() if one.setting == "together")
        solo = next(one for one in definitions.values() if not one.together)
        seen = Person(flagged=True, cleared=True, seen=True)
        unseen = [Person(flagged, cleared, seen=False) for flagged in (True, False) for cleared in (True, False)]
        known = reasons_why([together], {}, [seen])[together.slug]
        added = {reasons_why([together, solo], {}, [seen, one])[together.slug] for one in unseen}
        assert len(added) == 1
        assert added.pop()[:-1] == known
        clear = Person(flagged=False, cleared=True, seen=True)
        assert {tuple(reasons_why([solo], {}, [clear, one])) for one in unseen} == {()}

    def test_ended_link_no_longer_counts(self, browser, focused, clinician):
        partner = client_of(clinician)
        couple = couple_of(focused, partner)
        couple.partners.update(ended=True)
        assert self._shown(browser, focused)[1] == {}

    def test_co_therapist_reads_the_same(self, client, focused, clinician):
        other = MembershipFactory(practice=clinician.practice)
        CareFactory(client=focused, clinician=other, role="co")
        episode = focused.episodes.get()
        assert homework(other.user, focused, episode) == homework(clinician.user, focused, episode)
