"""Sparklines: ready polyline strings from ``Trajectory.points``, so that a list draws them in one template loop.

In a template::

    <svg class="spark" viewBox="0 0 80 20" aria-hidden="true">
      {% for line in spark.lines %}<polyline class="spark-line" points="{{ line }}"/>{% endfor %}
      {% if spark.size %}<circle class="spark-end" cx="{{ spark.last_x }}" cy="{{ spark.last_y }}" r="2.5"/>{% endif %}
    </svg>
"""

from typing import NamedTuple

PAD = 3.0


class Spark(NamedTuple):
    """A sparkline in the coordinates of its box. ``lines`` is empty for a single point, all is empty for none."""

    lines: tuple[str, ...]
    last_x: str
    last_y: str
    size: int


EMPTY = Spark((), "", "", 0)


def sparkline(points: str, low: float = 0, high: float = 4, width: float = 80, height: float = 20) -> Spark:
    """Read ``days:value`` pairs joined by spaces; ``low`` and ``high`` are the ends of the scale, not of the data.

    Text that cannot be read gives the empty sparkline: a list must not fall over one row.
    """
    try:
        pairs = [(float(day), float(value)) for day, value in (pair.split(":") for pair in points.split())]
    except ValueError:
        return EMPTY
    if not pairs:
        return EMPTY
    first, last = pairs[0][0], pairs[-1][0]
    across = (width - 2 * PAD) / ((last - first) or 1)
    up = (height - 2 * PAD) / ((high - low) or 1)
    places = [
        f"{PAD + (day - first) * across:.1f},{height - PAD - (min(max(value, low), high) - low) * up:.1f}"
        for day, value in pairs
    ]
    last_x, last_y = places[-1].split(",")
    if len(places) == 1:
        last_x = f"{width - PAD:.1f}"
    return Spark((" ".join(places),) if len(places) > 1 else (), last_x, last_y, len(places))
