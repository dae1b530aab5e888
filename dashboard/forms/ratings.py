"""The clinician's ratings of the twelve, in one grid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _t

from clients.barriers import BARRIERS, Barrier
from practice.forms.base import CrispyForm

NEVER = -1
"""The revision of somebody who does not say what they have read."""


@dataclass(frozen=True, slots=True)
class RatingOption:
    """One value to choose."""

    value: str
    label: str
    checked: bool


@dataclass(frozen=True, slots=True)
class RatingRow:
    """One barrier's row of the grid."""

    field: forms.BoundField
    wording: str
    options: list[RatingOption]


class RatingForm(CrispyForm):
    """The twelve barriers, 0–4 or not discussed, by opaque codes. ``revision``: what is stored, 0 for nothing yet."""

    rating_seen = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(
        self,
        *args: Any,
        values: Mapping[str, Any],
        labels: Sequence[tuple[int, str]],
        wordings: Mapping[str, str],
        revision: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, initial={"rating_seen": revision}, **kwargs)
        self.labels, self.wordings = labels, wordings
        choices = [("", _t("Not discussed")), *((str(value), label) for value, label in labels)]
        for barrier in BARRIERS:
            value = values.get(barrier.code)
            self.fields[barrier.opaque] = forms.ChoiceField(
                label=str(barrier.name),
                choices=choices,
                required=False,
                initial="" if value is None else str(value),
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": _t("Choose one of the values shown.")},
            )

    def lines(self) -> list[RatingRow]:
        """The grid, with what was typed or stored."""
        return [self._line(barrier) for barrier in BARRIERS]

    def _line(self, barrier: Barrier) -> RatingRow:
        bound = self[barrier.opaque]
        field: Any = self.fields[barrier.opaque]
        value = str(bound.value() or "")
        options = [RatingOption(code, str(label), code == value) for code, label in field.choices]
        return RatingRow(bound, self.wordings.get(barrier.code, ""), options)

    def ratings(self) -> dict[str, int | None]:
        """Values by barrier code."""
        values = {barrier.code: self.cleaned_data[barrier.opaque] for barrier in BARRIERS}
        return {code: int(value) if value else None for code, value in values.items()}

    def seen(self) -> int:
        """The revision that the writer had read."""
        seen = self.cleaned_data.get("rating_seen")
        return NEVER if seen is None else seen

    def stored(self) -> list[tuple[str, str]]:
        """What the unbound form shows, in words."""
        names = {str(value): f"{value} {label}" for value, label in self.labels}
        nothing = _t("Not discussed")
        return [(str(row.field.label), names.get(str(row.field.value() or ""), nothing)) for row in self.lines()]
