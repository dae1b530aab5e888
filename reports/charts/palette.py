"""How the parts of a chart are painted: by class on the page, by concrete colours in the PDF.

The page forbids inline styles and has two colour schemes, so its parts only name their class (docs/design.md). Typst
paints CSS variables and ``currentColor`` black, so the PDF's parts carry their colours. One hue, from light to dark:
it stays readable in grey, and no colour says good or bad.
"""

from collections.abc import Mapping
from dataclasses import dataclass

HEAT_STEPS = 5
"""Shades of the heat scale, ``heat-0`` to ``heat-4``."""


@dataclass(frozen=True)
class Palette:
    """SVG attributes for each part of a chart, as ready text with a leading space."""

    parts: Mapping[str, str]

    def __getitem__(self, part: str) -> str:
        return self.parts[part]


def _classes(**classes: str) -> dict[str, str]:
    return {part.replace("_", "-"): f' class="{names}"' for part, names in classes.items()}


_PAGE = _classes(
    client_line="c-client",
    client_mark="c-client-dot",
    clinician_line="c-clinician",
    clinician_mark="c-clinician-dot",
    axis="c-axis",
    grid="c-grid",
    baseline="c-baseline",
    band="c-band",
    label="c-label",
    strong="c-label",
    note="c-label",
    event="c-mark",
    event_line="c-grid",
    focus="c-focus",
    focus_frame="c-axis",
    missing="c-label",
)
_PAGE |= {f"heat-{step}": f' class="heat-{step}"' for step in range(HEAT_STEPS)}
_PAGE |= {f"on-heat-{step}": f' class="heat-{step}-text"' for step in range(HEAT_STEPS)}
PAGE = Palette(_PAGE)

INK, QUIET, FAINT, PAPER = "#22313a", "#56646c", "#d5dcdf", "#ffffff"
CLIENT, CLINICIAN, FOCUS = "#1f5f70", "#7a5a2b", "#22313a"
HEAT = ("#eef4f5", "#c9dfe3", "#8fbcc5", "#4a8a98", "#174f5e")
_SANS = 'font-family="Source Sans 3"'

PRINT = Palette(
    {
        "client-line": f' stroke="{CLIENT}" fill="none"',
        "client-mark": f' fill="{CLIENT}" stroke="{CLIENT}"',
        "clinician-line": f' stroke="{CLINICIAN}" fill="none"',
        "clinician-mark": f' fill="{PAPER}" stroke="{CLINICIAN}"',
        "axis": f' stroke="{QUIET}" fill="none"',
        "grid": f' stroke="{FAINT}" fill="none"',
        "baseline": f' stroke="{QUIET}" fill="none"',
        "band": f' fill="{HEAT[0]}"',
        "label": f' {_SANS} fill="{QUIET}"',
        "strong": f' {_SANS} font-weight="600" fill="{INK}"',
        "note": f' {_SANS} fill="{CLINICIAN}"',
        "event": f' fill="{QUIET}"',
        "event-line": f' stroke="{QUIET}" fill="none"',
        "focus": f' fill="{FOCUS}"',
        "focus-frame": f' stroke="{FOCUS}" fill="none"',
        "missing": f' fill="{QUIET}" stroke="none" {_SANS}',
        **{f"heat-{step}": f' fill="{HEAT[step]}"' for step in range(HEAT_STEPS)},
        **{f"on-heat-{step}": f' {_SANS} fill="{PAPER if step >= 3 else INK}"' for step in range(HEAT_STEPS)},
    }
)
