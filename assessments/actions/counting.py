"""From stored answers to arrays to figures. Imports numpy: import it where something is counted."""

import uuid
from collections.abc import Iterable, Sequence

import numpy as np

from assessments.figures import Answers, Figures, figures, item_names
from assessments.models import InstrumentVersion
from assessments.queries.firsts import answers_of, firsts, values_of
from assessments.schema import Definition
from assessments.statistics.arrays import Array
from practice.models import Practice


def counted(practice: Practice, version: InstrumentVersion) -> tuple[int, dict[str, Figures]]:
    """How many responses there are, and the figures by scale key."""
    definition = version.definition
    found = firsts(practice, version)
    first = list(found.first.values())
    names = item_names(definition)
    before = [pair.first for pair in found.pairs.values()]
    after = [pair.second for pair in found.pairs.values()]
    one, other = _scores(definition, before), _scores(definition, after)
    answers = Answers(
        names=names,
        items=_items(definition, names, first),
        scores=_scores(definition, first),
        pairs={key: np.column_stack([one[key], other[key]]) for key in one},
    )
    return found.sent, figures(definition, answers)


def _items(definition: Definition, names: Sequence[str], pks: Sequence[uuid.UUID]) -> Array:
    """Items as they are scored: whole numbers, reversed ones turned round, anything else missing."""
    array = _empty(len(pks), len(names))
    for row, (_pk, answers) in enumerate(answers_of(pks)):
        for column, name in enumerate(names):
            value = answers.get(name)
            if isinstance(value, int) and not isinstance(value, bool):
                array[row, column] = value
    for column, name in enumerate(names):
        item = definition.items_by_id[name]
        if item.reversed:
            chosen = definition.options[item.options or ""]
            array[:, column] = chosen.min + chosen.max - array[:, column]
    return array


def _scores(definition: Definition, pks: Sequence[uuid.UUID]) -> dict[str, Array]:
    """The stored scores by scale key, a place for each response in the order given."""
    names = {f"{definition.slug}.{scale.key}": column for column, scale in enumerate(definition.scales)}
    rows = _places(pks)
    array = _empty(len(pks), len(names))
    for pk, scale, value in values_of(pks, names):
        array[rows[pk], names[scale]] = value
    return {scale.key: array[:, column] for column, scale in enumerate(definition.scales)}


def _places(pks: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    return {pk: row for row, pk in enumerate(pks)}


def _empty(rows: int, columns: int) -> Array:
    return np.full((rows, columns), np.nan)
