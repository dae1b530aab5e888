"""Addresses: reports."""

from django.urls import URLPattern, path

from dashboard.views import reports

urlpatterns: list[URLPattern] = [
    path("reports/", reports.history, name="reports"),
    path("reports/<uuid:pk>/", reports.report, name="report"),
    path("reports/<uuid:pk>/status/", reports.report_status, name="report_status"),
    path("reports/<uuid:pk>/retry/", reports.report_retry, name="report_retry"),
    path("reports/<uuid:pk>/file/", reports.report_file, name="report_file"),
    path("clients/<uuid:pk>/reports/", reports.client_reports, name="client_reports"),
    path("clients/<uuid:pk>/reports/new/", reports.report_ask, name="report_ask"),
]
