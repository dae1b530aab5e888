"""Reading grade of short English texts after Flesch and Kincaid.

    grade = 0.39 · words / sentences + 11.8 · syllables / words − 15.59

Kincaid, Fishburne, Rogers & Chissom (1975), Derivation of new readability formulas for Navy enlisted personnel. The
formula wants running text, so an instrument's items are judged joined, each item being at least one sentence. Syllables
are counted by rules with a list of common exceptions; the error on a list of everyday words is tested.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

MAX_GRADE = 8.0
"""The joined items of an instrument read at this grade or below."""

_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*|[0-9]+")
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$|[”\"’')])")
_VOWELS = re.compile(r"[aeiouy]+")
# Two vowels side by side that are usually spoken apart: cre-ate, di-et, idea, sci-ence, du-et, flu-id, stu-dio.
_APART = re.compile(
    r"[^cstg]ia(?!n\b|r)|iat[eio]|[gfl]iant|[dflnprstvkz]ier\b|[^ct]ie[tn](?!d)|scien|ociet|[rvdn]iou|io(?!u|n)|^lion"
    r"|[^qgs]ua(?!r)|ue[lt]|uou|ruin|luid|uici|eo(?!pl)|oe[mt]|iu|creat|react|ideal|realit|theat|ying"
)
_SILENT_E = re.compile(r"[^aeiouy]e$|[^aeioutdy]ed$|[^aeiouyszxcgh]es$")
_SPOKEN_LE = re.compile(r"[^aeiouylr]le[sd]?$")
_EXCEPTIONS = {
    "area": 3, "areas": 3, "being": 2, "business": 2, "closely": 2, "closeness": 2, "comfortable": 4, "different": 3,
    "doing": 2, "each": 1, "evening": 2, "every": 2, "everyone": 3, "everything": 3, "families": 3, "family": 3,
    "fire": 1, "friends": 1, "friendship": 2, "friendships": 2, "going": 2, "hopeful": 2, "hour": 1, "idea": 3,
    "ideas": 3, "lonely": 2, "love": 1, "lives": 1, "moment": 2, "movement": 2, "ourselves": 2, "people": 2,
    "quiet": 2, "really": 2, "reason": 2, "reliable": 4, "safely": 2, "safety": 2, "seeing": 2, "sometimes": 2,
    "someone": 2, "something": 2, "themselves": 2, "trying": 2, "usually": 4, "whole": 1, "whose": 1, "yourselves": 2,
    "hurried": 2, "worried": 2, "tried": 1, "cried": 1, "friend": 1, "science": 2, "patient": 2, "social": 2,
    "special": 2, "lately": 2, "likely": 2, "hatred": 2, "hundred": 2, "naked": 2, "sacred": 2, "wicked": 2,
    "beloved": 3, "somewhere": 2, "elsewhere": 2, "therefore": 2, "homework": 2, "lifetime": 2, "beliefs": 2,
}  # fmt: skip


@lru_cache(maxsize=4096)
def syllables(word: str) -> int:
    """Count the spoken syllables of an English word (at least 1). A number counts its digits."""
    word, _, ending = word.lower().replace("’", "'").partition("'")
    if word.isdigit():
        return len(word)
    if word in _EXCEPTIONS:
        return _EXCEPTIONS[word]
    count = len(_VOWELS.findall(word)) + len(_APART.findall(word))
    if _SILENT_E.search(word) and not _SPOKEN_LE.search(word):
        count -= 1
    # a silent e before a common ending: care-ful, hope-less, like-ly, move-ment, same-ness
    if re.search(r"[^aeiouyl]e(?:ful|less|ly|ment|ness)", word):
        count -= 1
    # could-n't and was-n't, but don't and can't
    spoken_not = ending == "t" and word.endswith(("dn", "sn"))
    return max(count, 1) + spoken_not


def words(text: str) -> list[str]:
    """The words of a text; a contraction is one word."""
    return _WORD.findall(text)


def sentences(text: str) -> int:
    """How many sentences a text has: at least 1, since an item or a heading may lack its full stop."""
    return max(len(_SENTENCE_END.findall(text.strip())), 1)


def grade(texts: Iterable[str]) -> float:
    """Flesch–Kincaid grade of the joined texts (US school years), rounded to 0.1; 0.0 when there is no word.

    Each text is at least one sentence of its own.
    """
    joined = [text for text in texts if words(text)]
    spoken = [syllables(word) for text in joined for word in words(text)]
    if not spoken:
        return 0.0
    ends = sum(sentences(text) for text in joined)
    return round(0.39 * len(spoken) / ends + 11.8 * sum(spoken) / len(spoken) - 15.59, 1)
