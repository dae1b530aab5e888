"""What a posted page means."""

from django.http import QueryDict

from assessments import fields
from assessments.answers import Asked, questions_for
from tests.factories.assessments import definitions

QUESTIONS = questions_for(definitions()["barriers"], Asked(goals={}))
LAST = [one for one in QUESTIONS if one.kind in {"text", "focus_pick"}]


def posted(text, questions=QUESTIONS):
    return fields.posted(QueryDict(text), questions)


def test_only_prefixed_names_are_answers():
    found = posted("a.past=2&score=4&state=submitted&practice=x&past=3", QUESTIONS[:2])
    assert found == {"past": "2"}


def test_unknown_answers_come_through_to_be_refused():
    assert posted("a.nonsense=1", [])["nonsense"] == "1"


def test_ticks_are_lists_and_none_when_nothing_is_ticked():
    assert posted("a.focus=past&a.focus=power", LAST)["focus"] == ["past", "power"]
    assert posted("", LAST)["focus"] is None


def test_only_what_differs_from_the_shown_page_is_changed():
    answers = {"past": 2, "something-else": "a text", "focus": ["past"]}
    before = fields.was(QUESTIONS, answers)
    same = posted("a.past=2&a.something-else=a+text&a.focus=past")
    assert fields.changed(same, before) == {}
    other = posted("a.past=0&a.something-else=a+text%21&a.focus=past&a.focus=power")
    assert fields.changed(other, before) == {
        "past": "0",
        "something-else": "a text!",
        "focus": ["past", "power"],
    }
    cleared = posted("a.past=&a.something-else=")
    assert fields.changed(cleared, before) == {"past": "", "something-else": "", "focus": None}


def test_zero_is_an_answer():
    before = fields.was(QUESTIONS, {"past": 0})
    assert fields.changed(posted("a.past=0", QUESTIONS[:2]), before) == {}
    assert fields.changed(posted("a.past=0", QUESTIONS[:2]), "{}") == {"past": "0"}


def test_texts_are_not_in_the_hidden_field():
    assert "secret" not in fields.was(QUESTIONS, {"something-else": "secret words"})


def test_a_broken_hidden_field_means_everything_changed():
    for broken in ("", "[1]", "{", "[" * 9000):
        assert fields.changed({"past": "2"}, broken) == {"past": "2"}
