"""``manage.py change --baseline X --latest Y --sd S --reliability R``: one change against noise, no database."""

import json
import math
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.change import verdict_words
from assessments.statistics import results
from assessments.statistics.reliable import Change, Z, reliable_change


def _number(text: str) -> float:
    """A finite number. Raises ``ArgumentTypeError``, which argparse prints with the option's name."""
    try:
        value = float(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a number") from None
    if not math.isfinite(value):
        raise ArgumentTypeError(f"{text!r} is not a finite number")
    return value


def _positive(text: str) -> float:
    value = _number(text)
    if value <= 0:
        raise ArgumentTypeError(f"{text!r} must be above 0")
    return value


def _reliability(text: str) -> float:
    value = _number(text)
    if not 0 <= value < 1:
        raise ArgumentTypeError(f"{text!r} must be from 0 to below 1")
    return value


class Command(BaseCommand):
    help = (
        "Tell whether a change is larger than noise explains: reliable change index (Jacobson & Truax 1991)."
        " Bad numbers end with exit code 2."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--baseline", type=_number, required=True, metavar="X", help="the first score")
        parser.add_argument("--latest", type=_number, required=True, metavar="Y", help="the score to compare")
        parser.add_argument("--sd", type=_positive, required=True, metavar="S", help="SD of first administrations")
        parser.add_argument("--reliability", type=_reliability, required=True, metavar="R", help="from 0 to below 1")
        parser.add_argument("--z", type=_positive, default=Z, help=f"limit of |RCI|, {Z} unless told")
        parser.add_argument("--better", choices=("higher", "lower"), help="also tell whether it went there")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        given = {name: options[name] for name in ("baseline", "latest", "sd", "reliability", "z")}
        found = reliable_change(*given.values())
        if found.reason:
            raise CommandError(results.words(found.reason), returncode=2)
        told = {**given, **_told(found, options["better"])}
        self.stdout.write(json.dumps(told, indent=2) if options["json"] else _text(told))


def _told(found: Change, better: str | None) -> dict[str, Any]:
    assert found.change is not None
    side = "higher" if found.change > 0 else "lower" if found.change < 0 else "same"
    told: dict[str, Any] = {
        "verdict": found.direction,
        "words": verdict_words(found.direction),
        "reliable": found.reliable,
        "direction": side,
        "change": found.change,
        "sem": found.sem,
        "s_diff": found.s_diff,
        "rci": found.rci,
        "min_change": found.min_change,
    }
    if better:
        told |= {"better": better, "toward_better": side == better if found.reliable else None}
    return told


def _text(told: dict[str, Any]) -> str:
    lines = [
        f"change {told['change']:+.4g}: {told['words']}",
        f"RCI {told['rci']:.3f} (limit {told['z']:g}), SEM {told['sem']:.4g}, S_diff {told['s_diff']:.4g},"
        f" smallest change beyond chance {told['min_change']:.4g}",
    ]
    if told.get("toward_better") is not None:
        lines.append(f"{told['better']} is better: {'toward' if told['toward_better'] else 'away from'} it")
    return "\n".join(lines)
