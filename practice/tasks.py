"""This room's tasks: thin, rung by beat or by an action."""

from celery import shared_task
from django.core.management import call_command

from practice.actions import outbox


@shared_task(name="practice.dispatch_mail")
def dispatch_mail() -> None:
    """Send the mail that is due."""
    outbox.dispatch()


@shared_task(name="practice.clear_sessions")
def clear_sessions() -> None:
    """Remove sessions that ran out and mail that is long gone."""
    call_command("clearsessions")
    outbox.sweep()
