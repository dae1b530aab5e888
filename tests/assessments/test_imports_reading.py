"""Files of past administrations: what is read, and how each thing that is wrong is told with its line."""

import csv
import datetime as dt
import io

import pytest

from assessments.imports.columns import columns, read_header
from assessments.imports.source import MAX_LINE, Unreadable, records
from clients.barriers import CODES
from tests.factories.assessments import definitions

HEAD = ["client", "date", *CODES]


def read(data: bytes, size: int = 7) -> list[tuple[int, list[str]]]:
    """Read in small chunks, so that every seam is met."""
    return list(records(data[at : at + size] for at in range(0, len(data), size)))


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_both_delimiters_with_and_without_mark_and_both_line_ends(delimiter, mark, end):
    text = end.join([delimiter.join(["client", "date", "note"]), delimiter.join(["C-1", "2024-03-05", "ä"])])
    rows = [(1, ["client", "date", "note"]), (2, ["C-1", "2024-03-05", "ä"])]
    assert read(mark + text.encode()) == rows
    assert read(mark + (text + end).encode()) == rows


def test_a_quoted_line_break_counts_in_the_line_numbers():
    data = b'a,b\n1,"two\nlines ""here"""\n3,4\n'
    assert read(data) == [(1, ["a", "b"]), (2, ["1", 'two\nlines "here"']), (4, ["3", "4"])]


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"a,b\n1,\x00\n", 2, "NUL"),
        (b"a,b\n\xe4,1\n", 2, "UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), 1, "UTF-8"),
        (b"a,b\n1,2\n" + b"x" * (MAX_LINE + 1) + b"\n", 3, "too long"),
        (b"a,b\n1,2\n" + b"x" * (3 * MAX_LINE), 3, "too long"),
        (b'a,b\n1,"2\n3,4\n', 2, "never closed"),
        (b'a,b\n1,"2" x\n', 2, "quotation marks"),
        (b"a,b\r1,2\r3,4\n", 1, "Line ends"),
        (b'a,b\n1,"' + b"x\n" * MAX_LINE + b'"\n', None, "too long"),
        (b",".join(b"c%d" % n for n in range(700)) + b"\n", 1, "columns"),
    ],
)
def test_what_makes_a_file_unreadable(data, line, words):
    with pytest.raises(Unreadable, match=words) as refused:
        read(data, 4096)
    assert line is None or refused.value.line == line


def plan_of(slug: str = "barriers", names: list[str] | None = None):
    plan, problems = read_header(definitions()[slug], names or HEAD)
    assert problems == []
    return plan


def test_the_template_has_every_column_of_every_measure_that_may_be_brought():
    for slug, definition in definitions().items():
        names = [column.name for column in columns(definition)]
        assert len(set(names)) == len(names)
        plan, problems = read_header(definition, names)
        assert (problems, plan is not None) == ([], True), slug


def test_unknown_twice_and_missing_columns_are_named():
    names = ["Client Code", "date", "date", "mood", "", *CODES[1:]]
    plan, problems = read_header(definitions()["barriers"], names)
    assert plan is None
    assert [(line, column) for line, column, _text in problems] == [
        (1, "date"),
        (1, "mood"),
        (1, ""),
        (1, "vulnerability"),
    ]
    assert [text for _line, _column, text in problems] == [
        "This column is there twice.",
        "This column is not known here.",
        "Column 5 has no name.",
        "This column is missing.",
    ]


def test_a_record_with_notes_focus_and_time():
    plan = plan_of(names=[*HEAD, "past.note", "focus", "time"])
    record, problems = plan.read(
        7, ["C-0042", "2024-03-05", "0", "4", " 2 ", "3.0", *[""] * 8, "As before.\r\nStill.", "past control", "9:05"]
    )
    assert problems == []
    assert (record.code, record.day, record.clock) == ("C-0042", dt.date(2024, 3, 5), dt.time(9, 5))
    given = {"vulnerability": 0, "past": 4, "expectations": 2, "independence": 3, "focus": ["past", "control"]}
    assert record.answers == {**dict.fromkeys(CODES), **given}
    assert record.texts == {"past.note": "As before.\nStill."}


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        (["C-1", "2024-03-05", *"2" * 11], "", "13 fields, but the first line names 14"),
        (["", "2024-03-05", *"2" * 12], "client", "missing"),
        (["C-1", "", *"2" * 12], "date", "missing"),
        (["C-1", "05.03.2024", *"2" * 12], "date", "“05.03.2024” is not a day such as 2024-03-05"),
        (["C-1", "2024-02-30", *"2" * 12], "date", "is not a day"),
        (["C-1", "2024-03-05 25:00", *"2" * 12], "date", "is not a day"),
        (["C-1", "2024-03-05", "5", *"2" * 11], "vulnerability", "“5” is not a whole number from 0 to 4"),
        (["C-1", "2024-03-05", "2,5", *"2" * 11], "vulnerability", "“2,5” is not"),
        (["C-1", "2024-03-05", "-1", *"2" * 11], "vulnerability", "“-1” is not"),
        (["C-1", "2024-03-05", "x" * 500, *"2" * 11], "vulnerability", "“xxxxxxxxxxxx” is not"),
        (["C-1", "2024-03-05", *[""] * 12], "", "Nothing is answered"),
    ],
)
def test_what_is_wrong_in_a_line(cells, column, words):
    record, problems = plan_of().read(9, cells)
    assert record is None
    assert [(one.line, one.column) for one in problems] == [(9, column)]
    assert words in problems[0].text


def test_every_problem_of_a_line_is_told():
    _record, problems = plan_of().read(3, ["", "soon", "9", *"2" * 10, "-"])
    assert [one.column for one in problems] == ["date", "client", "vulnerability", CODES[-1]]


def test_an_empty_line_is_nothing():
    assert plan_of().read(3, [""]) == (None, [])
    assert plan_of().read(3, ["", " ", *[""] * 12]) == (None, [])


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-03-05T14:30:00+01:00", dt.datetime(2024, 3, 5, 13, 30, tzinfo=dt.UTC)),
        ("2024-03-05 13:30Z", dt.datetime(2024, 3, 5, 13, 30, tzinfo=dt.UTC)),
    ],
)
def test_a_moment_with_its_offset(text, moment):
    record, _problems = plan_of().read(2, ["C-1", text, *"2" * 12])
    assert record.moment == moment


def test_check_in_columns_are_its_sliders_and_what_may_be_there_besides():
    found = {column.name: column.needed for column in columns(definitions()["session-checkin"])}
    needed = [name for name, must in found.items() if must]
    assert needed == ["client", "date", "connected", "myself", "heard", "at-ease", "hopeful"]
    assert {"focus-now.past", "life-events", "today", "talk-instead", "time"} - set(found) <= {"talk-instead"}
    plan = plan_of("session-checkin", [*needed, "focus-now.past", "focus-now.power", "life-events", "today"])
    record, problems = plan.read(2, ["C-1", "2024-03-05", "9", "8", "7", "", "10", "3", "", "work; move", "Rest"])
    assert problems == []
    assert {name: value for name, value in record.answers.items() if value is not None} == {
        "connected": 9,
        "myself": 8,
        "heard": 7,
        "hopeful": 10,
        "focus-now.past": 3,
        "life-events": ["work", "move"],
    }
    assert "focus-now.power" not in record.answers
    assert record.texts == {"today": "Rest"}


def test_a_template_written_by_a_spreadsheet_is_read_back():
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerows([HEAD, ["C-1", "2024-03-05", *"2" * 12]])
    assert [len(row) for _line, row in read(out.getvalue().encode())] == [14, 14]
