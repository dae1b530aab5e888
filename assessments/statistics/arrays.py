"""Answers as an array: complete rows, in a size that floats can bear. Only ``consistency``, ``agreement`` and
``effect`` use it, and they are imported when something is computed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Table = Sequence[Sequence[float | None]] | NDArray[Any]
"""A row a person (or target), a column an item (or rater); none or NaN where missing."""

NOTHING = 1e-12
"""A spread below this share of the largest value is none: what is left is rounding."""


def complete(table: Table) -> Array:
    """The rows without a missing value (listwise), as floats. Infinite counts as missing."""
    array = np.asarray(table, dtype=float)
    if array.ndim != 2:
        array = array.reshape(len(array), -1) if array.size else np.empty((0, 0))
    return array[np.isfinite(array).all(axis=1)]


def scaled(array: Array) -> Array:
    """Divided by the largest size and centred on the common mean. Coefficients without a unit stay the same, and
    neither huge nor tiny numbers spoil them."""
    top = float(np.abs(array).max(initial=0.0))
    if top == 0:
        return array
    small = array / top
    return small - small.mean()


def flat(array: Array) -> bool:
    """Whether nothing differs in a scaled array."""
    return bool(np.abs(array - array.mean()).max(initial=0.0) < NOTHING)
