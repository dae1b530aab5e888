"""The table of who may do what: a relationship to a client or a practice gives permissions. Data, no queries.

``clients/access.py`` finds a user's live relationships to clients and asks this table; ``dashboard/gates.py`` asks it
for pages of a role, ``portal/place.py`` for the bearer of a link. Nothing else decides; each permission is asked.
Source: the permission table of the product's domain description.
"""

from enum import StrEnum


class Permission(StrEnum):
    """What one may do. The value is what the audit trail stores."""

    SEE_IDENTITY = "see-identity"
    SEE_ROSTER = "see-roster"
    CHANGE_IDENTITY = "change-identity"
    CHANGE_ADMINISTRATIVE = "change-administrative"
    SEE_CLINICAL = "see-clinical"
    WORK = "work"
    ANSWER = "answer"
    SEE_SAFETY = "see-safety"
    ASK_REPORT = "ask-report"
    SEE_ACCESS = "see-access"
    SEE_TEAM = "see-team"
    MANAGE_PRACTICE = "manage-practice"
    OPEN_EMERGENCY = "open-emergency"
    PRIVATE_NOTES = "private-notes"
    """To keep private notes of one's own about the client, and to read those."""


class Relationship(StrEnum):
    """How a user stands to a client. The order is the order in which one is named as the basis of an opening."""

    SELF = "self"
    LINK = "link"
    PRIMARY = "primary"
    CO = "co"
    COVER = "cover"
    SUPERVISOR = "supervisor"
    EMERGENCY = "emergency"
    OWNER = "owner"


P, R = Permission, Relationship

_CARE = frozenset(
    {
        P.SEE_IDENTITY,
        P.CHANGE_IDENTITY,
        P.SEE_CLINICAL,
        P.WORK,
        P.SEE_SAFETY,
        P.ASK_REPORT,
        P.SEE_ACCESS,
        P.PRIVATE_NOTES,
    }
)

GRANTS: dict[Relationship, frozenset[Permission]] = {
    R.SELF: frozenset({P.ANSWER}),
    R.LINK: frozenset({P.ANSWER}),
    R.PRIMARY: _CARE,
    R.CO: _CARE,
    R.COVER: _CARE - {P.CHANGE_IDENTITY},
    R.SUPERVISOR: frozenset({P.SEE_IDENTITY, P.SEE_CLINICAL, P.ASK_REPORT, P.SEE_TEAM}),
    R.EMERGENCY: frozenset({P.SEE_IDENTITY, P.SEE_CLINICAL, P.SEE_SAFETY}),
    R.OWNER: frozenset(
        {
            P.SEE_ROSTER,
            P.CHANGE_ADMINISTRATIVE,
            P.MANAGE_PRACTICE,
            P.SEE_ACCESS,
            P.OPEN_EMERGENCY,
        }
    ),
}

CARE_RELATIONSHIPS = (R.PRIMARY, R.CO, R.COVER)

ROLE_RELATIONSHIPS: dict[str, tuple[Relationship, ...]] = {
    "owner": (R.OWNER,),
    "clinician": CARE_RELATIONSHIPS,
    "supervisor": (R.SUPERVISOR,),
}
"""How a member with this role may stand to clients of the practice, or to the practice itself."""

REASON_NEEDED = frozenset({R.SUPERVISOR})
"""Relationships whose opening of a record must state why."""


def grants(relationship: Relationship, permission: Permission) -> bool:
    """Whether this relationship gives this permission."""
    return permission in GRANTS[relationship]


def giving(permission: Permission) -> frozenset[Relationship]:
    """All relationships that give this permission."""
    return frozenset(relationship for relationship in R if permission in GRANTS[relationship])


def role_gives(role: str, permission: Permission) -> bool:
    """Whether a member with this role can have this permission: on the practice, or on clients they stand so to."""
    return any(grants(relationship, permission) for relationship in ROLE_RELATIONSHIPS[role])
