"""A small valid definition as text, to break in one place at a time."""

SMALL = """\
slug: small
title: Small
neutral_title: A short form
purpose: To be broken in tests.
sources:
  - {article: C, note: A list of barriers.}
passport:
  basis: Written for a test.
  validated: false
  norms: false
recall: today
minutes: 1
respondents: [client]
introduction: Hello.
allow_reversed: true
options:
  amount:
    min: 0
    max: 2
    labels:
      0: Not at all
      1: A little
      2: A lot
items:
  - {id: one, text: I sang., options: amount}
  - {id: two, text: I danced., options: amount, reversed: true}
  - {id: three, text: I slept., options: amount}
scales:
  - {key: fun, title: Fun, meaning: How much fun it was., method: mean, items: [one, two], direction: higher}
  - {key: rest, title: Rest, meaning: How much rest it was., method: single, items: [three], direction: none}
"""


def line_of(text: str, needle: str) -> int:
    """Line, from 1, of the only line of ``text`` that holds ``needle``."""
    found = [number for number, line in enumerate(text.splitlines(), 1) if needle in line]
    assert len(found) == 1, (needle, found)
    return found[0]


def changed(old: str, new: str, text: str = SMALL) -> str:
    """``text`` with the one occurrence of ``old`` replaced."""
    assert text.count(old) == 1, (old, text.count(old))
    return text.replace(old, new)
