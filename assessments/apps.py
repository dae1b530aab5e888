"""The assessments room and its letter."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "assessments"
    verbose_name = "Assessments"

    def ready(self) -> None:
        from practice import hooks

        hooks.register_letter("assignment-ready", "assessments.letters.assignment_ready")
        hooks.register_ending("assessments.actions.assigning.withdraw_all")
        hooks.register_merging("assessments.actions.merging.move_rows")
