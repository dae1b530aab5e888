"""Writing reports: asking for one, trying again, making it, sweeping files."""

from reports.actions.asking import ask_progress, retry
from reports.actions.making import mark_lost

__all__ = ["ask_progress", "mark_lost", "retry"]
