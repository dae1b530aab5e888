"""Codes of the caseload's address, and names compared without case and accents."""

import pytest
from django.http import QueryDict

from dashboard import choice as codes
from dashboard.choice import Choice, matches, plain


def read(query: str) -> Choice:
    return Choice.read(QueryDict(query))


@pytest.mark.parametrize(
    ("query", "choice"),
    [
        ("", Choice()),
        ("f=2&f=1", Choice(shows=(codes.OVERDUE, codes.FLAG))),
        ("b=b07&o=5&d=1", Choice(barrier="b07", sort=codes.BURDEN, backwards=True)),
        ("s=b&o=3", Choice(tab="b", sort=codes.LAST)),
        ("s=c&f=2", Choice(tab="c", shows=(codes.FLAG,))),
        ("s=b&f=1&b=b01&o=5", Choice(tab="b")),  # means nothing there
        ("s=x&f=99&f=password&b=control&o=last_name&d=yes&order=password", Choice()),
        ("f=1__gt&b=b13&o=-1", Choice()),
    ],
)
def test_only_known_codes_are_read(query, choice):
    assert read(query) == choice


@pytest.mark.parametrize("query", ["", "?f=3&f=1", "?s=c&f=2&o=3&d=1", "?f=6&b=b12&o=6", "?n=1", "?s=b&n=1"])
def test_the_address_says_it_again(query):
    assert read(query.lstrip("?")).query() == query


def test_no_clinical_word_in_any_address():
    every = Choice(shows=tuple(codes.SHOWS), barrier="b10", sort=codes.CHANGE, backwards=True, named=True)
    assert every.query(after="x") == "?f=3&f=1&f=2&f=8&f=5&f=6&f=4&f=7&b=b10&o=6&d=1&n=1&after=x"


def test_a_chip_removes_one_thing_and_keeps_the_rest():
    chosen = Choice(shows=(codes.NEW, codes.OVERDUE), barrier="b07", sort=codes.NEXT)
    assert [(str(chip["label"]), chip["query"]) for chip in chosen.chips()] == [
        ("New answers", "?f=1&b=b07&o=2"),
        ("Overdue work", "?f=3&b=b07&o=2"),
        ("In focus: Communication gaps", "?f=3&f=1&o=2"),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Zoë", "zoe"),
        ("Zoe\u0308", "zoe"),
        ("MÜLLER-Groß", "muller-gross"),
        ("Łukasz Øre Ægir", "lukasz ore aegir"),
        ("İnci Işık", "inci isik"),
        ("Søren D’Arc", "soren d'arc"),
        ("ﬁeld", "field"),
        ("Анна", "анна"),
    ],
)
def test_plain(text, found):
    assert plain(text) == found


@pytest.mark.parametrize(
    ("search", "hit"),
    [("zoe", True), ("ZOË", True), ("mull zo", True), ("c-0007", True), ("zoe abel", False), ("", True), ("%", False)],
)
def test_every_word_is_somewhere_in_the_names(search, hit):
    assert matches(plain(search).split(), "", "Zoë", "Müller", "C-0007") is hit
