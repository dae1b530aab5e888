"""What the time line shows of rows that the record's frame has read already: episodes and safety flags."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clients.models import SafetyFlag
from dashboard.queries.timeline import GIVEN, Entry, Reader, day_moment


def given(reader: Reader) -> Iterator[Entry]:
    """Discharge and return, and safety flags for whoever may see them: the record's frame has these."""
    url = reverse("dashboard:client", args=[reader.client.pk])
    begins = {episode.starts_on for episode in reader.episodes}
    for episode in reader.episodes:
        word = _("The client returned") if episode.number > 1 else _("Care began")
        title = _t("Episode %(n)d") % {"n": episode.number}
        yield Entry(
            day_moment(reader, episode.starts_on), episode.pk, "care", word, title, url, is_day=True, rank=GIVEN
        )
        if episode.ends_on is not None:
            yield Entry(
                at=day_moment(reader, episode.ends_on, late=episode.ends_on not in begins),
                pk=episode.pk,
                kind="care",
                label=_("Discharged"),
                title=episode.get_reason_display(),
                url=url,
                folded=episode.closing_note or "",
                is_day=True,
                rank=GIVEN + 1,
            )
    for flag in reader.flags:
        yield from _flag(flag)


def _flag(flag: SafetyFlag) -> Iterator[Entry]:
    url = reverse("dashboard:flag", args=[flag.pk])
    steps = (
        (flag.raised_at, _("Raised")),
        (flag.acknowledged_at, _("Acknowledged")),
        (flag.closed_at, _("Closed")),
    )
    for step, (at, word) in enumerate(steps):
        if at is not None:
            yield Entry(at, flag.pk, "flag", _("Safety flag"), word, url, mark="is-flag", rank=GIVEN + 4 - step)
