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
    client_open="c-client-open",
    clinician_line="c-clinician",
    clinician_mark="c-clinician-dot",
    clinician_open="c-clinician-open",
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
    interval="c-interval",
    done="c-done",
)
_PAGE |= {f"heat-{step}": f' class="heat-{step}"' for step in range(HEAT_STEPS)}
_PAGE |= {f"on-heat-{step}": f' class="heat-{step}-text"' for step in range(HEAT_STEPS)}
PAGE = Palette(_PAGE)

# The light theme's tokens (static/css/tokens.css): river is the client, larch the clinician.
INK, QUIET, FAINT, PAPER = "#17262c", "#44555b", "#d6ddd8", "#ffffff"
CLIENT, CLINICIAN, MARK, BAND, DONE = "#1a5b75", "#a85c12", "#6b4a86", "#dde8ea", "#4f6a34"
HEAT = ("#eef4f6", "#cce1e9", "#98c4d5", "#33758f", "#113f53")
_SANS = 'font-family="Source Sans 3"'

PRINT = Palette(
    {
        "client-line": f' stroke="{CLIENT}" fill="none"',
        "client-mark": f' fill="{CLIENT}" stroke="{PAPER}"',
        "client-open": f' fill="{PAPER}" stroke="{CLIENT}"',
        "clinician-line": f' stroke="{CLINICIAN}" fill="none"',
        "clinician-mark": f' fill="{CLINICIAN}" stroke="{PAPER}"',
        "clinician-open": f' fill="{PAPER}" stroke="{CLINICIAN}"',
        "axis": f' stroke="{QUIET}" fill="none"',
        "grid": f' stroke="{FAINT}" fill="none"',
        "baseline": f' stroke="{QUIET}" fill="none"',
        "band": f' fill="{BAND}"',
        "label": f' {_SANS} fill="{QUIET}"',
        "strong": f' {_SANS} font-weight="600" fill="{INK}"',
        "note": f' {_SANS} font-weight="600" fill="#8f4e10"',
        "event": f' fill="{MARK}"',
        "event-line": f' stroke="{QUIET}" fill="none"',
        "focus": f' stroke="{INK}" fill="none"',
        "interval": f' stroke="{INK}" fill="none"',
        "done": f' fill="{DONE}"',
        **{f"heat-{step}": f' fill="{HEAT[step]}"' for step in range(HEAT_STEPS)},
        **{f"on-heat-{step}": f' {_SANS} fill="{PAPER if step >= 3 else INK}"' for step in range(HEAT_STEPS)},
    }
)
