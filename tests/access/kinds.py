"""The kinds of people of the access matrix, and what may happen to a request. See README.md."""

from enum import StrEnum

from django.http import HttpResponseBase
from django.urls import reverse


class Outcome(StrEnum):
    """What one sees of a decision from outside."""

    OK = "200"
    GO = "302"  # done, or sent on inside the product
    SIGN_IN = "to sign-in"
    BAD = "400"
    REFUSED = "403"  # may be read, may not be done
    NO = "404"
    CLOSED = "405"  # this method is not for anybody here; 404 and 403 count as the same decision
    LATE = "409"
    GONE = "410"


OK, GO, SIGN_IN, BAD, REFUSED, NO, CLOSED, LATE, GONE = Outcome
CLOSED_ANSWERS = frozenset({CLOSED, NO, REFUSED})

# --- one name a kind; groups are frozensets ---------------------------------------------------------------------
OWNER = "owner"
EMERGENCY = "emergency"  # an owner who opened emergency access to the client
SUPERVISOR = "supervisor"  # of the primary, and has said why in this session
SILENT = "silent"  # supervises the primary, has not said why
OTHER_SUPERVISOR = "other_supervisor"
FORMER_SUPERVISOR = "former_supervisor"  # supervision ended yesterday
PRIMARY = "primary"
CO = "co"
COVER = "cover"
OTHER_CLINICIAN = "other_clinician"  # cares for other_client
FORMER_CLINICIAN = "former_clinician"  # cared for the client until yesterday
LEFT = "left"  # membership ended yesterday, care assignment still open
DEACTIVATED = "deactivated"  # user switched off while signed in
CLIENT = "client"
PARTNER = "partner"
OTHER_CLIENT = "other_client"
FAR_OWNER = "far_owner"  # of the second practice
FAR_CLINICIAN = "far_clinician"
ANONYMOUS = "anonymous"
BEARER = "bearer"  # not signed in; holds the link of one assignment of the client

SUPERVISORS = frozenset({SUPERVISOR, SILENT, OTHER_SUPERVISOR, FORMER_SUPERVISOR})
CARE = frozenset({PRIMARY, CO, COVER})
CHANGERS = frozenset({PRIMARY, CO})
CLINICIANS = CARE | {OTHER_CLINICIAN, FORMER_CLINICIAN, FAR_CLINICIAN}
OWNERS = frozenset({OWNER, EMERGENCY, FAR_OWNER})
STAFF = OWNERS | SUPERVISORS | CLINICIANS  # with a membership that runs today
CLIENTS = frozenset({CLIENT, PARTNER, OTHER_CLIENT})
OUTSIDE = frozenset({ANONYMOUS, BEARER, DEACTIVATED})  # without a live session
SIGNED_IN = STAFF | CLIENTS | {LEFT}
ANYONE = SIGNED_IN | OUTSIDE


def observe(response: HttpResponseBase) -> str:
    """The outcome of a response; an unlisted status is given as it is."""
    if response.status_code in (301, 302, 303):
        return SIGN_IN if response["Location"].startswith(reverse("account_login")) else GO
    text = str(response.status_code)
    return Outcome(text) if text in {str(outcome) for outcome in Outcome} else text
