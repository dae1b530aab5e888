"""From a file or a stored version to a ``Definition``, and from a definition to its content hash."""

import hashlib
import json
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from assessments.schema.checks import check
from assessments.schema.models import Definition
from assessments.schema.problems import DefinitionInvalid, Loc, Problem, path_of
from assessments.schema.source import read_source

_REASONS = {
    "missing": "required, but missing",
    "extra_forbidden": "unknown key",
    "string_too_short": "empty text",
    "too_short": "the list is empty",
    "frozen_set_type": "a list is expected",
    "tuple_type": "a list is expected",
    "dict_type": "a mapping of keys to values is expected",
    "model_type": "a mapping of keys to values is expected",
    "string_type": "a text is expected",
    "int_parsing": "a whole number is expected",
    "int_from_float": "a whole number is expected",
    "bool_parsing": "true or false is expected",
    "string_pattern_mismatch": "not allowed here: use small letters, digits, - and _, a letter first",
}


def parse_definition(text: str | bytes, file: str) -> Definition:
    """Read one definition file.

    Raises ``DefinitionInvalid`` with every problem found: what YAML, the types and the checks between parts refuse.
    """
    source = read_source(text, file)
    definition: Definition | None = None
    try:
        definition = Definition.model_validate(source.data)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_context=True):
            source.add(_located(detail, source.lines), _reason(detail))
    for loc, reason in check(source.data):
        source.add(loc, reason)
    if source.problems or definition is None:
        raise DefinitionInvalid(source.problems)
    return definition


def definition_from_json(data: dict[str, Any]) -> Definition:
    """Rebuild a definition from the stored JSON of a version; types only, since a version was checked when made.

    Raises ``DefinitionInvalid`` (line 0) when the JSON does not fit the models.
    """
    try:
        return Definition.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise DefinitionInvalid(
            Problem("stored version", 0, path_of(_plain(detail["loc"])), _reason(detail)) for detail in details
        ) from error


def canonical_json(definition: Definition) -> str:
    """The definition as JSON with sorted keys and without defaults, the same for the same content on any machine."""
    data = definition.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def content_hash(definition: Definition) -> str:
    """SHA-256 of the canonical JSON, as 64 hexadecimal digits: the identity of a version."""
    return hashlib.sha256(canonical_json(definition).encode()).hexdigest()


def _reason(detail: ErrorDetails) -> str:
    kind = detail["type"]
    if kind == "string_too_long":
        return f"the text is too long; at most {detail.get('ctx', {}).get('max_length')} characters"
    if kind in {"literal_error", "string_pattern_mismatch"}:
        return (
            f"{detail['input']!r} is not known; {detail['msg'].lower()}"
            if kind == "literal_error"
            else (f"{detail['input']!r} is {_REASONS[kind]}")
        )
    if kind in {"int_parsing", "bool_parsing"}:
        return f"{_REASONS[kind]}, not {detail['input']!r}"
    return _REASONS.get(kind) or detail["msg"][:1].lower() + detail["msg"][1:]


def _plain(loc: tuple[int | str, ...]) -> Loc:
    return tuple(step for step in loc if step != "[key]")


def _located(detail: ErrorDetails, lines: dict[Loc, int]) -> Loc:
    """The location as it stands in the file; pydantic counts labels as numbers, the file has words."""
    loc = _plain(detail["loc"])
    return loc if loc in lines else tuple(str(step) if loc[:1] == ("options",) else step for step in loc)
