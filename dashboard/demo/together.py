"""What clinicians of the demo do together: one is away with a cover, one will be, and things wait for supervision."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from clients.actions.leave import take_leave
from clients.actions.supervision import bring, discuss
from clients.models import CareAssignment, Client, TherapySession
from practice.models import Membership, Supervision

QUESTIONS = (
    "I notice that I want to rescue. How do I leave them what is theirs?",
    "We keep coming back to who decides about money. What do I not see?",
    "Ready to end? I am unsure whether it is me who holds on.",
)


def work_together(clinicians: Sequence[Membership], now: datetime) -> None:
    """The third clinician is away this week, covered by the fourth; the first will be in three weeks, by the second."""
    first, second, third, fourth = clinicians[:4]
    today = first.practice.today(now)
    days = timedelta(days=1)
    take_leave(by=third.user, clinician=third, cover=fourth, starts_on=today, ends_on=today + 6 * days, at=now)
    start = today + 21 * days
    take_leave(by=first.user, clinician=first, cover=second, starts_on=start, ends_on=start + 13 * days, at=now)
    _brings(first, now)


def _brings(clinician: Membership, now: datetime) -> None:
    """Three things, of which one was talked about last week."""
    care = CareAssignment.objects.filter(clinician=clinician, role="primary", ends_on=None)
    clients = list(Client.objects.filter(pk__in=care.values("client"), status="active").order_by("code")[:3])
    before, by = now - timedelta(days=8), clinician.user
    link = Supervision.objects.select_related("supervisor__user", "supervisor__practice").filter(supervisee=clinician)
    supervisor = link.order_by("starts_on").first()
    for number, (client, question) in enumerate(zip(clients, QUESTIONS, strict=False)):
        subject: dict[str, object] = {}
        session = TherapySession.objects.filter(client=client, attendance="held").order_by("-starts_at").first()
        if number == 0 and session is not None:
            subject = {"kind": "session", "subject_id": session.pk}
        elif number == 1:
            subject = {"kind": "barrier", "barrier": "power"}
        at = before if number == 2 else now - timedelta(hours=20 + number)
        item = bring(by=by, membership=clinician, client=client, question=question, at=at, **subject)  # type: ignore[arg-type]
        if number == 2 and supervisor is not None:
            member = supervisor.supervisor
            discuss(by=member.user, membership=member, item=item, at=before + timedelta(days=2))
