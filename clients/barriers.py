"""The twelve barriers to interdependence: the codes used everywhere, their names and our definitions.

The list of names comes from article C (Layne Baker, LMFT), which says that it is open; the definitions are ours.
The order is C's and is kept on every screen. ``opaque`` codes stand in URLs, where no clinical word may appear.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Barrier:
    """One barrier: ``code`` in data, ``opaque`` in URLs, ``name`` and ``meaning`` for people."""

    code: str
    opaque: str
    name: Promise
    meaning: Promise


BARRIERS: tuple[Barrier, ...] = (
    Barrier("vulnerability", "b01", _("Fear of vulnerability"), _("showing need or feeling")),
    Barrier("past", "b02", _("Past relationship problems"), _("old hurts that reach into today")),
    Barrier("expectations", "b03", _("Differing expectations and needs"), _("wanting different things")),
    Barrier("independence", "b04", _("Worry of losing independence"), _("closeness seems to cost freedom")),
    Barrier("insecurity", "b05", _("Insecurity"), _("doubting that I am loved")),
    Barrier("self-esteem", "b06", _("Low self-esteem"), _("doubting my worth")),
    Barrier("communication", "b07", _("Communication gaps"), _("not saying, not hearing")),
    Barrier("culture", "b08", _("Cultural influences"), _("family, faith, community, individualism")),
    Barrier("norms", "b09", _("Socialized norms"), _("what men, women, couples “should” be")),
    Barrier("control", "b10", _("Control issues"), _("steering or being steered")),
    Barrier("power", "b11", _("Power dynamics"), _("unequal say, money or resources")),
    Barrier("self-awareness", "b12", _("Lack of self-awareness"), _("not knowing my feelings or my part")),
)

CODES: tuple[str, ...] = tuple(barrier.code for barrier in BARRIERS)
BY_CODE: dict[str, Barrier] = {barrier.code: barrier for barrier in BARRIERS}
BY_OPAQUE: dict[str, Barrier] = {barrier.opaque: barrier for barrier in BARRIERS}
CHOICES = [(barrier.code, barrier.name) for barrier in BARRIERS]

MAX_FOCUS = 3
"""A client works on at most this many barriers at a time (issue: focus, up to three)."""
