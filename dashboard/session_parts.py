"""The parts of a session's page: their forms, and saving them, one by one (autosave) or all at once.

Each part that was read carries a token of what its writer had seen (``seen_at``, ``rating_seen``, ``focus_seen``), and
the action refuses to write over what came in between. Saved all at once, everything is written or nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from assessments.actions.rating import rate
from assessments.actions.sessions import Closed, change_session, close_session
from clients import access
from clients.actions.course import add_life_event, decide_focus
from clients.actions.sessions import Attendance, Kind, add_session, reopen_session
from clients.barriers import BY_CODE
from clients.models import Client, LifeEvent, TherapySession
from clients.queries import course
from dashboard.forms.ratings import RatingForm
from dashboard.forms.session_parts import EventPart, NextPart, ProposalsPart
from dashboard.forms.sessions import FactsForm, FocusPart, NoteForm
from dashboard.queries.ratings import current_ratings, is_done, rating_labels, wordings
from dashboard.queries.session import SessionPage, stored_rating
from homework.actions import propose, withdraw_proposal
from homework.models import Proposal
from practice.errors import Refused
from practice.forms.base import CrispyForm
from practice.models import User

AUTOSAVED = ("facts", "note", "ratings", "focus")
ADDED = ("event", "proposals", "next")
Forms = dict[str, Any]


class NotSaved(Exception):
    """A part was refused; nothing was written."""

    def __init__(self, part: str, refusal: Refused) -> None:
        self.part, self.refusal = part, refusal


@dataclass(slots=True)
class Done:
    """What a save of the whole page did beside saving."""

    added: TherapySession | None = None
    proposed: int = 0
    event: bool = False
    closed: Closed | None = None
    reopened: bool = False


# --- forms ------------------------------------------------------------------------------------------------------------


def part_form(part: str, client: Client, session: TherapySession, data: QueryDict | None) -> CrispyForm | None:
    """The form of one autosaved part; none for ratings whose measure is not loaded."""
    if part == "facts":
        return FactsForm(data, client=client, session=session)
    if part == "note":
        return NoteForm(data, session=session)
    if part == "focus":
        return FocusPart(data, active=[BY_CODE[row.barrier].opaque for row in course.focus(client, session.episode)])
    return _rating_form(session, data)


def _rating_form(session: TherapySession, data: QueryDict | None) -> RatingForm | None:
    rating, version = stored_rating(session)
    if version is None:
        return None
    definition = version.definition
    return RatingForm(
        data,
        values=current_ratings(rating),
        labels=rating_labels(definition),
        wordings=wordings(definition),
        revision=rating.revision if rating else 0,
    )


def page_forms(client: Client, page: SessionPage, data: QueryDict | None) -> Forms:
    """Every form of the page; those whose part was posted are bound."""
    posted = data.getlist("part") if data is not None else []
    session = page.session

    def bound(part: str) -> QueryDict | None:
        return data if part in posted else None

    forms: Forms = {"facts": FactsForm(bound("facts"), client=client, session=session)}
    forms["note"] = NoteForm(bound("note"), session=session)
    if page.to_rate:
        forms["ratings"] = _rating_form(session, bound("ratings"))
    if session.episode.ends_on is None:
        active = [BY_CODE[row.barrier].opaque for row in page.focus]
        forms["focus"] = FocusPart(bound("focus"), active=active)
        forms["event"] = EventPart(bound("event"), day=client.practice.today())
        if page.homework is not None:
            offered = [(str(one.version.pk), one.suggestion.exercise.title) for one in page.homework.offered]
            forms["proposals"] = ProposalsPart(bound("proposals"), offered=offered)
        dates = [(one.code, one.words, one.moment) for one in page.offers]
        partner = session.kind == Kind.JOINT and bool(page.partners)
        forms["next"] = NextPart(bound("next"), client=client, offered=dates, partner=partner)
    return forms


def tokens(form: CrispyForm) -> dict[str, str]:
    """What a form that was just read says its writer has seen."""
    names = [name for name in ("seen_at", "rating_seen", "focus_seen") if name in form.fields]
    return {name: str(form.get_initial_for_field(form.fields[name], name)) for name in names}


def values(form: CrispyForm) -> dict[str, Any]:
    """What an unbound form shows, as its inputs hold it."""
    found: dict[str, Any] = {}
    for bound in form:
        value: Any = bound.value()
        if isinstance(value, list | tuple):
            found[bound.html_name] = [str(one) for one in value]
        else:
            shown: Any = bound.field.widget.format_value(value) if value not in (None, "") else ""
            found[bound.html_name] = shown if isinstance(shown, list) else str(shown or "")
    return found


# --- saving -----------------------------------------------------------------------------------------------------------


def save_part(*, by: User, session: TherapySession, part: str, form: Any) -> None:
    """Save one valid part as it is typed. ``Refused`` like its action."""
    client = session.client
    if part == "ratings":
        done = is_done(stored_rating(session)[0])
        rate(by=by, session=session, ratings=form.ratings(), done=done, seen=form.seen(), autosave=True)
    elif part == "focus":
        decide_focus(by=by, client=client, barriers=form.cleaned_data["barriers"], seen=form.seen(), decline=False)
    else:
        change_session(by=by, session=session, seen_at=form.seen(), autosave=True, **form.fields_for_action())


@transaction.atomic
def save_page(*, by: User, client: Client, page: SessionPage, forms: Mapping[str, Any], do: str, at: datetime) -> Done:
    """Save every posted part (valid already), then do what the button says. ``NotSaved``: nothing was written."""
    saving = _Saving(by, client, page, {part: form for part, form in forms.items() if form.is_bound}, do, at)
    for part, step in saving.steps():
        try:
            step()
        except Refused as refusal:
            raise NotSaved(part, refusal) from refusal
    return saving.done


@dataclass(slots=True)
class _Saving:
    """One save of the whole page; ``session`` is the row as stored so far."""

    by: User
    client: Client
    page: SessionPage
    forms: Forms
    do: str
    at: datetime
    done: Done = field(default_factory=Done)
    session: TherapySession = field(init=False)

    def steps(self) -> Iterable[tuple[str, Callable[[], None]]]:
        """The part that a refusal belongs to, and what is done; in the order in which it must be."""
        self.session = self.page.session
        yield "note" if "note" in self.forms and "facts" not in self.forms else "facts", self.write
        for part in ("ratings", "focus", *ADDED):
            if part in self.forms:
                yield part, getattr(self, f"save_{part}")
        yield "facts", self.finish

    def write(self) -> None:
        fields: dict[str, Any] = {}
        seen = None
        for part in ("facts", "note"):
            if part in self.forms:
                fields |= self.forms[part].fields_for_action()
                seen = self.forms[part].seen()
        if fields:
            self.session = change_session(by=self.by, session=self.session, seen_at=seen, at=self.at, **fields)

    def save_ratings(self) -> None:
        form: RatingForm = self.forms["ratings"]
        ratings, asked = form.ratings(), self.do in ("rate", "skip")
        given = any(value is not None for value in ratings.values())
        if self.session.attendance not in (Attendance.PLANNED, Attendance.HELD):
            return
        if self.do == "rate" and not given and not self.page.is_rated:
            raise Refused(_("Choose at least one value, or skip rating this time."))
        if not (asked or given or self.page.rating):
            return
        done = asked or self.page.is_rated
        rate(by=self.by, session=self.session, ratings=ratings, done=done, seen=form.seen(), at=self.at)

    def save_focus(self) -> None:
        form: FocusPart = self.forms["focus"]
        chosen = form.cleaned_data["barriers"]
        decide_focus(by=self.by, client=self.client, barriers=chosen, seen=form.seen(), decline=False, at=self.at)

    def save_event(self) -> None:
        fields = self.forms["event"].fields_for_action()
        if fields and not self._told_already(fields):
            add_life_event(by=self.by, client=self.client, session=self.session, at=self.at, **fields)
            self.done.event = True

    def _told_already(self, fields: Mapping[str, Any]) -> bool:
        """The same event of this session: a form that was sent twice adds one."""
        same = LifeEvent.objects.filter(
            session=self.session, kind=fields["kind"], happened_on=fields["happened_on"], withdrawn_at=None
        )
        return any((row.note or "") == fields["note"] for row in same)

    def save_proposals(self) -> None:
        offered = {str(one.version.pk): one for one in self.page.homework.offered} if self.page.homework else {}
        for pk, words in self.forms["proposals"].chosen():
            one = offered[pk]
            propose(
                by=self.by,
                client=self.client,
                version=one.version,
                session=self.session,
                barriers=one.suggestion.barriers,
                words=words,
                at=self.at,
            )
            self.done.proposed += 1

    def save_next(self) -> None:
        data = self.forms["next"].cleaned_data
        if data.get("moment"):
            kind = Kind.INDIVIDUAL if self.session.kind == Kind.INTAKE else self.session.kind
            self.done.added = add_session(
                by=self.by,
                client=self.client,
                clinician=self.session.clinician,
                starts_at=data["moment"],
                kind=kind,
                with_partner=bool(data.get("next_partner")) and kind == Kind.JOINT,
                at=self.at,
            )

    def finish(self) -> None:
        """Close, open again, or take a proposal back."""
        if self.do == "close":
            self.done.closed = close_session(by=self.by, session=self.session, at=self.at)
        elif self.do == "reopen":
            reopen_session(by=self.by, session=self.session, at=self.at)
            self.done.reopened = True
        elif self.do.startswith("back-"):
            withdraw_proposal(by=self.by, proposal=proposal_of(self.client, self.do), at=self.at)


def proposal_of(client: Client, do: str) -> Proposal:
    """The proposal that a button names, or ``Denied``."""
    try:
        pk = UUID(do.removeprefix("back-"))
    except ValueError:
        raise access.Denied("proposal", None) from None
    return access.get_child(Proposal.objects.select_related("client__practice"), client, pk)
