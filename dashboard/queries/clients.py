"""What the pages of client administration read."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clients.models import CareAssignment, Client, Partner, SafetyFlag, TherapySession
from dashboard.audit_words import is_quiet
from practice import paging
from practice.models import AuditEvent, User

BASES: dict[str, Promise] = {
    "self": _("the client"),
    "link": _("by the client’s link"),
    "primary": _("primary clinician"),
    "co": _("co-therapist"),
    "cover": _("cover"),
    "supervisor": _("supervisor"),
    "emergency": _("emergency access"),
    "owner": _("owner"),
}

REASONS: dict[str, Promise] = {
    "supervision": _("Supervision of this clinician’s work"),
    "brought": _("The clinician brought this client to supervision"),
    "safety": _("A question of safety"),
    "absence": _("The clinician can’t be reached"),
    "quality": _("A complaint, or a check of quality"),
}
"""Why a supervisor opens a supervisee's record, by the code that the audit trail keeps."""
SAFETY_REASON = "safety"

PAGES: dict[str, Promise] = {
    "client": _("overview"),
    "client_timeline": _("time line"),
    "client_print": _("the record to print"),
    "client_measures": _("measures"),
    "client_compare": _("two dates side by side"),
    "couple": _("the couple page"),
    "client_homework": _("homework"),
    "client_sessions": _("sessions and notes"),
    "client_reports": _("reports"),
    "client_access": _("this list"),
    "client_edit": _("name and contact"),
    "client_care": _("care team"),
    "client_care_end": _("care team"),
    "client_couple": _("couple"),
    "client_invite": _("sign-in of the client"),
    "client_discharge": _("discharge"),
    "client_beginning": _("first day"),
    "client_return": _("return"),
    "client_focus": _("focus"),
    "client_event_add": _("life event"),
    "session_add": _("new session"),
    "session": _("a session"),
    "session_save": _("a session"),
    "report_ask": _("reports"),
    "private_notes": _("private notes"),
    "barrier": _("a barrier over time"),
    "response": _("answers"),
    "response_correct": _("putting answers right"),
    "response_withdraw": _("putting answers right"),
    "response_restore": _("putting answers right"),
    "response_about": _("putting answers right"),
    "response_move": _("putting answers right"),
    "session_mistaken": _("a session"),
    "client_corrections": _("what was put right"),
    "client_merge": _("joining two records"),
    "assign": _("assigning"),
    "assignment": _("an assignment"),
    "report": _("a report"),
    "report_file": _("a report’s file"),
    "flag": _("a safety flag"),
    "emergency": _("emergency access"),
    "supervision_bring": _("bringing something to supervision"),
    "supervision_item": _("something brought to supervision"),
}

OWN_PAGES = _("their own pages")
"""What a client opens in the portal: which page it was is theirs."""

COUPLE: dict[str, Promise] = {
    "couple.linked": _("linked as a couple"),
    "couple.ended": _("ended the couple’s link"),
}


@dataclass(frozen=True, slots=True)
class Opening:
    """One line of the access log."""

    at: datetime
    who: str
    basis: Promise | str
    page: Promise | str
    reason: Promise | str = ""


def access_log(client: Client, *, sees_safety: bool, after: str = "") -> tuple[list[Opening], paging.Page[AuditEvent]]:
    """Who opened the client's record or a file of it, and couple links, latest first, a page at a time, in two queries.

    Who linked or ended a couple is named only where they ever cared for this client: the partner's clinician is not
    for everybody who reads here. Whoever may not see safety does not learn from a page's name that there is a flag.
    """
    page = paging.page(_events(client), ("-at", "-id"), after)
    ids = {event.actor_id for event in page.rows if event.actor_id}
    cared = CareAssignment.objects.filter(client=client, clinician__user=OuterRef("pk"))
    people = User.objects.filter(pk__in=ids).annotate(cared=Exists(cared)).values_list("pk", "name", "cared")
    names: dict[uuid.UUID | None, tuple[str, bool]] = {pk: (name, cared) for pk, name, cared in people}
    return [_line(event, *names.get(event.actor_id, ("", False)), sees_safety) for event in page.rows], page


def _events(client: Client) -> QuerySet[AuditEvent]:
    """Openings of this record and of those that were joined into it; couple links of this client, whose one row stands
    with either partner.

    Each side of the "or" names practice and client, so that the index answers it.
    """
    joined = list(Client.objects.filter(merged_into=client).values_list("pk", flat=True))
    couples = Partner.objects.filter(client=client).values("couple")
    partners = Partner.objects.filter(couple__in=couples).values("client")
    return AuditEvent.objects.filter(
        Q(practice_id=client.practice_id, client_id__in=[client.pk, *joined], action="opened")
        | Q(practice_id=client.practice_id, client_id__in=partners, action__in=list(COUPLE), subject_id__in=couples)
    )


def _line(event: AuditEvent, name: str, cared: bool, sees_safety: bool) -> Opening:
    if event.action in COUPLE:
        return Opening(event.at, name if cared else "", "", COUPLE[event.action])
    if event.basis == "self":
        return Opening(event.at, name, BASES["self"], OWN_PAGES)
    code = event.detail.get("page", "")
    if not sees_safety and is_quiet(event.action, event.subject, code):
        code = ""
    page = PAGES.get(code, _("a part of the record"))
    reason = event.detail.get("reason", "")
    if not sees_safety and reason == SAFETY_REASON:
        reason = ""  # it would tell that there is a flag
    return Opening(event.at, name, BASES.get(event.basis, event.basis), page, REASONS.get(reason, ""))


def flag_with_people(pk: uuid.UUID) -> SafetyFlag:
    """The flag with client, practice and those who dealt with it."""
    return SafetyFlag.objects.select_related("client__practice", "acknowledged_by", "closed_by").get(pk=pk)


def session_before(session: TherapySession) -> TherapySession | None:
    """The session held before this one."""
    return (
        TherapySession.objects.filter(client=session.client_id, starts_at__lt=session.starts_at, attendance="held")
        .order_by("-starts_at")
        .first()
    )
