"""Forms: own goals, which relationship measures are about."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clients.actions.goals import MAX_WORDS
from clients.actions.relationships import MAX_WORDS as MAX_RELATIONSHIP
from clients.models import Client
from practice.forms.base import CrispyForm


class GoalForm(CrispyForm):
    """A goal in the client's words, or in words that the client is asked to agree to."""

    words = forms.CharField(
        label=_("Goal"),
        max_length=MAX_WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("In the client's own words, as “I …”, small enough to notice within a few weeks."),
    )
    agreed = forms.BooleanField(required=False)

    def __init__(self, *args: Any, client: Client, submit: Any, **kwargs: Any) -> None:
        self.submit = submit
        super().__init__(*args, **kwargs)
        self.fields["agreed"].label = _t("%(name)s is here and agrees to these words") % {"name": client.short_name}
        self.fields["agreed"].help_text = _t("Otherwise it waits for the client's agreement in the portal.")


class RelationshipForm(CrispyForm):
    """A relationship that was not named before."""

    submit = _("Start afresh with this one")

    words = forms.CharField(
        label=_("The relationship"),
        max_length=MAX_RELATIONSHIP,
        help_text=_(
            "In the client's words, such as “partner since 2024”. Its first answers are a baseline of their own."
        ),
    )
