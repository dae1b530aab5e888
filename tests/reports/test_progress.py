"""The progress report's builder: what it says, what it never says, and that the same inputs give the same report."""

import dataclasses
import datetime as dt
import json

import pytest

from assessments.models import Response, Score
from clients.models import CareAssignment, TherapySession
from reports.builders.options import ProgressOptions
from reports.builders.pictures import _note
from reports.builders.progress import Withheld, build_progress
from reports.builders.scores import ValuePoint
from reports.models import Report
from tests.factories.clients import SessionFactory
from tests.factories.reports import ASKED, FIRST, ReportFactory, clinician_of, course, load_versions, respond

pytestmark = pytest.mark.django_db


def fresh(report):
    return Report.objects.select_related("client__practice", "asked_by").get(pk=report.pk)


def whole(built):
    return json.dumps(dataclasses.asdict(built), default=str, ensure_ascii=False)


@pytest.fixture
def report():
    return fresh(ReportFactory(client=course(6)))


def test_it_names_the_client_and_counts(report):
    built = build_progress(report)
    assert (built.client_name, built.client_code) == ("Mara Quist", report.client.code)
    assert built.summary[0] == (
        "From 2 Mar 2026 to 20 Nov 2026, 6 sessions were held, 7 measures were sent by the client, and the clinician "
        "rated 3 sessions."
    )


def test_the_map_has_a_column_a_held_session(report):
    plan = build_progress(report).barrier_map
    assert [column.label for column in plan.columns] == ["3 Mar", "10 Mar", "17 Mar", "24 Mar", "31 Mar", "7 Apr"]
    assert [row.name for row in plan.rows if row.focus_now] == ["Communication gaps", "Control issues"]
    assert [(event.mark, event.kind, event.column) for event in plan.events] == [("a", "Loss or grief", 3)]
    communication = next(row for row in plan.rows if row.code == "communication")
    assert [cell.in_focus for cell in communication.cells] == [False, False, True, True, True, True]


def test_a_later_submission_is_the_last_column_since_then(report):
    client = report.client
    version = load_versions("barriers")["barriers"]
    respond(client, version, {"control": 1}, FIRST + dt.timedelta(days=60), submitted_by=clinician_of(client))
    column = build_progress(report).barrier_map.columns[-1]
    assert (column.label, column.since_then, column.session) == ("Since then", True, None)


def test_baseline_latest_and_number_of_points(report):
    built = build_progress(report)
    scores = Score.objects.filter(client=report.client, scale="barriers.control", respondent="client")
    values = [value for value in scores.order_by("at").values_list("value", flat=True) if value is not None]
    row = next(row for row in built.measures[0].rows if row.scale == "Control issues" and row.who == "client")
    assert (row.baseline, row.latest, row.count) == (f"{values[0]:.0f}", f"{values[-1]:.0f}", len(values))


def test_not_scored_says_why_and_is_no_zero(report):
    agreements = build_progress(report).measures[1]
    mine = agreements.rows[0]
    assert (mine.latest, mine.count) == ("2.00", 1)
    assert mine.note.startswith("2 Apr 2026: Not scored: ")


def test_no_verdict_and_why(report):
    built = build_progress(report)
    assert "There is no verdict on these changes" in built.summary[-1]
    assert all(passport.verdict.startswith("No verdict") for passport in built.passports)


def test_free_text_and_safety_answers_are_never_in_it(report):
    client, by = report.client, report.asked_by
    screen = load_versions("safety-screen")["safety-screen"]
    answers = {question.id: 1 for question in screen.definition.questions}
    respond(client, screen, answers, FIRST, submitted_by=by)
    text = whole(build_progress(report)).lower()
    assert [word for word in ("secret grief", "private words", "safety", "afraid of") if word in text] == []


def test_the_same_inputs_give_the_same_report(report):
    first, second = build_progress(report), build_progress(fresh(report))
    assert whole(first) == whole(second)
    assert len(first.provenance.inputs_hash) == 64


def test_other_inputs_give_another_hash(report):
    before = build_progress(report).provenance.inputs_hash
    Score.objects.filter(client=report.client, scale="barriers.control", value__isnull=False).update(value=0)
    assert build_progress(report).provenance.inputs_hash != before


def test_what_came_after_asking_is_not_in_it(report):
    before = whole(build_progress(report))
    version = load_versions("barriers")["barriers"]
    respond(report.client, version, {"control": 0}, ASKED + dt.timedelta(days=1), submitted_by=report.asked_by)
    assert whole(build_progress(report)) == before


def test_what_comes_later_hides_nothing_of_what_was_there_when_asked(report):
    """A column "since then" stays as it was, whatever is sent, held or rated after asking."""
    client = report.client
    version = load_versions("barriers")["barriers"]
    therapist = clinician_of(client)
    respond(client, version, {"control": 1}, ASKED - dt.timedelta(hours=2), submitted_by=therapist)
    held = TherapySession.objects.filter(client=client).order_by("starts_at").last()
    before = whole(build_progress(report))
    assert build_progress(report).barrier_map.columns[-1].since_then
    respond(client, version, {"control": 4}, ASKED + dt.timedelta(hours=1), submitted_by=therapist)
    SessionFactory(client=client, clinician=held.clinician, starts_at=ASKED + dt.timedelta(hours=2))
    Response.objects.filter(session=held, respondent="clinician").update(submitted_at=ASKED + dt.timedelta(hours=3))
    after = build_progress(fresh(report))
    assert after.barrier_map.columns[-1].since_then
    cells = [row.cells[-2].clinician for row in after.barrier_map.rows]
    assert set(cells) == {None}
    Response.objects.filter(session=held, respondent="clinician").update(submitted_at=held.starts_at)
    assert whole(build_progress(fresh(report))) == before


def test_a_charts_note_speaks_of_a_change_only_with_two_answers():
    first = ValuePoint(FIRST.date(), 3)
    second = ValuePoint(FIRST.date() + dt.timedelta(days=7), 1)
    assert _note([], None) == ""
    assert _note([first], None) == "Client: 3 on 3 Mar 2026, one answer so far."
    assert _note([first, second], None).endswith("change −2, 2 answers.")


def test_a_period_leaves_earlier_columns_out_but_keeps_the_baseline(report):
    report.options = {"period": "90", "charts": ["focus"]}
    report.asked_at = FIRST + dt.timedelta(days=100)
    built = build_progress(report)
    assert [column.label for column in built.barrier_map.columns] == ["17 Mar", "24 Mar", "31 Mar", "7 Apr"]
    assert built.barrier_map.rows[9].baseline == 3


def test_charts_are_those_that_were_chosen(report):
    assert [chart.picture.title for chart in build_progress(report).charts] == [
        "Communication gaps",
        "Control issues",
        "All barriers together (burden)",
    ]
    report.options = {"charts": []}
    assert build_progress(report).charts == ()


def test_without_access_it_is_withheld(report):
    CareAssignment.objects.filter(client=report.client).update(
        ends_on=dt.date(2026, 1, 1), starts_on=dt.date(2025, 1, 1)
    )
    with pytest.raises(Withheld):
        build_progress(fresh(report))


def test_a_client_without_any_answer_has_a_report_too():
    built = build_progress(fresh(ReportFactory(client=course(0))))
    assert built.barrier_map.is_empty
    assert [measure.title for measure in built.measures] == ["Secure agreements"]
    assert "not rated by the client yet" in built.summary[1]


@pytest.mark.parametrize("sessions", [1, 3])
def test_queries_do_not_grow(sessions, django_assert_num_queries):
    report = fresh(ReportFactory(client=course(sessions)))
    build_progress(report)
    report = fresh(report)
    with django_assert_num_queries(11):
        build_progress(report)


@pytest.mark.parametrize(
    "data", [{"period": "7"}, {"charts": "focus"}, {"charts": ["x"]}, {"extra": 1}, {"period": None}]
)
def test_options_that_are_not_offered(data):
    with pytest.raises(ValueError):
        ProgressOptions.read(data)


def test_options_are_written_in_one_form():
    assert ProgressOptions.read({"charts": ["burden", "focus"]}).write() == {
        "period": "episode",
        "charts": ["focus", "burden"],
    }
