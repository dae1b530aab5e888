"""The homework room."""

from django.apps import AppConfig


class HomeworkConfig(AppConfig):
    name = "homework"
    verbose_name = "Homework"

    def ready(self) -> None:
        from practice import hooks

        hooks.register_ending("homework.actions.withdraw_all")
        hooks.register_merging("homework.actions.move_rows")
        hooks.register_mistake("homework.actions.take_back_of")
