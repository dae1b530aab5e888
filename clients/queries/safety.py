"""Safety flags and whether couple work may begin. For clinicians only: no page of a client depends on this."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clients.models import Client, SafetyFlag


def open_flags(client: Client) -> QuerySet[SafetyFlag]:
    """Flags that are not closed, oldest first."""
    return SafetyFlag.objects.filter(client=client).exclude(state=SafetyFlag.State.CLOSED).order_by("raised_at", "id")


def all_flags(client: Client) -> QuerySet[SafetyFlag]:
    """Every flag ever raised, closed ones too, oldest first."""
    return SafetyFlag.objects.filter(client=client).order_by("raised_at", "id")


@dataclass(frozen=True)
class Clearance:
    """Whether couple work (links, reveals, together-exercises) may begin with this client, and if not, why."""

    client: Client
    code: str

    REASONS = {
        "unscreened": _("no safety screen has been answered yet"),
        "not-cleared": _("in the latest safety screen something was reported or left open"),
        "flag": _("a safety flag is open"),
    }

    @property
    def cleared(self) -> bool:
        return self.code == ""

    @property
    def reason(self) -> Promise | str:
        """For the clinician who cares for this client; empty when cleared."""
        return self.REASONS.get(self.code, "")


def clearance(client: Client) -> Clearance:
    """Screened, nothing reported or left open, no flag open. A no is “nothing reported”, never “safe”.

    After a yes the flag is closed and the screen is asked again.
    """
    if open_flags(client).exists():
        return Clearance(client, "flag")
    if client.safety_screened_on is None:
        return Clearance(client, "unscreened")
    return Clearance(client, "" if client.safety_cleared else "not-cleared")
