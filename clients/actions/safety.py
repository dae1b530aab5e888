"""Safety flags: raised by an answer, told at once, acknowledged, closed. Mails carry no clinical word."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.actions.common import locked, moment
from clients.models import Client, SafetyFlag
from clients.queries.care import current_clinicians
from practice import audit
from practice.actions.mail import queue_mail
from practice.errors import Refused
from practice.models import Membership, User
from practice.queries import owners

State = SafetyFlag.State


@transaction.atomic
def record_screen(*, client: Client, cleared: bool | None, at: datetime | None = None) -> None:
    """Keep that a safety screen was sent: its day, and whether nothing was reported and nothing left open.

    Part of the action that submits the answers or puts them right, which writes the audit row. ``cleared`` is false
    after a yes (which also raises a flag), “prefer not to say” or no answer; none when no screen is left.
    """
    client = locked(client)
    client.safety_screened_on = None if cleared is None else client.practice.today(moment(at))
    client.safety_cleared = cleared
    client.save(update_fields=["safety_screened_on", "safety_cleared"])


@transaction.atomic
def raise_flag(
    *, client: Client, response_id: uuid.UUID, again: bool = False, at: datetime | None = None
) -> SafetyFlag:
    """One flag a response, however often it is called; the client's clinicians are told in the app and by mail.

    ``again``: a correction put a risk there, so a flag that was closed does not stand for it: another one is raised.
    Where the client has no clinician left, the practice's owners are told that a client needs one, and nothing else.
    """
    at = moment(at)
    client = locked(client)
    flag = SafetyFlag.objects.filter(client=client, response_id=response_id).order_by("-raised_at", "-id").first()
    if flag is not None and not (again and flag.state == State.CLOSED):
        return flag
    flag = SafetyFlag.objects.create(client=client, response_id=response_id, raised_at=at)
    clinicians = current_clinicians(client, at)
    for clinician in clinicians:
        _tell("safety-flag", flag, clinician)
    for owner in [] if clinicians else owners(client.practice, client.practice.today(at)):
        _tell("client-needs-clinician", flag, owner)
    audit.write("flag.raised", record=flag, at=at)
    return flag


def _tell(template: str, flag: SafetyFlag, member: Membership) -> None:
    queue_mail(
        template,
        purpose=f"{template}:{flag.pk}:{member.pk}",
        subject_id=member.pk,
        practice=flag.practice_id,
        at_least_once=True,
    )


def _fresh(flag: SafetyFlag) -> SafetyFlag:
    return SafetyFlag.objects.select_for_update(of=("self",)).get(pk=flag.pk)


@transaction.atomic
def acknowledge_flag(*, by: User, flag: SafetyFlag, done: str, at: datetime | None = None) -> SafetyFlag:
    """Seen: who, when, and what was done. It no longer stands on top, but is open until closed."""
    flag = _fresh(flag)
    done = done.replace("\x00", "").strip()
    if flag.state != State.OPEN:
        raise Refused(_("Somebody acknowledged this already. Nothing was changed."))
    if not done:
        raise Refused(_("Say what you did, or will do next and when."), "text")
    flag.state, flag.done, flag.acknowledged_by, flag.acknowledged_at = State.ACKNOWLEDGED, done, by, moment(at)
    flag.save(update_fields=["state", "done", "acknowledged_by", "acknowledged_at"])
    audit.write("flag.acknowledged", by=by, record=flag, at=flag.acknowledged_at)
    return flag


@transaction.atomic
def close_flag(*, by: User, flag: SafetyFlag, action: str, at: datetime | None = None) -> SafetyFlag:
    """Closed, with the action taken. Only an acknowledged flag is closed."""
    flag = _fresh(flag)
    action = action.replace("\x00", "").strip()
    if flag.state == State.OPEN:
        raise Refused(_("Acknowledge it first."))
    if flag.state == State.CLOSED:
        raise Refused(_("Somebody closed this already. Nothing was changed."))
    if not action:
        raise Refused(_("Say which action closes this."), "text")
    flag.state, flag.closing_action, flag.closed_by, flag.closed_at = State.CLOSED, action, by, moment(at)
    flag.save(update_fields=["state", "closing_action", "closed_by", "closed_at"])
    audit.write("flag.closed", by=by, record=flag, at=flag.closed_at)
    return flag
