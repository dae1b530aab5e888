"""Cutting questions into pages."""

import pytest

from assessments.answers import Asked, questions_for
from portal.paging import MOST, first_open, pages_of
from tests.factories.assessments import definitions

ASKED = Asked(goals={}, focus=["communication", "past"])


def ids(slug):
    return [[one.id for one in page.questions] for page in pages_of(questions_for(definitions()[slug], ASKED))]


def test_barriers_come_in_fours_and_what_is_no_rating_comes_last():
    pages = ids("barriers")
    assert [len(page) for page in pages] == [4, 4, 4, 2]
    assert pages[-1] == ["something-else", "focus"]


def test_checkin_groups_by_heading():
    assert ids("session-checkin") == [
        ["talk-instead", "connected", "myself", "heard", "at-ease", "hopeful"],
        ["focus-now.past", "focus-now.communication", "life-events", "today"],
    ]


def test_time_frames_of_an_item_stay_together():
    for page in ids("safety-screen"):
        items = [name.partition(".")[0] for name in page]
        assert all(items.count(item) == 2 for item in items)


@pytest.mark.parametrize("slug", sorted(definitions()))
def test_every_question_once_in_order_and_pages_stay_short(slug):
    questions = questions_for(definitions()[slug], ASKED)
    pages = pages_of(questions)
    assert [one for page in pages for one in page.questions] == list(questions)
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    assert max(len(page.questions) for page in pages) <= MOST + 1


def test_resumes_at_the_first_page_with_something_untouched():
    pages = pages_of(questions_for(definitions()["barriers"], ASKED))
    first = frozenset(one.id for one in pages[0].questions)
    assert first_open(pages, frozenset()) == 1
    assert first_open(pages, first) == 2
    assert first_open(pages, frozenset(one.id for page in pages for one in page.questions)) == 5


def test_nothing_to_ask_makes_no_page():
    assert pages_of([]) == ()
    assert first_open((), frozenset()) == 1
