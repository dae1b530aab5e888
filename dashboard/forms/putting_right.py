"""Forms that put something sent right: answers, where they belong, whether they count, two records of one person."""

from typing import Any, cast

from crispy_forms.layout import HTML, Layout
from django import forms
from django.http import QueryDict
from django.utils.html import escape, format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from assessments.actions.corrections import MAX_REASON
from assessments.answers import MAX_TEXT
from assessments.queries.answers import LINES, Answered, AnswerSheet
from assessments.schema import Question
from clients.access import clients_for
from clients.actions.relationships import MAX_WORDS
from clients.barriers import BARRIERS, BY_CODE, BY_OPAQUE
from clients.models import Client
from practice.errors import Refused
from practice.forms.base import CrispyForm
from practice.grants import Permission
from practice.models import User

MANY = frozenset({"focus_pick", "life_events"})


def reason_field(help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=_("Why"),
        max_length=MAX_REASON,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=help_text or _("It stands in the record’s history, encrypted."),
    )


class WhyForm(CrispyForm):
    """Only the reason."""

    reason = reason_field()

    def __init__(self, *args: Any, submit: str, **kwargs: Any) -> None:
        self.submit = submit
        super().__init__(*args, **kwargs)


class AnswersForm(CrispyForm):
    """Every question with its stored answer. Field names are numbered; ``answers`` gives what differs, by answer id."""

    submit = _("Put the answers right")

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, sheet: AnswerSheet, **kwargs: Any) -> None:
        self.sheet = sheet
        super().__init__(*args, initial={"seen": sheet.response.revision}, **kwargs)
        self.names: dict[str, str] = {}
        layout: list[Any] = ["seen"]
        heading = ""
        for number, row in enumerate(sheet.rows, 1):
            if row.question.heading and row.question.heading != heading:
                heading = row.question.heading
                layout.append(HTML(f"<h3>{escape(heading)}</h3>"))
            layout += self._add(number, row)
        self.fields["reason"] = reason_field()
        self.helper.layout = Layout(*layout, "reason")

    def _add(self, number: int, row: Answered) -> list[str]:
        """The question's field, and the one of its note."""
        name, question = f"q{number}", row.question
        self.fields[name] = _field(question)
        self.fields[name].label = _label(question)
        self.initial[name] = _initial(row)
        self.names[question.id] = name
        if not question.note_id:
            return [name]
        note = f"n{number}"
        words = format_html(_t("Note: {question}"), question=_label(question))
        self.fields[note] = _text(rows=2, label=words)
        self.initial[note] = row.note
        self.names[question.note_id] = note
        return [name, note]

    def answers(self) -> dict[str, Any]:
        """What differs from what is stored, unchecked, by answer id."""
        found = {}
        for row in self.sheet.rows:
            name = self.names[row.question.id]
            value = self._value(row.question, self.cleaned_data.get(name))
            if (value or None) != (None if row.value in (None, [], "", False) else _sent(row)):
                found[row.question.id] = value or None
            note_id = row.question.note_id
            if note_id and (self.cleaned_data.get(self.names[note_id]) or "") != row.note:
                found[note_id] = self.cleaned_data.get(self.names[note_id]) or None
        return found

    def _value(self, question: Question, value: Any) -> Any:
        if question.kind == "focus_pick":
            return [BY_OPAQUE[code].code for code in value or []]
        return value

    def seen_revision(self) -> int:
        """The revision that the writer read; -1 where that cannot be told."""
        seen = self.cleaned_data.get("seen")
        return -1 if seen is None else int(seen)

    def refuse(self, refusal: Refused) -> None:
        """At the field of the answer that is meant."""
        super().refuse(Refused(refusal.message, self.names.get(refusal.field, refusal.field)))

    def rebase(self) -> None:
        """After a clash: what was typed stays, each field says what is stored now, the next save goes on from there."""
        data: Any = cast(QueryDict, self.data).copy()
        data["seen"] = str(self.sheet.response.revision)
        self.data = data
        differing = self.answers()
        for row in self.sheet.rows:
            if row.question.id in differing:
                words = {"answer": row.label or _t("left open")}
                self.fields[self.names[row.question.id]].help_text = escape(_t("Stored now: %(answer)s") % words)


def _label(question: Question) -> str:
    """Escaped, since crispy prints labels and help as they are: a goal's words are the client's."""
    return escape(f"{question.text} ({question.frame_label})" if question.frame_label else question.text)


def _text(rows: int, label: str = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=MAX_TEXT, strip=True, widget=widget)


def _field(question: Question) -> forms.Field:
    if question.kind == "text":
        return _text(rows=4)
    if question.kind == "toggle":
        return forms.BooleanField(required=False)
    if question.kind in MANY:
        return forms.MultipleChoiceField(
            required=False, choices=_ticks(question), widget=forms.CheckboxSelectMultiple(attrs={"class": "ticks"})
        )
    return forms.ChoiceField(required=False, choices=[("", _("left open")), *_values(question)])


def _ticks(question: Question) -> list[tuple[str, Any]]:
    if question.kind == "focus_pick":
        return [(barrier.opaque, barrier.name) for barrier in BARRIERS]
    return list(question.choices)


def _values(question: Question) -> list[tuple[str, str]]:
    """Each value with its words; numbers in front, as the pages show them."""
    if question.kind in LINES:
        steps = range(question.minimum or 0, (question.maximum or 0) + 1)
        named = dict(question.options)
        return [(str(step), f"{step} · {named[step]}" if step in named else str(step)) for step in steps]
    plain = question.kind == "yes_no"
    return [(str(value), label if plain else f"{value} · {label}") for value, label in question.options]


def _initial(row: Answered) -> Any:
    if row.question.kind == "focus_pick":
        return [BY_CODE[code].opaque for code in row.value or []]
    if row.question.kind in MANY or row.question.kind == "toggle":
        return row.value or ([] if row.question.kind in MANY else False)
    return "" if row.value is None else str(row.value)


def _sent(row: Answered) -> Any:
    """The stored answer in the shape that the form gives."""
    return row.value if row.question.kind in MANY or row.question.kind == "toggle" else str(row.value)


class MoveForm(CrispyForm):
    """To which of one's other clients."""

    submit = _("Move it there")

    to = forms.ModelChoiceField(Client.objects.none(), label=_("Whose it is"), empty_label=_("Choose"))
    reason = reason_field(_("Name nobody here: it stands in the history of both records, encrypted."))

    def __init__(self, *args: Any, by: User, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _others(self.fields["to"], by, client, Permission.WORK)


class AboutForm(CrispyForm):
    """Which relationship, in words."""

    submit = _("Save which one")

    relationship = forms.CharField(label=_("These answers are about"), required=False, max_length=MAX_WORDS)
    reason = reason_field()

    def __init__(self, *args: Any, known: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known:
            text = _t("Known so far: %(known)s. The same words continue it.") % {"known": "; ".join(known)}
            self.fields["relationship"].help_text = escape(text)


class MergeForm(CrispyForm):
    """Which record joins into the opened one, and which safe contact counts where the two differ (``differ``)."""

    gone = forms.ModelChoiceField(
        Client.objects.none(), label=_("The other record of the same person"), empty_label=_("Choose")
    )
    safe_contact = forms.ChoiceField(
        label=_("Which safe contact counts from now on"),
        required=False,
        choices=Client.SafeContact.choices,
        widget=forms.RadioSelect,
        help_text=_("The two records differ. Choose e-mail only where you know that it is safe for the client."),
    )
    reason = reason_field()

    def __init__(self, *args: Any, by: User, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client, self.differ = client, False
        self.helper.form_tag = False
        _others(self.fields["gone"], by, client, Permission.CHANGE_IDENTITY)

    def clean(self) -> dict[str, Any]:
        """Where the two differ it is asked; nothing said yet: the preview begins with no messages."""
        data = super().clean() or {}
        gone, none = data.get("gone"), Client.SafeContact.NONE
        self.differ = gone is not None and gone.safe_contact != self.client.safe_contact
        if gone is not None and self.differ:
            field: Any = self.fields["safe_contact"]
            field.choices = _contacts(self.client, gone)
            if not data.get("safe_contact") and "safe_contact" not in self.errors:
                self.data = cast(QueryDict, self.data).copy()
                self.data["safe_contact"] = none
                if self.data.get("do") == "merge":
                    self.add_error("safe_contact", _t("Say which of the two counts."))
        return data | {"safe_contact": data.get("safe_contact") or none}


def _contacts(keep: Client, gone: Client) -> list[tuple[str, str]]:
    """No messages first; each with the record that says so, e-mail with the address it would go to."""
    says = {keep.safe_contact: _t("as this record, %(code)s, says"), gone.safe_contact: _t("as %(code)s says")}
    codes = {keep.safe_contact: keep.code, gone.safe_contact: gone.code}
    email = _t("E-mail to %(address)s") % {"address": keep.email or gone.email}
    words = {Client.SafeContact.NONE: Client.SafeContact.NONE.label, Client.SafeContact.EMAIL: email}
    return [(str(code), f"{text} ({says[code] % {'code': codes[code]}})") for code, text in words.items()]


def _others(field: Any, by: User, client: Client, permission: Permission) -> None:
    rows = clients_for(by, permission).filter(practice=client.practice_id).exclude(pk=client.pk)
    field.queryset = rows.order_by("last_name", "first_name", "id")
    field.label_from_instance = lambda row: f"{row.full_name} ({row.code})"
