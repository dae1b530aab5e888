"""Which measure a file of past administrations is of, and the file."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import InstrumentVersion
from practice.forms.base import CrispyForm


class ImportForm(CrispyForm):
    """``versions``: the measures whose history may be brought."""

    submit = gettext_lazy("Read the file")
    version = forms.ChoiceField(label=gettext_lazy("Measure"))
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        allow_empty_file=True,  # that a file is empty is told like any other problem, by its line
    )
    dry_run = forms.BooleanField(
        label=gettext_lazy("Only check the file and tell me what would happen"), required=False, initial=True
    )

    def __init__(self, *args: Any, versions: list[InstrumentVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.versions = {str(version.pk): version for version in versions}
        choices = [("", _("Choose a measure")), *((pk, one.definition.title) for pk, one in self.versions.items())]
        self.fields["version"].choices = choices  # type: ignore[attr-defined]
        self.fields["file"].help_text = _("A CSV file of at most %(most)s MB.") % {
            "most": settings.IMPORT_MAX_BYTES // 1_000_000
        }

    @property
    def chosen(self) -> InstrumentVersion:
        return self.versions[self.cleaned_data["version"]]

    def refuse_size(self) -> None:
        """Show that the file is too large; it was not read."""
        most = settings.IMPORT_MAX_BYTES // 1_000_000
        self.cleaned_data = {}
        self.add_error("file", _("The file is larger than %(most)s MB. Bring it in parts.") % {"most": most})
