"""Our own SVG charts: frozen data in, a string out, the same for the page and for the PDF.

Every chart has role=img, a title and a description, and can give its numbers as a table (the twin beside the picture).
Colours come from a ``Palette``: classes on the page (strict CSP, light and dark), concrete colours in the PDF.
"""

from reports.charts.barrier_map import BarrierMap, Cell, Column, MapEvent, Row, barrier_map
from reports.charts.line import Event, LineChart, Point, Series, Span, Tick, TwinRow, line_chart
from reports.charts.palette import PAGE, PRINT, Palette
from reports.charts.spark import Spark, sparkline

__all__ = [
    "PAGE",
    "PRINT",
    "BarrierMap",
    "Cell",
    "Column",
    "Event",
    "LineChart",
    "MapEvent",
    "Palette",
    "Point",
    "Row",
    "Series",
    "Span",
    "Spark",
    "Tick",
    "TwinRow",
    "barrier_map",
    "line_chart",
    "sparkline",
]
