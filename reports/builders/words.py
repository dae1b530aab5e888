"""The summary in plain words: counts, raw changes with their number of points, and why there is no verdict."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.builders.dates import day_text
from reports.builders.scores import BARRIERS, Series, signed
from reports.charts.barrier_map import BarrierMap, Row
from reports.charts.svg import show

BURDEN = "burden"


def summary(
    *,
    sessions: int,
    submissions: int,
    rated: int,
    start: str,
    end: str,
    plan: BarrierMap,
    series: Sequence[Series],
) -> tuple[str, ...]:
    """Sentences, each on its own line."""
    found = [_counts(sessions, submissions, rated, start, end)]
    focus = [row for row in plan.rows if row.focus_now]
    found += [_focus(row) for row in focus]
    if not focus:
        found.append(_("No barrier is in focus at present."))
    burden = _burden(series)
    found += [burden] if burden else []
    if any(row.count for row in focus):
        found.append(
            _(
                "There is no verdict on these changes: a single rating is shown as it is. Focus barriers were chosen "
                "because they were high, so some fall is expected."
            )
        )
    return tuple(found)


def _counts(sessions: int, submissions: int, rated: int, start: str, end: str) -> str:
    held = ngettext("%(n)s session was held", "%(n)s sessions were held", sessions) % {"n": sessions}
    sent = ngettext("%(n)s measure was sent by the client", "%(n)s measures were sent by the client", submissions)
    own = ngettext("the clinician rated %(n)s session", "the clinician rated %(n)s sessions", rated) % {"n": rated}
    return _("From %(start)s to %(end)s, %(held)s, %(sent)s, and %(rated)s.") % {
        "start": start,
        "end": end,
        "held": held,
        "sent": sent % {"n": submissions},
        "rated": own,
    }


def _focus(row: Row) -> str:
    what = {"name": row.name, "since": row.focus_since}
    if not row.count:
        return _("%(name)s, in focus since %(since)s: not rated by the client yet.") % what
    what |= {"baseline": show(row.baseline), "latest": show(row.latest)}
    if row.change is None:
        return _("%(name)s, in focus since %(since)s: rated once, %(latest)s of 4; a change needs two ratings.") % what
    points = ngettext("%(n)s rating", "%(n)s ratings", row.count) % {"n": row.count}
    return _("%(name)s, in focus since %(since)s: from %(baseline)s to %(latest)s of 4 (%(change)s, %(points)s).") % {
        **what,
        "change": signed(row.change),
        "points": points,
    }


def _burden(series: Sequence[Series]) -> str:
    lines = [one for one in series if (one.slug, one.key, one.who) == (BARRIERS, BURDEN, "client") and one.values]
    if not lines:
        return ""
    values = max(lines, key=lambda one: one.values[-1].day).values
    if len(values) < 2:
        return _("All barriers together (burden, mean of the twelve): %(value)s of 4, scored once.") % {
            "value": show(values[0].value, 2)
        }
    return _(
        "All barriers together (burden, mean of the twelve): from %(baseline)s on %(first)s to %(latest)s on %(last)s "
        "of 4 (%(change)s, %(n)s scores)."
    ) % {
        "baseline": show(values[0].value, 2),
        "first": day_text(values[0].day),
        "latest": show(values[-1].value, 2),
        "last": day_text(values[-1].day),
        "change": signed(values[-1].value - values[0].value, 2),
        "n": len(values),
    }
