"""The one question about change: compared with the last time this was answered, are things harder, the same, easier."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.errors import LateDraft
from assessments.models import Response
from assessments.queries.earlier import earlier
from practice.errors import Refused


def compare(*, response: Response, anchor: str, at: datetime | None = None) -> None:
    """Keep the answer with the draft, and which submission it is about: the one that is the latest now. An empty one
    takes it back, and the first time nothing is compared. Part of answering: no audit row of its own, like an autosave.

    Raises ``Refused`` (field ``anchor``) for anything else than the answers shown, ``LateDraft`` after sending.
    """
    checked(anchor)
    if anchor == response.anchor and (not anchor or response.state != Response.State.DRAFT):
        return
    before = earlier(response) if anchor else None
    said, about = (anchor, before.pk) if before else ("", None)
    if (said, about) == (response.anchor, response.anchor_to):
        return
    changed = Response.objects.filter(pk=response.pk, state=Response.State.DRAFT).update(
        anchor=said, anchor_to=about, changed_at=at or timezone.now()
    )
    if not changed:
        raise LateDraft
    response.anchor, response.anchor_to = said, about


def checked(anchor: str) -> str:
    """The answer, or ``Refused`` (field ``anchor``)."""
    if anchor and anchor not in Response.Anchor.values:
        raise Refused(_("Choose one of the answers shown, or none."), "anchor")
    return anchor
