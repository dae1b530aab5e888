"""The reports room."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "Reports"

    def ready(self) -> None:
        from practice import hooks

        hooks.register_merging("reports.actions.merging.move_rows")
