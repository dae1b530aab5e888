"""The form for answers on paper: when, about what, and every question on one page."""

import uuid
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from assessments import fields
from assessments.actions.paper import Sheet
from assessments.models import Response
from clients.actions.relationships import MAX_WORDS
from clients.models import Client
from dashboard.queries.paper import OnPaper
from practice.forms.base import CrispyForm
from practice.forms.dates import DayField

NEW = "new"


class PaperForm(CrispyForm):
    """The head of the page; the questions are drawn by the page from ``rows``. Answers are checked by the action."""

    day = DayField(label=_("Filled in on"))
    clock = forms.TimeField(
        label=_("at"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    known = forms.ChoiceField(label=_("About which relationship"), required=False)
    relationship = forms.CharField(label=_("If another one: which?"), required=False, max_length=MAX_WORDS)
    anchor = forms.ChoiceField(
        label=_("Compared with the last time, things are"),
        required=False,
        choices=[("", _("left open")), *Response.Anchor.choices],
    )
    agreed = forms.BooleanField(label=_("The client has read the privacy notice and agrees to it"), required=False)

    def __init__(self, data: Any = None, *, client: Client, asked: OnPaper, **kwargs: Any) -> None:
        self.asked = asked
        now = str(client.relationship_id or "")
        super().__init__(data, initial={"day": client.practice.today(), "known": now}, **kwargs)
        self.fields["day"].widget.attrs["max"] = client.practice.today().isoformat()
        field: Any = self.fields["known"]
        field.choices = [
            *([] if now else [("", _t("not said"))]),
            *((str(row.pk), row.words) for row in asked.relationships),
            (NEW, _t("another one")),
        ]
        if not asked.asks_relationship:
            del self.fields["known"], self.fields["relationship"]
        if not asked.compares:
            del self.fields["anchor"]
        if not asked.needs_consent:
            del self.fields["agreed"]
        for each in self.fields.values():  # drawn by the page itself, not by crispy
            kind = getattr(each.widget, "input_type", "")
            looks = {"select": "form-select", "checkbox": ""}.get(kind, "form-control")
            each.widget.attrs |= {"class": looks} if looks else {}
        self.errors_by_answer: Mapping[str, str] = {}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("known") == NEW and not (data.get("relationship") or "").strip():
            self.add_error("relationship", _t("Name the other relationship, or choose one from the list."))
        return data

    @property
    def typed(self) -> dict[str, Any]:
        """The answers as they were typed, unchecked, by answer id."""
        return fields.posted(cast(QueryDict, self.data), self.asked.questions)

    def sheet(self) -> Sheet:
        data = self.cleaned_data
        known = data.get("known") or ""
        return Sheet(
            answers=self.typed,
            day=data["day"],
            clock=data.get("clock"),
            about=data.get("relationship") or "",
            known=uuid.UUID(known) if known not in ("", NEW) else None,
            anchor=data.get("anchor") or "",
            agreed=bool(data.get("agreed")),
        )

    def rows(self) -> list[fields.Field]:
        """The questions, with what was typed or what a draft holds."""
        answers = {**self.asked.answers, **self.typed} if self.is_bound else self.asked.answers
        return fields.fields_of(self.asked.questions, answers, errors=self.errors_by_answer)

    def wrong(self) -> list[fields.Field]:
        """The questions whose answers were refused."""
        return [row for row in self.rows() if row.error or row.note_error]

    def elsewhere(self) -> list[str]:
        """What is wrong with answers that this page does not ask."""
        shown = {name for row in self.rows() for name in (row.question.id, row.question.note_id)}
        return [text for name, text in self.errors_by_answer.items() if name not in shown]
