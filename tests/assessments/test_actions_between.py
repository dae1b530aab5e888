"""What another window does in the moment between reading and writing; versions that are read once a process."""

import pytest

from assessments.actions import answering
from assessments.actions.answering import save, start, submit
from assessments.errors import Busy
from assessments.models import Response
from assessments.queries.library import latest_version, published
from practice.models import AuditEvent
from tests.factories.assessments import ask, draft
from tests.factories.clients import ClientFactory

pytestmark = pytest.mark.django_db


def _meanwhile(monkeypatch, name, other):
    """``other()`` happens right before ``answering.<name>`` does its work, the first time it is called."""
    real, left = getattr(answering, name), [other]

    def patched(*args, **kwargs):
        if left:
            left.pop()()
        return real(*args, **kwargs)

    monkeypatch.setattr(answering, name, patched)


def test_a_save_while_it_is_submitted_is_in_what_was_sent(monkeypatch):
    response = draft(ClientFactory())
    save(response=response, answers={"control": 3}, key="1")
    _meanwhile(monkeypatch, "_complete", lambda: save(response=response, answers={"power": 2}, key="2"))
    assert submit(response=response).again is False
    row = Response.objects.get(pk=response.pk)
    assert (row.state, row.revision) == ("submitted", 2)
    assert (row.answers["control"], row.answers["power"]) == (3, 2)


def test_submitting_gives_up_when_every_time_a_save_comes_first(monkeypatch):
    response = draft(ClientFactory())
    real, count = answering._complete, iter(range(1000))

    def patched(row):
        save(response=response, answers={"power": 2}, key=f"k{next(count)}")
        return real(row)

    monkeypatch.setattr(answering, "_complete", patched)
    with pytest.raises(Busy):
        submit(response=response)
    assert Response.objects.get(pk=response.pk).state == "draft"


def test_another_window_begins_it_first(monkeypatch):
    assignment = ask(ClientFactory())
    _meanwhile(monkeypatch, "_begin", lambda: start(assignment=assignment))
    found = start(assignment=assignment)
    assert [row.pk for row in Response.objects.all()] == [found.pk]
    assert AuditEvent.objects.filter(action="answers.started").count() == 1


def test_a_version_is_read_once_and_each_caller_has_their_own(django_assert_num_queries):
    ask(ClientFactory())
    version = latest_version("barriers")
    with django_assert_num_queries(0):
        first, second = published(version.pk), published(version.pk)
    assert (first, first.content_hash, first._state.adding) == (version, version.content_hash, False)
    first.instrument.title = "Other"
    assert second.instrument.title != "Other"
    with pytest.raises(TypeError):
        first.save()
