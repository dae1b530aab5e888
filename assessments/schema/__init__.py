"""Instruments as data: what a definition holds and how a file is read. See ``docs`` of each module inside.

parse_definition(text, file) -> Definition     raises DefinitionInvalid with every problem and its line
definition_from_json(data) -> Definition       the stored JSON of a version
content_hash(definition) -> str                the identity of a version
"""

from assessments.schema.models import (
    Choice,
    Definition,
    Direction,
    Frame,
    Item,
    Kind,
    Method,
    OptionSet,
    Passport,
    Plane,
    Respondent,
    Scale,
    SourceNote,
    Visibility,
)
from assessments.schema.parse import canonical_json, content_hash, definition_from_json, parse_definition
from assessments.schema.problems import DefinitionInvalid, Problem
from assessments.schema.questions import NOTE_SUFFIX, Question

__all__ = [
    "NOTE_SUFFIX",
    "Choice",
    "Definition",
    "DefinitionInvalid",
    "Direction",
    "Frame",
    "Item",
    "Kind",
    "Method",
    "OptionSet",
    "Passport",
    "Plane",
    "Problem",
    "Question",
    "Respondent",
    "Scale",
    "SourceNote",
    "Visibility",
    "canonical_json",
    "content_hash",
    "definition_from_json",
    "parse_definition",
]
