"""What may be chosen when a progress report is asked for; stored in the row as JSON, read back strictly."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

WHOLE = "episode"
PERIODS = {
    WHOLE: gettext_lazy("The whole episode of care"),
    "90": gettext_lazy("The last 90 days"),
    "180": gettext_lazy("The last 180 days"),
    "365": gettext_lazy("The last year"),
}
CHARTS = {
    "focus": gettext_lazy("A chart of each focus barrier"),
    "burden": gettext_lazy("A chart of all barriers together (burden)"),
}


@dataclass(frozen=True, slots=True)
class ProgressOptions:
    """``period`` is a key of ``PERIODS``, ``charts`` are keys of ``CHARTS``."""

    period: str = WHOLE
    charts: tuple[str, ...] = tuple(CHARTS)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "ProgressOptions":
        """From JSON. Raises ``ValueError`` for anything that is not an offered choice."""
        unknown = set(data) - {"period", "charts"}
        period, charts = data.get("period", WHOLE), data.get("charts", list(CHARTS))
        if unknown or period not in PERIODS or not isinstance(charts, list | tuple):
            raise ValueError(_("These options are not known."))
        if any(chart not in CHARTS for chart in charts):
            raise ValueError(_("These options are not known."))
        return cls(period, tuple(chart for chart in CHARTS if chart in charts))

    def write(self) -> dict[str, Any]:
        """For the row: always the same JSON for the same choice."""
        return {**asdict(self), "charts": list(self.charts)}

    def since(self, today: date) -> date | None:
        """First day of the period; none for the whole episode."""
        return None if self.period == WHOLE else today - timedelta(days=int(self.period) - 1)

    def words(self) -> tuple[str, ...]:
        """The choice for people, for the report's provenance."""
        chosen = [str(CHARTS[chart]) for chart in self.charts] or [_("No charts")]
        return (str(PERIODS[self.period]), *chosen)
