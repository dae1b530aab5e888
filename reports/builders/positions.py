"""Where a client's answers lie: on the relationship spectrum, and in the plane of anxiety and avoidance.

Pictures with their words, which a client can read: the record and the portal show the same. Pure: what is known of the
noise comes in. A place has an interval where this practice knows the noise, and a sentence why not where it does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.change import Known, why_not
from assessments.schema import Definition, Plane
from assessments.statistics.reliable import FULL, PROVISIONAL, Z, sem
from reports.builders.dates import day_text
from reports.charts.plane import Axis, PlaneChart
from reports.charts.spectrum import Line, Moment, SpectrumChart, Spot
from reports.charts.svg import show

SPECTRUM = "relationship-spectrum"
POSITION, BESIDE = "position", "interdependence"
ANXIETY, AVOIDANCE = "anxiety", "avoidance"


@dataclass(frozen=True, slots=True)
class Answers:
    """One set of answers: its day and the value of each scale, none where it was not scored. ``known``: the answers
    are to the version whose noise is known; others have no interval."""

    day: date
    values: Mapping[str, float | None]
    known: bool = True


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with its words. ``leaning`` is empty unless one may be named; ``about`` names the relationship."""

    chart: SpectrumChart | PlaneChart
    words: tuple[str, ...]
    leaning: str = ""
    about: str = ""


class Noise:
    """How far chance moves each scale of a measure, as far as this practice knows."""

    def __init__(self, definition: Definition, known: Mapping[str, Known]) -> None:
        self.definition, self.known = definition, known

    def spot(self, key: str, value: float) -> Spot:
        """The value with its 95 % interval (± 1.96 · SEM), cut at the ends of the scale; without, where unknown."""
        known = self.known.get(key, Known())
        if why_not(self.definition, key, known) or known.sd is None or known.reliability is None:
            return Spot(value)
        error, (low, high) = Z * sem(known.sd, known.reliability), self.definition.range_of(key)
        return Spot(value, max(low, value - error), min(high, value + error))

    def words(self, keys: Sequence[str], spots: Sequence[Spot]) -> str:
        """What the intervals are, or why there are none."""
        people = min(self.known.get(key, Known()).people for key in keys)
        if all(spot.known for spot in spots):
            if people < FULL:
                return _("The bars show how far chance may move a value. They are provisional: few answers so far.")
            return _("The bars show how far chance may move a value.")
        if people < PROVISIONAL:
            return ngettext(
                "Drawn as points: how far chance may move them is not known yet. %(count)s client of this practice has"
                " answered this measure, and %(needed)s are needed.",
                "Drawn as points: how far chance may move them is not known yet. %(count)s clients of this practice"
                " have answered this measure, and %(needed)s are needed.",
                people,
            ) % {"count": people, "needed": PROVISIONAL}
        return _("Where there is no bar, it is not known how far chance may move the value.")


def near(value: float, low: float, high: float) -> str:
    """How near the middle of a line a value is, in words."""
    middle, half = (low + high) / 2, (high - low) / 2
    part = abs(value - middle) / half if half else 0
    if part < 1e-9:
        return _("in the middle")
    if part <= 1 / 6:
        return _("close to the middle")
    return _("some way from the middle") if part < 0.5 else _("nearer to the end of the line than to its middle")


# --- the spectrum ----------------------------------------------------------------------------------------------------


def spectrum_of(
    ident: str, definition: Definition, sets: Sequence[Answers], noise: Noise, about: str = ""
) -> Picture | None:
    """The position with the interdependence mean beside it, first and latest; none while never all three are scored."""
    if definition.slug != SPECTRUM or not {POSITION, BESIDE} <= definition.scales_by_key.keys():
        return None
    moments = _moments(sets, (POSITION, BESIDE), noise)
    if not moments:
        return None
    low, high = definition.range_of(POSITION)
    beside_low, beside_high = definition.range_of(BESIDE)
    first, second = definition.scales_by_key[POSITION], definition.scales_by_key[BESIDE]
    words = _spectrum_words(moments, (low, high), (beside_low, beside_high), noise)
    chart = SpectrumChart(
        ident=ident,
        title=_("Place on the relationship spectrum"),
        description=" ".join(words),
        upper=Line(first.title, low, high, _("independence"), _("the middle"), _("codependence")),
        lower=Line(second.title, beside_low, beside_high, _("little of it"), "", _("much of it")),
        moments=moments,
    )
    return Picture(chart, words, about=about)


def _spectrum_words(
    moments: Sequence[Moment], ends: tuple[float, float], beside: tuple[float, float], noise: Noise
) -> tuple[str, ...]:
    latest = moments[-1]
    found = [
        _position_words(latest.first, ends),
        _("Interdependence, a strong bond and a solid self at once, is %(value)s on a line from %(low)s to %(high)s.")
        % {"value": show(latest.second.value, 2), "low": show(beside[0]), "high": show(beside[1])},
        _(
            "A position near 0 is not yet interdependence: it can also mean little of either side. So both are shown,"
            " and neither end nor the middle is an aim in itself."
        ),
    ]
    if len(moments) > 1:
        found.append(
            _("%(label)s: position %(position)s, interdependence %(beside)s.")
            % {
                "label": moments[0].label,
                "position": show(moments[0].first.value, 2),
                "beside": show(moments[0].second.value, 2),
            }
        )
    spots = [spot for one in moments for spot in (one.first, one.second)]
    return (*found, noise.words((POSITION, BESIDE), spots))


def _position_words(spot: Spot, ends: tuple[float, float]) -> str:
    values = {
        "value": show(spot.value, 2),
        "near": near(spot.value, *ends),
        "low": show(ends[0]),
        "high": show(ends[1]),
    }
    if spot.known and not spot.clears(sum(ends) / 2):
        return (
            _(
                "The position is %(value)s on a line from %(low)s to %(high)s, so near the middle that it may lie on"
                " either side of it."
            )
            % values
        )
    if not spot.value:
        return _("The position is %(value)s on a line from %(low)s to %(high)s: in the middle.") % values
    if spot.value < sum(ends) / 2:
        return (
            _(
                "The position is %(value)s on a line from %(low)s to %(high)s: %(near)s, on the side of independence"
                " (separate lives, little leaning on each other)."
            )
            % values
        )
    return (
        _(
            "The position is %(value)s on a line from %(low)s to %(high)s: %(near)s, on the side of codependence"
            " (the sense of self leans on the other)."
        )
        % values
    )


# --- the plane -------------------------------------------------------------------------------------------------------


def plane_of(
    ident: str, definition: Definition, plane: Plane, sets: Sequence[Answers], noise: Noise, about: str = ""
) -> Picture | None:
    """The point of two scales, first and latest; none while the two were never scored together."""
    moments = _moments(sets, (plane.x, plane.y), noise)
    if not moments:
        return None
    scales = definition.scales_by_key
    across = Axis(scales[plane.x].title, *definition.range_of(plane.x))
    up = Axis(scales[plane.y].title, *definition.range_of(plane.y))
    latest = moments[-1]
    named = leaning(latest, across.middle, up.middle) if (plane.x, plane.y) == (ANXIETY, AVOIDANCE) else ""
    words = [
        _axis_words(scales[plane.x].meaning, across, latest.first),
        _axis_words(scales[plane.y].meaning, up, latest.second),
    ]
    if (plane.x, plane.y) == (ANXIETY, AVOIDANCE):
        words.append(_leaning_words(named, latest, across, up))
    if len(moments) > 1:
        words.append(
            _("%(label)s: %(x)s %(first)s, %(y)s %(second)s.")
            % {
                "label": moments[0].label,
                "x": across.title.lower(),
                "first": show(moments[0].first.value, 2),
                "y": up.title.lower(),
                "second": show(moments[0].second.value, 2),
            }
        )
    words.append(noise.words((plane.x, plane.y), [spot for one in moments for spot in (one.first, one.second)]))
    chart = PlaneChart(ident, plane.title, " ".join(words), across, up, moments)
    return Picture(chart, tuple(words), named, about)


def leaning(moment: Moment, across: float, up: float) -> str:
    """What the point leans to, only where both intervals lie wholly on one side of the middle; else nothing.

    Four plain descriptions after the two dimensions (Brennan, Clark & Shaver 1998); none is a type or a diagnosis.
    """
    if not (moment.first.clears(across) and moment.second.clears(up)):
        return ""
    anxious, avoidant = moment.first.value > across, moment.second.value > up
    if anxious and avoidant:
        return _("wants closeness and fears it")
    if anxious:
        return _("wants closeness and worries about losing it")
    return _("keeps some distance and relies on oneself") if avoidant else _("at ease with being close and being apart")


def _leaning_words(named: str, latest: Moment, across: Axis, up: Axis) -> str:
    if named:
        return _("A leaning, not a type: %(leaning)s.") % {"leaning": named}
    unclear = [
        axis.title.lower()
        for axis, spot in ((across, latest.first), (up, latest.second))
        if spot.known and not spot.clears(axis.middle)
    ]
    if not unclear:
        return _("No leaning is named while it is not known how far chance may move the point.")
    if len(unclear) == 2:
        return _("No leaning is named: both lines are so near their middle that the point may lie on either side.")
    return _("No leaning is named: %(scale)s is so near its middle that it may lie on either side.") % {
        "scale": unclear[0]
    }


def _axis_words(meaning: str, axis: Axis, spot: Spot) -> str:
    off = spot.value - axis.middle
    values = {
        "scale": axis.title,
        "meaning": meaning[:1].lower() + meaning[1:].rstrip("."),
        "value": show(spot.value, 2),
        "low": show(axis.low),
        "high": show(axis.high),
        "near": near(spot.value, axis.low, axis.high),
        "off": show(abs(off), 2),
        "middle": show(axis.middle),
    }
    if abs(off) < 0.005:
        text = _("%(scale)s (%(meaning)s): %(value)s on a line from %(low)s to %(high)s, in the middle.")
    elif off > 0:
        text = _(
            "%(scale)s (%(meaning)s): %(value)s on a line from %(low)s to %(high)s, %(off)s above %(middle)s: %(near)s."
        )
    else:
        text = _(
            "%(scale)s (%(meaning)s): %(value)s on a line from %(low)s to %(high)s, %(off)s below %(middle)s: %(near)s."
        )
    return text % values


def _moments(sets: Sequence[Answers], keys: tuple[str, str], noise: Noise) -> tuple[Moment, ...]:
    """The first and the latest set in which both are scored; one, while there is one."""
    whole = [
        (one, first, second)
        for one in sets
        if (first := one.values.get(keys[0])) is not None and (second := one.values.get(keys[1])) is not None
    ]
    if not whole:
        return ()
    chosen = whole[:1] + whole[-1:] if len(whole) > 1 else whole
    words = (_("First, %(day)s"), _("Latest, %(day)s")) if len(chosen) > 1 else (_("Answers of %(day)s"),)
    return tuple(
        Moment(
            label=label % {"day": day_text(one.day)},
            first=noise.spot(keys[0], first) if one.known else Spot(first),
            second=noise.spot(keys[1], second) if one.known else Spot(second),
            latest=place == len(chosen) - 1,
        )
        for place, (label, (one, first, second)) in enumerate(zip(words, chosen, strict=True))
    )
