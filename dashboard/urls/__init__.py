"""The staff's addresses, one module an area."""

from dashboard.urls import (
    assign,
    caseload,
    clients,
    compare,
    couple,
    goals,
    imports,
    leave,
    library,
    people,
    putting_right,
    record,
    reports,
    session,
    supervision,
    timeline,
)

AREAS = (
    *(caseload, session, timeline, compare, couple, goals, putting_right, supervision, leave, imports),
    *(clients, record, assign, library, reports, people),
)

app_name = "dashboard"
urlpatterns = [pattern for area in AREAS for pattern in area.urlpatterns]
