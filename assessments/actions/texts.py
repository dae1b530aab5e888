"""Free texts of a response: sealed rows, never part of a snapshot or revision."""

from collections.abc import Collection, Mapping
from datetime import datetime

from assessments.models import Response, ResponseText

DIVIDER = "\n\n· · ·\n\n"
"""Between two texts that were written to one question in two windows at once."""


def write(row: Response, written: Mapping[str, str], *, keep: Collection[str], at: datetime) -> None:
    """Write texts by question id; an empty one takes the text back.

    Where the id is in ``keep``, another window wrote meanwhile: its text is kept before the new one. The caller holds
    the response's row.
    """
    if not written:
        return
    rows = {one.question: one for one in ResponseText.objects.filter(response=row, question__in=written)}
    for question, text in written.items():
        found = rows.get(question)
        if found is not None and question in keep and found.text != text:
            text = DIVIDER.join(part for part in (found.text, text) if part)
        if not text:
            if found is not None:
                found.delete()
        elif found is None:
            ResponseText.objects.create(response=row, question=question, text=text, changed_at=at)
        elif found.text != text:
            found.text, found.changed_at = text, at
            found.save(update_fields=["text", "changed_at"])
