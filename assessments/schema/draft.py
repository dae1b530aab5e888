"""The parts of a definition that are valid in themselves, for the checks between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from assessments.schema.models import Definition, Frame, Item, OptionSet, Plane, Scale, SourceNote

Part = TypeVar("Part", bound=BaseModel)


@dataclass
class Draft:
    """Valid parts with their positions, the names that the raw data mention, and the whole where it is valid."""

    top: Definition | None
    language: str
    allow_reversed: bool
    respondents: tuple[str, ...]
    sources: list[SourceNote]
    options: dict[str, OptionSet]
    frames: list[Frame]
    items: list[tuple[int, Item]]
    scales: list[tuple[int, Scale]]
    planes: list[tuple[int, Plane]]
    named_options: frozenset[str]
    named_frames: frozenset[str]
    named_items: frozenset[str]
    named_scales: frozenset[str]
    all_items_valid: bool
    all_scales_valid: bool

    @cached_property
    def items_by_id(self) -> dict[str, Item]:
        """Valid items by id, the first of a duplicate."""
        return {item.id: item for _, item in reversed(self.items)}

    @cached_property
    def scales_by_key(self) -> dict[str, Scale]:
        """Valid scales by key, the first of a duplicate."""
        return {scale.key: scale for _, scale in reversed(self.scales)}

    @classmethod
    def of(cls, data: dict[str, Any]) -> Draft:
        """Keep the valid parts of raw data."""
        items, scales, planes = (_list(data, name) for name in ("items", "scales", "planes"))
        frames, sources = _list(data, "frames"), _list(data, "sources")
        raw_options = data.get("options")
        raw_options = raw_options if isinstance(raw_options, dict) else {}
        options = {name: _valid(OptionSet, raw) for name, raw in raw_options.items()}
        respondents = tuple(name for name in _list(data, "respondents") if isinstance(name, str))
        valid_items, valid_scales = _numbered(Item, items), _numbered(Scale, scales)
        return cls(
            top=_valid(Definition, data),
            language=str(data.get("language", "en")),
            allow_reversed=str(data.get("allow_reversed", "false")).lower() in {"true", "yes", "on", "1", "t", "y"},
            respondents=respondents,
            sources=[part for _, part in _numbered(SourceNote, sources)],
            options={name: part for name, part in options.items() if part},
            frames=[part for _, part in _numbered(Frame, frames)],
            items=valid_items,
            scales=valid_scales,
            planes=_numbered(Plane, planes),
            named_options=frozenset(raw_options),
            named_frames=_names(frames, "key"),
            named_items=_names(items, "id"),
            named_scales=_names(scales, "key"),
            all_items_valid=len(valid_items) == len(items),
            all_scales_valid=len(valid_scales) == len(scales),
        )


def repeated(names: Sequence[object]) -> list[int]:
    """Positions of the names that stood before."""
    seen: set[object] = set()
    found = []
    for position, name in enumerate(names):
        if name in seen:
            found.append(position)
        seen.add(name)
    return found


def _list(data: dict[str, Any], name: str) -> list[Any]:
    value = data.get(name)
    return value if isinstance(value, list) else []


def _names(parts: list[Any], key: str) -> frozenset[str]:
    return frozenset(part[key] for part in parts if isinstance(part, dict) and isinstance(part.get(key), str))


def _valid(model: type[Part], raw: object) -> Part | None:
    try:
        return model.model_validate(raw)
    except ValidationError:
        return None


def _numbered(model: type[Part], parts: list[Any]) -> list[tuple[int, Part]]:
    return [(position, part) for position, raw in enumerate(parts) if (part := _valid(model, raw))]
