"""From a file or a stored version to a ``Definition``, and from a definition to its content hash."""

import hashlib
import json
from typing import Any

from assessments.schema.checks import check
from assessments.schema.models import Definition
from assessments.schema.problems import DefinitionInvalid, Problem
from practice.datafiles import DataFileInvalid, dotted, no_lines, read_yaml, validate


def parse_definition(text: str | bytes, file: str) -> Definition:
    """Read one definition file; bytes are decoded as UTF-8.

    Raises ``DefinitionInvalid`` with every problem found: first what the YAML reader refuses (syntax, size, depth,
    aliases, duplicate keys), then, together, what the types refuse and what the checks between parts refuse.
    """
    problems: list[Problem] = []
    definition: Definition | None = None
    try:
        data, line_of = read_yaml(text, file)
    except DataFileInvalid as error:
        raise DefinitionInvalid(error.problems) from None
    try:
        definition = validate(Definition, data, line_of, file)
    except DataFileInvalid as error:
        problems.extend(error.problems)
    if isinstance(data, dict):
        problems.extend(Problem(file, line_of(path), dotted(path), reason) for path, reason in check(data))
    if problems or definition is None:
        raise DefinitionInvalid(problems)
    return definition


def definition_from_json(data: dict[str, Any]) -> Definition:
    """Rebuild a definition from the stored JSON of a version; types only, since a version was checked when made.

    Raises ``DefinitionInvalid`` (line 0) when the JSON does not fit the models.
    """
    try:
        return validate(Definition, data, no_lines, "stored version")
    except DataFileInvalid as error:
        raise DefinitionInvalid(error.problems) from None


def canonical_json(definition: Definition) -> str:
    """The definition as JSON with sorted keys and without defaults, the same for the same content on any machine."""
    data = definition.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def content_hash(definition: Definition) -> str:
    """SHA-256 of the canonical JSON, as 64 hexadecimal digits: the identity of a version."""
    return hashlib.sha256(canonical_json(definition).encode()).hexdigest()
