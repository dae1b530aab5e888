"""A draft cut into pages: what the answering views show, read once a request."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from assessments import fields
from assessments.answers import questions_for
from assessments.models import Response, ResponseRevision
from assessments.queries.answers import asked_for, draft_answers, readable
from assessments.schema import Question
from portal.paging import Page, first_open, pages_of


@dataclass
class Sheet:
    """The questions this response asks, in pages, with the answers so far."""

    response: Response

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        response = self.response
        return questions_for(response.version.definition, asked_for(response, response.answers))

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        return pages_of(self.questions)

    @cached_property
    def answers(self) -> Mapping[str, Any]:
        """Values and texts by answer id."""
        return draft_answers(self.response)

    @property
    def total(self) -> int:
        return len(self.questions)

    @property
    def answered(self) -> int:
        return sum(bool(readable(one, self.answers.get(one.id))) for one in self.questions)

    def page(self, number: int) -> Page | None:
        return self.pages[number - 1] if 1 <= number <= len(self.pages) else None

    def resume_at(self) -> int:
        """The first page with a question that was never answered or passed over; past the last when there is none."""
        saved = ResponseRevision.objects.filter(response=self.response).values_list("answers", flat=True)
        return first_open(self.pages, frozenset(self.answers).union(*saved))

    def lines(self) -> list[dict[str, Any]]:
        """The review: every question with its answer in words, its note, and the page where it can be changed."""
        return [
            {"page": page.number, "field": field, "answer": readable(field.question, field.value)}
            for page in self.pages
            for field in fields.fields_of(page.questions, self.answers)
        ]

    def elsewhere(self, names: list[str], revision: int) -> dict[str, str]:
        """For answers that two windows changed: what the other one had, in words."""
        earlier = ResponseRevision.objects.filter(response=self.response, number__lt=revision).order_by("-number")
        before: dict[str, Any] = {}
        for answers in earlier.values_list("answers", flat=True):
            before = {**answers, **before}
            if all(name in before for name in names):
                break
        return {name: self._told(name, before.get(name)) for name in names}

    def _told(self, name: str, value: Any) -> str:
        question = next((one for one in self.questions if one.id == name), None)
        if question is None or question.kind == "text":
            return _("You wrote here in another window too. Both texts are kept: please read them once more.")
        words = readable(question, value) or _("no answer")
        return _("In another window you chose “%(answer)s” here. What you see now counts.") % {"answer": words}
