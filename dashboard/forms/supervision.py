"""What to talk about in supervision."""

from django import forms
from django.utils.translation import gettext_lazy as _

from practice.forms.base import CrispyForm


class BringForm(CrispyForm):
    """The question is stored encrypted."""

    submit = _("Bring to supervision")

    question = forms.CharField(
        label=_("What do you want to talk about?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Stored encrypted; never seen by the client or a partner."),
    )
