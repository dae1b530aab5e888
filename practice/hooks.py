"""What the rooms above tell this one, so that it need not import them. Registered in each room's ``AppConfig.ready``.

Everything is a dotted path, imported at first use. A test checks that each one exists.
"""

import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils.module_loading import import_string

from practice.models import Membership, User
from practice.queries import memberships_of

_letters: dict[str, str] = {}
_belongings: list[str] = []
_mail_guards: list[str] = []
_crisis_words: list[str] = []
_leavings: list[str] = []
_endings: list[str] = []
_mergings: list[str] = []
_mistakes: list[str] = []


def register_letter(template: str, path: str) -> None:
    """``path``: ``build(message: OutboxMessage) -> practice.mail.Letter | None`` for an outbox template.

    Raises ``ValueError`` where another room took the name.
    """
    if _letters.setdefault(template, path) != path:
        raise ValueError(f"the letter {template} is registered twice")


def register_belonging(path: str) -> None:
    """``path``: ``practice_ids(user) -> Iterable[UUID]``, the practices a user belongs to other than as a member."""
    if path not in _belongings:
        _belongings.append(path)


def register_mail_guard(path: str) -> None:
    """``path``: ``may_write(user) -> bool``; one refusal, and no mail about their sign-in is sent to the user."""
    if path not in _mail_guards:
        _mail_guards.append(path)


def register_leaving(path: str) -> None:
    """``path``: ``leave(membership, *, last, at) -> dict[str, int]``: end what a member does as a clinician with
    the day ``last``, in the transaction of the action that ends it; what was ended, counted, for its audit row."""
    if path not in _leavings:
        _leavings.append(path)


def register_ending(path: str) -> None:
    """``path``: ``end(client_id, *, at) -> dict[str, int]``: take back what a client is still asked, in the
    transaction of the action that discharges them; what was taken back, counted, for its audit row."""
    if path not in _endings:
        _endings.append(path)


def register_merging(path: str) -> None:
    """``path``: ``merge(joining) -> dict[str, list[UUID]]``: move a room's rows of one client's record into another
    (``clients.actions.merging.Joining`` says which), in the transaction of the action that joins them and writes the
    audit rows; the ids of what was moved or put aside, by code."""
    if path not in _mergings:
        _mergings.append(path)


def register_mistake(path: str) -> None:
    """``path``: ``take_back(session_id, *, by, at) -> list[UUID]``: take back what came out of a session that was
    entered by mistake, in the transaction of the action that marks it; the ids of what was taken back."""
    if path not in _mistakes:
        _mistakes.append(path)


def register_crisis_words(path: str) -> None:
    """``path``: ``crisis_words(user) -> str | None``, the text for emergencies of whom the user is a client of."""
    if path not in _crisis_words:
        _crisis_words.append(path)


def paths() -> list[str]:
    """Every registered path."""
    return [
        *_letters.values(),
        *_belongings,
        *_mail_guards,
        *_leavings,
        *_endings,
        *_mergings,
        *_mistakes,
        *_crisis_words,
    ]


def letter_builder(template: str) -> Callable[..., Any] | None:
    path = _letters.get(template)
    return import_string(path) if path else None


def practices_of(user: User) -> list[uuid.UUID]:
    """The practices in whose audit trail this user's sign-ins stand."""
    found = {membership.practice_id for membership in memberships_of(user)}
    for path in _belongings:
        found |= set(import_string(path)(user))
    return sorted(found)


def may_write(user: User) -> bool:
    """Whether mail about their sign-in may be sent to this user (a client's safe contact may forbid it)."""
    return all(import_string(path)(user) for path in _mail_guards)


def leave(membership: Membership, *, last: date, at: datetime) -> dict[str, int]:
    """End in every room what this member does as a clinician; the counts by code."""
    ended: dict[str, int] = {}
    for path in _leavings:
        ended |= import_string(path)(membership, last=last, at=at)
    return ended


def end(client_id: uuid.UUID, *, at: datetime) -> dict[str, int]:
    """Take back in every room what a client who is discharged is still asked; the counts by code."""
    ended: dict[str, int] = {}
    for path in _endings:
        ended |= import_string(path)(client_id, at=at)
    return ended


def merge(joining: Any) -> dict[str, list[uuid.UUID]]:
    """Move in every room what belongs to a record that joins another; the ids by code."""
    moved: dict[str, list[uuid.UUID]] = {}
    for path in _mergings:
        moved |= import_string(path)(joining)
    return moved


def take_back(session_id: uuid.UUID, *, by: User, at: datetime) -> list[uuid.UUID]:
    """Take back in every room what came out of a session that was entered by mistake; the ids."""
    return [pk for path in _mistakes for pk in import_string(path)(session_id, by=by, at=at)]


def crisis_words(user: User) -> str:
    """The text for emergencies of the practice whose client the user is; else nothing, and pages show a general one."""
    return next((words for path in _crisis_words if (words := import_string(path)(user))), "")
