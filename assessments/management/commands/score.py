"""``manage.py score SLUG --answers FILE.json``: the scores of some answers as JSON, without any database."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.answers import Asked, clean_answers, split_texts
from assessments.library import FOLDER, load_definitions
from assessments.schema import Definition, DefinitionInvalid, content_hash
from assessments.scoring import ScaleScore, plane_points, private_talk_hits, reason_text, risk_hits, score

MAX_BYTES = 1_000_000


class Command(BaseCommand):
    help = "Print the scores of the answers in a JSON file (item id → answer) by the shipped definition of SLUG."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the instrument, such as barriers")
        parser.add_argument("--answers", required=True, metavar="FILE.json", help="a JSON object: item id → answer")
        parser.add_argument("--respondent", choices=("client", "clinician"), default="client")

    def handle(self, *_args: Any, slug: str, answers: str, respondent: str, **_options: Any) -> None:
        definition = _definition(slug)
        if respondent not in definition.respondents:
            raise CommandError(f"{slug}: a {respondent} does not answer this instrument")
        raw = _read(Path(answers))
        clean, errors = clean_answers(definition, raw, partial=True, asked=Asked(respondent))
        if errors:
            raise CommandError("\n".join(f"{answers}: {name}: {reason}" for name, reason in errors.items()))
        values, _texts = split_texts(definition, clean)
        self.stdout.write(json.dumps(_result(definition, values), indent=2, ensure_ascii=False))


def _definition(slug: str) -> Definition:
    try:
        definitions = {definition.slug: definition for definition in load_definitions(FOLDER)}
    except DefinitionInvalid as error:
        raise CommandError(str(error)) from None
    if slug not in definitions:
        raise CommandError(f"unknown instrument {slug!r}; known are {', '.join(sorted(definitions))}")
    return definitions[slug]


def _read(path: Path) -> dict[str, object]:
    """The file's object. Raises ``CommandError`` naming the file for everything that is none."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CommandError(f"{path}: larger than {MAX_BYTES} bytes")
        raw = json.loads(path.read_bytes(), object_pairs_hook=_once)
    except OSError as error:
        raise CommandError(f"{path}: cannot be read: {error.strerror or error}") from None
    except _Twice as error:
        raise CommandError(f"{path}: {error}: answered twice") from None
    except json.JSONDecodeError as error:
        raise CommandError(f"{path}:{error.lineno}: not JSON: {error.msg}") from None
    except (UnicodeDecodeError, RecursionError):
        raise CommandError(f"{path}: not JSON that can be read") from None
    if not isinstance(raw, dict):
        raise CommandError(f"{path}: a JSON object is expected (item id → answer)")
    return raw


class _Twice(ValueError):
    pass


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise _Twice(name)
        found[name] = value
    return found


def _result(definition: Definition, values: dict[str, Any]) -> dict[str, Any]:
    scores = score(definition, values)
    result: dict[str, Any] = {
        "instrument": definition.slug,
        "content": content_hash(definition),
        "scores": [_line(one) for one in scores],
    }
    if definition.planes:
        result["planes"] = [
            {"plane": point.key, "x": point.x, "y": point.y} for point in plane_points(definition, scores)
        ]
    result["risk"] = risk_hits(definition, values)
    result["private_talk"] = private_talk_hits(definition, values)
    return result


def _line(one: ScaleScore) -> dict[str, Any]:
    line: dict[str, Any] = {"scale": one.key, "value": one.value, "answered": one.answered, "of": one.of}
    if one.reason:
        line |= {"reason": one.reason, "why": reason_text(one)}
    return line
