"""``manage.py reliability SLUG [--practice NAME] [--json]``: how a measure behaves in a practice, counted afresh."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.actions.psychometrics import count
from assessments.change import RETEST, why_not
from assessments.models import Instrument, InstrumentVersion, Reference
from assessments.queries.passport import WHY
from assessments.queries.psychometrics import known_of
from assessments.schema import Scale
from assessments.statistics import reliable, results
from practice.models import Practice


class Command(BaseCommand):
    help = (
        "N, alpha with Feldt's interval, omega, test-retest, SEM and the minimal detectable change of each scale, from"
        " the stored first answers of each client (of a couple one partner's). Counted afresh, and kept for the pages."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the measure, such as patterns-between-us")
        parser.add_argument("--practice", default="", help="name or id, where there is more than one practice")
        parser.add_argument("--number", type=int, help="number of the version; the newest unless told")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_args: Any, slug: str, number: int | None, **options: Any) -> None:
        version, practice = _version(slug, number), _practice(options["practice"])
        told = _told(practice, version)
        if options["json"]:
            self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(_text(told)))


def _version(slug: str, number: int | None) -> InstrumentVersion:
    versions = InstrumentVersion.objects.filter(instrument__slug=slug).select_related("instrument")
    rows = list(versions.order_by("-number", "instrument__language"))
    if not rows:
        known = sorted(set(Instrument.objects.values_list("slug", flat=True)))
        raise CommandError(
            f"{slug}: not in the library; known are {', '.join(known)}"
            if known
            else "the library is empty: run manage.py load_library first"
        )
    found = [row for row in rows if number in (None, row.number)]
    if not found:
        raise CommandError(f"{slug} has no version {number}; there are {', '.join(str(row.number) for row in rows)}")
    if not found[0].definition.scales:
        raise CommandError(f"{slug} has no scales: its answers are read, not counted")
    return found[0]


def _practice(named: str) -> Practice:
    rows = list(Practice.objects.order_by("created_at", "pk"))
    if not rows:
        raise CommandError("there is no practice yet")
    found = [row for row in rows if not named or named in (str(row.pk), row.name)]
    if len(found) != 1:
        names = ", ".join(f"“{row.name}”" for row in rows)
        raise CommandError(f"--practice: say which one, by name or id. There are: {names}")
    return found[0]


def _told(practice: Practice, version: InstrumentVersion) -> dict[str, Any]:
    definition = version.definition
    rows = {row.scale: row for row in count(practice, version)}
    scales = [_scale(version, scale, rows[f"{definition.slug}.{scale.key}"]) for scale in definition.scales]
    return {
        "instrument": definition.slug,
        "version": version.number,
        "practice": str(practice.pk),
        "counted_at": next(iter(rows.values())).counted_at.isoformat(),
        "scales": scales,
    }


def _scale(version: InstrumentVersion, scale: Scale, row: Reference) -> dict[str, Any]:
    """``sem`` and ``mdc`` from the estimate itself; ``verdicts``: what pages use, the lower limit while provisional."""
    by_retest = row.facts["kind"] == RETEST
    r = row.retest if by_retest else row.alpha
    known = known_of(row)
    why = why_not(version.definition, scale.key, known)
    return {
        "scale": scale.key,
        "title": scale.title,
        "method": scale.method,
        "formative": scale.formative,
        "n": row.people,
        "n_complete": row.facts["complete"],
        "gate": reliable.gate(row.people),
        "mean": row.mean,
        "sd": row.sd,
        "alpha": _estimate(row, "alpha", row.alpha, row.alpha_low, row.alpha_high),
        "omega": _estimate(row, "omega", row.omega),
        "retest": _estimate(row, "retest", row.retest, row.retest_low, row.retest_high) | {"pairs": row.pairs},
        "reliability": {"value": r, "from": row.facts["kind"]},
        **_noise(row.sd, r),
        "floor": row.floor,
        "ceiling": row.ceiling,
        "missing": row.missing,
        "verdicts": {"given": not why, "why_not": why, "reliability": None if why else known.reliability}
        | ({"sem": None, "mdc": None} if why else _noise(known.sd, known.reliability)),
    }


def _noise(sd: float | None, r: float | None) -> dict[str, float | None]:
    if sd is None or r is None or reliable.bad_inputs(sd, r):
        return {"sem": None, "mdc": None}
    return {"sem": reliable.sem(sd, r), "mdc": reliable.minimal_change(sd, r)}


def _estimate(
    row: Reference, name: str, value: float | None, low: float | None = None, high: float | None = None
) -> dict[str, Any]:
    if value is None:
        code = row.facts.get(name, "")
        return {"value": None, "low": None, "high": None, "why_not": str(WHY.get(code) or results.words(code))}
    return {"value": value, "low": low, "high": high, "why_not": ""}


def _text(told: dict[str, Any]) -> Iterator[str]:
    yield f"{told['instrument']}, version {told['version']}"
    for one in told["scales"]:
        figures = [f"N {one['n']}"]
        figures += [_line(name, one[name]) for name in ("alpha", "omega", "retest")]
        figures += [f"{name.upper()} {one[name]:.3f}" for name in ("sem", "mdc") if one[name] is not None]
        yield f"  {one['scale']}: {'; '.join(figures)}"
        yield f"    {one['verdicts']['why_not'] or 'verdicts are given'}"


def _line(name: str, one: dict[str, Any]) -> str:
    pairs = f" from {one['pairs']} pairs" if one.get("pairs") else ""
    if one["value"] is None:
        return f"{name}: {one['why_not'] or 'not known'}"
    between = ""
    if one["low"] is not None:  # a difference has a lower limit alone
        between = f" (from {one['low']:.3f})" if one["high"] is None else f" ({one['low']:.3f} to {one['high']:.3f})"
    return f"{name} {one['value']:.3f}{between}{pairs}"
