"""The staff's addresses, one module an area."""

from dashboard.urls import assign, caseload, clients, library, people, record, reports

app_name = "dashboard"
urlpatterns = [
    *caseload.urlpatterns,
    *clients.urlpatterns,
    *record.urlpatterns,
    *assign.urlpatterns,
    *library.urlpatterns,
    *reports.urlpatterns,
    *people.urlpatterns,
]
