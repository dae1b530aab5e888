"""What a practice knows of its measures: who counts, what is kept, when it is counted again, what pages say."""

import datetime as dt
import json
import math
import random
import re

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.actions import psychometrics
from assessments.actions.corrections import withdraw_response
from assessments.actions.library import publish_instruments
from assessments.actions.psychometrics import count, count_stale, mark_stale
from assessments.actions.receipts import receipt_code
from assessments.change import Known
from assessments.models import Reference, Response, Score
from assessments.queries.passport import passport
from assessments.queries.psychometrics import MARKER, known_scales
from assessments.scoring import score
from assessments.statistics import agreement, consistency
from assessments.tasks import count_stale as task
from practice.models import Practice
from tests.factories.assessments import answered, definitions, draft, publish, version_of
from tests.factories.clients import ClientFactory, LifeEventFactory, client_of, couple_of, now_about
from tests.factories.practice import MembershipFactory, PracticeFactory, UserFactory

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
SPECTRUM, BARRIERS = "relationship-spectrum", "barriers"


def sent(client, version, answers, *, at=START, anchor="", relationship=None, respondent="client", state="submitted"):
    """A submitted response with its scores, straight into the tables."""
    row = Response(
        client=client,
        practice=client.practice,
        version=version,
        episode=client.episodes.get(),
        answers=answers,
        respondent=respondent,
        relationship=relationship,
        state=state,
        submitted_at=at,
        anchor=anchor,
        entry="imported",
    )
    before = Response.objects.filter(
        client=client, relationship=relationship, version__instrument=version.instrument_id, submitted_at__lt=at
    )
    latest = before.filter(state="submitted", respondent="client").order_by("submitted_at").last() if anchor else None
    row.anchor_to = latest.pk if latest else None
    row.receipt, row.import_key = receipt_code(row.pk), row.pk.hex
    row.save()
    definition = version.definition
    Score.objects.bulk_create(
        Score(
            practice=row.practice,
            client=client,
            episode=row.episode,
            response=row,
            respondent=respondent,
            scale=f"{definition.slug}.{one.key}",
            at=at,
            value=one.value,
            answered=one.answered,
            of=one.of,
            reason=one.reason or "",
        )
        for one in score(definition, answers)
        if state == "submitted"
    )
    return row


def made_up(definition, rng, level=None):
    """Answers around one level, so that items hang together."""
    level = rng.randint(0, 4) if level is None else level
    found = {}
    for item in definition.items:
        if item.kind == "choice":
            value = min(4, max(0, level + rng.choice((-1, 0, 0, 1))))
            found[item.id] = 4 - value if item.reversed else value
    return found


def people(practice, version, number, *, seed=3):
    rng = random.Random(seed)
    made = []
    for _place in range(number):
        answers = made_up(version.definition, rng)
        client = ClientFactory(practice=practice)
        made.append((client, answers, sent(client, version, answers)))
    return made


@pytest.fixture
def practice():
    return PracticeFactory()


def row(practice, scale) -> Reference:
    return Reference.objects.get(practice=practice, scale=scale)


class TestFigures:
    def test_what_is_counted_equals_the_functions_on_the_answers(self, practice):
        version = version_of("attunement")
        made = people(practice, version, 40)
        count(practice, version)
        giving = row(practice, "attunement.giving")
        scale = version.definition.scales_by_key["giving"]
        table = [
            [
                4 - answers[name] if version.definition.items_by_id[name].reversed else answers[name]
                for name in scale.items
            ]
            for _client, answers, _response in made
        ]
        expected = consistency.alpha(table)
        assert (giving.alpha, giving.alpha_low, giving.alpha_high) == pytest.approx(
            (expected.value, expected.low, expected.high)
        )
        assert giving.omega == pytest.approx(consistency.omega(table).value)
        values = [sum(line) / 4 for line in table]
        mean = sum(values) / 40
        assert giving.mean == pytest.approx(mean)
        assert giving.sd == pytest.approx(math.sqrt(sum((value - mean) ** 2 for value in values) / 39))
        assert giving.floor == pytest.approx(values.count(0) / 40)
        assert giving.ceiling == pytest.approx(values.count(4) / 40)
        assert (giving.people, giving.pairs, giving.missing, giving.retest) == (40, 0, 0, None)
        assert giving.facts == {"items": 4, "complete": 40, "retest": "few-people", "kind": "alpha", "by": "alpha"}

    def test_missing_items(self, practice):
        version = version_of("attunement")
        made = people(practice, version, 12)
        _client, answers, response = made[0]
        name = version.definition.scales_by_key["giving"].items[0]
        Response.objects.filter(pk=response.pk).update(answers={k: v for k, v in answers.items() if k != name})
        count(practice, version)
        giving = row(practice, "attunement.giving")
        assert giving.missing == pytest.approx(1 / 48)
        assert (giving.people, giving.facts["complete"]) == (12, 11)

    @pytest.mark.parametrize("slug", sorted(definitions()))
    def test_nobody_yet_and_one(self, practice, slug):
        """Nothing to compute is a reason for every figure, never NaN."""
        version = version_of(slug)
        for number in (0, 1):
            if number:
                people(practice, version, 1)
            for one in count(practice, version):
                assert one.alpha is None
                assert one.omega is None
                assert one.retest is None
                assert one.sd is None
                assert {"alpha", "omega", "retest", "kind", "by"} <= set(one.facts)
        assert Reference.objects.filter(practice=practice).exclude(scale=MARKER).count() == len(
            version.definition.scales
        )

    def test_why_a_figure_is_none(self, practice):
        version = version_of(BARRIERS)
        people(practice, version, 12)
        count(practice, version)
        assert row(practice, "barriers.burden").facts["alpha"] == "checklist"
        assert row(practice, "barriers.control").facts["omega"] == "single"
        assert row(practice, "barriers.high").facts["alpha"] == "count"

    def test_a_difference_from_its_two_parts(self, practice):
        version = version_of(SPECTRUM)
        rng = random.Random(5)
        for _place in range(40):
            low, high = made_up(version.definition, rng), made_up(version.definition, rng)
            apart = version.definition.scales_by_key["codependence"].items
            sent(ClientFactory(practice=practice), version, {**low, **{name: high[name] for name in apart}})
        count(practice, version)
        one, other, position = (
            row(practice, f"{SPECTRUM}.{key}") for key in ("codependence", "independence", "position")
        )
        assert position.facts["kind"] == "difference"
        assert 0 < position.alpha_low < position.alpha < min(one.alpha, other.alpha) + 0.05
        assert (position.omega, position.facts["omega"]) == (None, "of-two")
        known = known_scales(practice, [version.pk], [f"{SPECTRUM}.position"])[version.pk, f"{SPECTRUM}.position"]
        assert known == Known(40, position.sd, position.alpha_low, "difference", 0)


class TestWhoCounts:
    def test_the_first_of_each_client_of_this_practice(self, practice):
        version, rng = version_of("attunement"), random.Random(1)
        first, later = (made_up(version.definition, rng, level) for level in (0, 4))
        client = ClientFactory(practice=practice)
        sent(client, version, later, at=START + 9 * DAY)
        sent(client, version, first, at=START)
        sent(ClientFactory(), version, later)
        sent(ClientFactory(practice=practice), version, later, respondent="clinician")
        sent(ClientFactory(practice=practice), version, later, state="withdrawn")
        count(practice, version)
        total = row(practice, "attunement.giving")
        assert (total.people, total.mean < 2) == (1, True)
        assert row(practice, MARKER).people == 2

    def test_drafts_do_not(self, practice):
        draft(ClientFactory(practice=practice), BARRIERS, {"control": 3})
        count(practice, version_of(BARRIERS))
        assert row(practice, "barriers.control").people == 0

    def test_another_version_is_another_measure(self, practice):
        version = version_of("attunement")
        people(practice, version, 2)
        publish_instruments([version.definition.model_copy(update={"minutes": version.definition.minutes + 1})])
        newer = version.instrument.versions.get(number=2)
        people(practice, newer, 3)
        count(practice, version)
        count(practice, newer)
        known = known_scales(practice, [version.pk, newer.pk])
        assert known[version.pk, "attunement.giving"].people == 2
        assert known[newer.pk, "attunement.giving"].people == 3

    def test_of_a_couple_the_lower_seat(self, practice):
        version, rng = version_of("attunement"), random.Random(1)
        first, second = ClientFactory(practice=practice), ClientFactory(practice=practice)
        couple_of(first, second)
        sent(second, version, made_up(version.definition, rng, 4))
        count(practice, version)
        assert row(practice, "attunement.giving").people == 1  # the only one of the two who sent it
        sent(first, version, made_up(version.definition, rng, 0))
        count(practice, version)
        giving = row(practice, "attunement.giving")
        assert (giving.people, giving.mean < 2) == (1, True)


class TestStablePairs:
    def pairs(self, practice, *, days=21, anchor="same", before=None, after=None):
        version, rng = version_of(BARRIERS), random.Random(2)
        client = ClientFactory(practice=practice)
        first = sent(client, version, made_up(version.definition, rng), relationship=before and before(client))
        second = sent(
            client,
            version,
            made_up(version.definition, rng),
            at=START + days * DAY,
            anchor=anchor,
            relationship=after and after(client),
        )
        return client, first, second

    def counted(self, practice):
        count(practice, version_of(BARRIERS))
        return row(practice, "barriers.burden").pairs

    @pytest.mark.parametrize(("days", "expected"), [(13, 0), (14, 1), (28, 1), (29, 0)])
    def test_two_to_four_weeks_apart(self, practice, days, expected):
        self.pairs(practice, days=days)
        assert self.counted(practice) == expected

    @pytest.mark.parametrize("anchor", ["", "harder", "easier", "much-harder", "much-easier"])
    def test_about_the_same_only(self, practice, anchor):
        self.pairs(practice, anchor=anchor)
        assert self.counted(practice) == 0

    def test_no_life_event_between(self, practice):
        client, *_ = self.pairs(practice)
        event = LifeEventFactory(client=client, happened_on=(START + 5 * DAY).date())
        assert self.counted(practice) == 0
        event.withdrawn_at = timezone.now()
        event.save()
        LifeEventFactory(client=client, happened_on=(START - DAY).date())
        LifeEventFactory(client=client, happened_on=(START + 22 * DAY).date())
        assert self.counted(practice) == 1

    def test_the_same_relationship(self, practice):
        self.pairs(
            practice,
            before=lambda one: now_about(one, "Kim").relationship,
            after=lambda one: now_about(one, "Alex").relationship,
        )
        assert self.counted(practice) == 0
        self.pairs(
            practice,
            before=lambda one: now_about(one, "Kim").relationship,
            after=lambda one: now_about(one, "Kim").relationship,
        )
        assert self.counted(practice) == 1

    def test_consecutive_ones_and_one_a_client(self, practice):
        client, *_ = self.pairs(practice, days=20)
        version, rng = version_of(BARRIERS), random.Random(4)
        sent(client, version, made_up(version.definition, rng), at=START + 40 * DAY, anchor="same")
        assert self.counted(practice) == 1  # two stable pairs, of one person: one counts
        sent(client, version, made_up(version.definition, rng), at=START + 10 * DAY)
        assert self.counted(practice) == 1  # 0 and 20 are no longer consecutive; 20 and 40 are
        sent(client, version, made_up(version.definition, rng), at=START + 30 * DAY)
        assert self.counted(practice) == 0

    def three(self, practice, *, middle=None):
        """A, B ten days later, and C twenty days later "about the same" as B."""
        version, rng = version_of(BARRIERS), random.Random(2)
        client = ClientFactory(practice=practice)
        made = []
        for days, of in ((0, version), (10, middle or version), (20, version)):
            anchor = "same" if days == 20 else ""
            made.append(sent(client, of, made_up(version.definition, rng), at=START + days * DAY, anchor=anchor))
        assert made[2].anchor_to == made[1].pk
        return made

    @pytest.mark.parametrize("how", ["withdrawn", "moved"])
    def test_what_it_was_compared_with_is_gone(self, practice, how):
        """The words were about B: they say nothing of A and C."""
        first, middle, last = self.three(practice)
        assert self.counted(practice) == 0
        if how == "withdrawn":
            withdraw_response(by=UserFactory(), response=middle, reason="a mistake")
        else:
            other = ClientFactory(practice=practice)
            Response.objects.filter(pk=middle.pk).update(client=other, episode=other.episodes.get())
        assert self.counted(practice) == 0
        Response.objects.filter(pk=last.pk).update(anchor_to=first.pk)
        assert self.counted(practice) == 1

    def test_an_answer_on_another_version_in_between(self, practice):
        version = version_of(BARRIERS)
        publish_instruments([version.definition.model_copy(update={"minutes": version.definition.minutes + 1})])
        newer = version.instrument.versions.get(number=2)
        client = self.three(practice, middle=newer)[0].client
        count(practice, version)
        found = Reference.objects.get(practice=practice, version=version, scale="barriers.burden")
        assert (found.pairs, client.responses.count()) == (0, 3)

    def test_retest_equals_the_function_on_the_scores(self, practice):
        version, rng, expected = version_of(BARRIERS), random.Random(6), []
        for _place in range(55):
            client, level = ClientFactory(practice=practice), rng.randint(0, 4)
            one = sent(client, version, made_up(version.definition, rng, level))
            other = sent(client, version, made_up(version.definition, rng, level), at=START + 20 * DAY, anchor="same")
            values = [Score.objects.get(response=each, scale="barriers.burden").value for each in (one, other)]
            expected.append(tuple(values))
        count(practice, version)
        burden = row(practice, "barriers.burden")
        found = agreement.retest(expected)
        assert (burden.retest, burden.retest_low, burden.retest_high, burden.pairs) == pytest.approx(
            (found.value, found.low, found.high, 55)
        )
        known = known_scales(practice, [version.pk])[version.pk, "barriers.burden"]
        assert known == Known(55, burden.sd, burden.retest_low, "retest", 55)
        facts = passport(version, practice)
        line = next(one for one in facts.figures if one.title == "Burden")
        assert line.alpha.why == "checklist"
        assert line.retest.text.endswith(", 55 pairs")
        assert line.sem.text
        assert line.min_change.text
        single = next(one for one in facts.figures if one.title == "Control issues")
        assert single.min_change.why == "A single item is shown as it is, without a verdict."


class TestKnown:
    def test_one_query_whatever_the_number(self, practice, django_assert_num_queries):
        versions = [version_of(slug) for slug in ("attunement", BARRIERS, SPECTRUM)]
        for version in versions:
            count(practice, version)
        for some in (versions[:1], versions):
            with django_assert_num_queries(1):
                known = known_scales(practice, [version.pk for version in some])
            assert len(known) == sum(len(version.definition.scales) for version in some)
            with django_assert_num_queries(1):
                some_of = known_scales(practice, [version.pk for version in some], [f"{SPECTRUM}.position"])
            assert {scale for _version, scale in some_of} == {f"{SPECTRUM}.position"} & {one for _pk, one in known}

    def test_only_of_this_practice(self, practice):
        people(practice, version_of("attunement"), 3)
        count(practice, version_of("attunement"))
        other = PracticeFactory()
        assert known_scales(other, [version_of("attunement").pk]) == {}
        version = version_of("attunement").pk
        assert known_scales(other, [version], ["attunement.giving", MARKER]) == {}
        assert list(known_scales(practice, [version], ["attunement.giving", MARKER])) == [
            (version, "attunement.giving")
        ]

    def test_who_left_items_out_does_not_make_it_less_provisional(self, practice):
        row = Reference(people=120, sd=1.0, alpha=0.9, alpha_low=0.8, facts={"kind": "alpha", "complete": 90})
        assert psychometrics_known(row) == Known(90, 1.0, 0.8, "alpha", 0)
        row.facts["complete"] = 100
        assert psychometrics_known(row) == Known(100, 1.0, 0.9, "alpha", 0)


def psychometrics_known(row):
    from assessments.queries.psychometrics import known_of

    return known_of(row)


class TestStale:
    def test_a_submission_marks_it_in_its_own_transaction(self, practice):
        client = ClientFactory(practice=practice)
        answered(client)
        marker = row(practice, MARKER)
        assert marker.stale_at is not None
        assert count_stale() == 1
        assert (row(practice, MARKER).stale_at, row(practice, MARKER).people) == (None, 1)
        assert row(practice, "barriers.control").people == 1
        assert count_stale() == 0

    def test_marking_is_one_statement(self, practice, django_assert_num_queries):
        versions = [version_of(slug).pk for slug in ("attunement", BARRIERS, SPECTRUM)]
        for some in (versions[:1], versions, versions):
            with django_assert_num_queries(1):
                mark_stale(practice.pk, some)
        assert Reference.objects.filter(practice=practice).count() == 3

    def test_a_clinicians_rating_and_what_is_not_scored_mark_nothing(self, practice):
        from assessments.actions.effects import score_response

        client = ClientFactory(practice=practice)
        rating = sent(client, version_of(BARRIERS), {"control": 3}, respondent="clinician")
        score_response(rating, at=START)
        assert not Reference.objects.filter(practice=practice).exists()

    def test_taking_answers_out_marks_it(self, practice):
        member = MembershipFactory(practice=practice)
        response = answered(client_of(member))
        count_stale()
        withdraw_response(by=member.user, response=response, reason="Another client's.")
        assert count_stale(at=timezone.now() + 2 * psychometrics.SOON) == 1
        assert row(practice, "barriers.control").people == 0

    def test_what_came_while_counting_stays_stale(self, practice, monkeypatch):
        from assessments.actions import counting

        version, real = version_of(BARRIERS), counting.counted

        def meanwhile(*args):
            found = real(*args)
            mark_stale(practice.pk, [version.pk])
            return found

        mark_stale(practice.pk, [version.pk])
        monkeypatch.setattr(counting, "counted", meanwhile)
        assert count_stale() == 1
        assert row(practice, MARKER).stale_at is not None

    def test_of_two_workers_one_counts(self, practice, monkeypatch):
        from assessments.actions import counting

        version, real, inner = version_of(BARRIERS), counting.counted, []

        def meanwhile(*args):
            inner.append(count_stale())
            return real(*args)

        mark_stale(practice.pk, [version.pk])
        monkeypatch.setattr(counting, "counted", meanwhile)
        assert count_stale() == 1
        assert inner == [0]

    def test_one_that_fails_stops_no_other_and_is_tried_again(self, practice, monkeypatch, caplog):
        from assessments.actions import counting

        real, bad = counting.counted, version_of(BARRIERS)
        mark_stale(practice.pk, [bad.pk])
        mark_stale(practice.pk, [version_of("attunement").pk])

        def broken(practice, version):
            if version.pk == bad.pk:
                raise RuntimeError("Robin said")
            return real(practice, version)

        monkeypatch.setattr(counting, "counted", broken)
        assert count_stale() == 1
        assert "Robin" not in caplog.text
        assert "RuntimeError" in caplog.text
        monkeypatch.setattr(counting, "counted", real)
        assert count_stale() == 0  # not at once
        assert count_stale(at=timezone.now() + 2 * psychometrics.SOON) == 1

    def test_a_large_one_waits_longer_and_a_day_is_the_longest(self, practice):
        version = version_of("attunement")
        count(practice, version)
        mark_stale(practice.pk, [version.pk])
        Reference.objects.filter(scale=MARKER).update(people=psychometrics.MANY)
        now = timezone.now()
        assert count_stale(at=now + 2 * psychometrics.SOON) == 0
        assert count_stale(at=now + psychometrics.LATER + DAY / 1000) == 1
        assert count_stale(at=now + DAY) == 0
        assert count_stale(at=now + DAY + psychometrics.LATER + DAY / 1000) == 1

    def test_the_task(self, practice):
        mark_stale(practice.pk, [version_of("attunement").pk])
        task()
        assert row(practice, "attunement.giving").people == 0

    def test_counting_takes_queries_by_chunks_not_by_clients(self, practice):
        version, numbers = version_of("attunement"), []
        for number in (1, 3):
            people(practice, version, number)
            with CaptureQueriesContext(connection) as captured:
                count(practice, version)
            numbers.append(len(captured))
        assert numbers[0] == numbers[1]


class TestPassport:
    @pytest.fixture
    def browser(self, client, practice):
        client.force_login(MembershipFactory(practice=practice).user)
        return client

    def test_before_anything_was_sent(self, practice):
        facts = passport(version_of("attunement"), practice)
        assert (facts.figures, facts.counted_at, facts.recounting) == ((), None, False)
        assert re.fullmatch(r"\d{1,2} [A-Z][a-z]{2} \d{4}", facts.published_on)  # the day as on every page
        assert facts.reliability_note == "Not known in this practice yet: 0 of 30 clients that it takes."
        assert passport(version_of("safety-screen"), practice).reliability_note == "Nothing is scored here."

    def test_under_thirty_no_figure_shows_through(self, practice, browser):
        version = version_of("attunement")
        people(practice, version, 29)
        count(practice, version)
        facts = passport(version, practice)
        assert {(one.people, one.none_yet) for one in facts.figures} == {(29, "29 of 30 clients")}
        assert {one.floor for one in facts.figures} == {""}
        page = browser.get(reverse("dashboard:instrument", args=[version.instrument_id])).content.decode()
        assert page.count("None yet: 29 of 30 clients that it takes") == 3

    def test_from_thirty_on_figures_or_reasons(self, practice, browser):
        version = version_of("attunement")
        people(practice, version, 30)
        count(practice, version)
        facts = passport(version, practice)
        giving, receiving = facts.figures[:2]
        assert giving.provisional
        assert " to " in giving.alpha.text
        assert giving.omega.text
        assert giving.retest.why == "0 of 50 stable pairs"
        assert giving.sem.text
        assert giving.min_change.text
        assert receiving.min_change.why == "No verdict: the scale has 3 items, and 4 are needed."
        assert (giving.waits, giving.tells_omega) == ("", True)
        assert giving.missing.text == "0\N{NO-BREAK SPACE}%"
        at_the_end = [round(getattr(row(practice, "attunement.giving"), name) * 30) for name in ("floor", "ceiling")]
        assert [one == "under 5" for one in (giving.floor, giving.ceiling)] == [number < 5 for number in at_the_end]
        assert facts.reliability_note == "Known in this practice for 3 of 3 scales."
        page = browser.get(reverse("dashboard:instrument", args=[version.instrument_id])).content.decode()
        for part in ("How it behaves in this practice", "provisional", giving.alpha.text, "Reading grade"):
            assert part in page
        assert "nan" not in page.lower().replace("financ", "")

    def test_what_a_scale_waits_for_is_said_once_a_row(self, practice, browser):
        version = version_of(BARRIERS)
        people(practice, version, 30)
        count(practice, version)
        waits = [one.waits for one in passport(version, practice).figures]
        assert waits == ["0 of 50 stable pairs"] * len(version.definition.scales)
        page = browser.get(reverse("dashboard:instrument", args=[version.instrument_id])).content.decode()
        assert page.count("0 of 50 stable pairs") == len(waits)
        assert not [one for one in passport(version, practice).figures if one.tells_omega]

    def test_more_sent_since(self, practice, browser):
        version = version_of("attunement")
        count(practice, version)
        mark_stale(practice.pk, [version.pk])
        assert passport(version, practice).recounting
        page = browser.get(reverse("dashboard:instrument", args=[version.instrument_id])).content.decode()
        assert "Answers have come since; they are counted within minutes." in page

    def test_two_queries_whatever_there_is(self, practice, django_assert_num_queries):
        for slug in ("attunement", BARRIERS):
            version = version_of(slug)
            for number in (0, 3):
                people(practice, version, number)
                count(practice, version)
                with django_assert_num_queries(2):
                    passport(version, practice)


class TestCommand:
    def out(self, capsys, *args):
        call_command("reliability", *args)
        return capsys.readouterr().out

    def test_json(self, practice, capsys):
        version = version_of("attunement")
        people(practice, version, 40)
        found = json.loads(self.out(capsys, "attunement", "--json"), parse_constant=pytest.fail)
        assert (found["instrument"], found["version"], found["practice"]) == ("attunement", 1, str(practice.pk))
        giving, receiving = found["scales"][:2]
        stored = row(practice, "attunement.giving")
        assert (giving["n"], giving["n_complete"], giving["gate"]) == (40, 40, "provisional")
        assert giving["alpha"] == {
            "value": stored.alpha,
            "low": stored.alpha_low,
            "high": stored.alpha_high,
            "why_not": "",
        }
        assert giving["sem"] == pytest.approx(stored.sd * math.sqrt(1 - stored.alpha))
        assert giving["mdc"] == pytest.approx(1.96 * math.sqrt(2) * giving["sem"])
        assert giving["verdicts"]["reliability"] == stored.alpha_low
        assert giving["verdicts"]["sem"] > giving["sem"]
        assert giving["retest"]["why_not"] == "too few complete answers"
        assert receiving["verdicts"] == {
            "given": False,
            "why_not": "No verdict: the scale has 3 items, and 4 are needed.",
            "reliability": None,
            "sem": None,
            "mdc": None,
        }

    @pytest.mark.parametrize("slug", sorted(set(definitions()) - {"safety-screen"}))
    def test_text_of_every_measure_with_nobody(self, practice, capsys, slug):
        version_of(slug)
        text = self.out(capsys, slug)
        assert text.startswith(f"{slug}, version 1\n")
        assert text.count("N 0") == len(definitions()[slug].scales)
        assert "nan" not in text.lower()

    def test_counts_afresh(self, practice, capsys):
        version = version_of("attunement")
        people(practice, version, 2)
        assert "N 2" in self.out(capsys, "attunement")
        people(practice, version, 1)
        assert "N 3" in self.out(capsys, "attunement")

    def test_an_earlier_version(self, practice, capsys):
        version = version_of("attunement")
        people(practice, version, 2)
        publish_instruments([version.definition.model_copy(update={"minutes": 9})])
        assert "version 2" in self.out(capsys, "attunement")
        assert "N 2" in self.out(capsys, "attunement", "--number", "1")
        with pytest.raises(CommandError, match="has no version 7; there are 2, 1"):
            call_command("reliability", "attunement", "--number", "7")

    def test_several_practices(self, practice, capsys):
        version_of("attunement")
        other = PracticeFactory(name="By the River")
        people(other, version_of("attunement"), 2)
        with pytest.raises(CommandError, match=r"--practice: say which one.*“By the River”"):
            call_command("reliability", "attunement")
        for named in ("By the River", str(other.pk)):
            assert "N 2" in self.out(capsys, "attunement", "--practice", named)
        assert "N 0" in self.out(capsys, "attunement", "--practice", str(practice.pk))
        with pytest.raises(CommandError, match="--practice"):
            call_command("reliability", "attunement", "--practice", "Nowhere")

    def test_errors_say_what_to_do(self, capsys):
        with pytest.raises(CommandError, match="load_library"):
            call_command("reliability", "attunement")
        publish("attunement", "safety-screen")
        with pytest.raises(CommandError, match="attunment: not in the library; known are attunement, safety-screen"):
            call_command("reliability", "attunment")
        with pytest.raises(CommandError, match="has no scales"):
            call_command("reliability", "safety-screen")
        Practice.objects.all().delete()
        with pytest.raises(CommandError, match="no practice"):
            call_command("reliability", "attunement")
