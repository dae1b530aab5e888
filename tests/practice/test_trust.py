"""One-time tokens, ringing tasks, grants, paging, spreadsheet cells."""

import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from clients.models import ClientInvitation
from practice import jobs, paging, tokens
from practice.grants import GRANTS, Permission, Relationship, giving, grants, role_gives
from practice.models import AuditEvent, Invitation, Membership, User
from practice.spreadsheets import text_cell
from tests.factories.clients import ClientFactory
from tests.factories.practice import InvitationFactory, UserFactory


@pytest.mark.django_db
def test_token_is_derived_hashed_and_bound_to_kind_row_and_generation(settings) -> None:
    invitation = InvitationFactory()
    token = tokens.token_for(invitation)
    assert (len(token), tokens.find(Invitation, token)) == (43, invitation)
    assert token not in str(invitation.__dict__)
    assert tokens.find(ClientInvitation, token) is None
    other = ClientInvitation(pk=invitation.pk, client=ClientFactory(), practice=invitation.practice)
    assert tokens.token_for(other) != token
    invitation.generation += 1
    assert tokens.token_for(invitation) != token
    settings.SECRET_KEY = "another secret key of at least fifty characters in all"
    invitation.generation -= 1
    assert tokens.token_for(invitation) != token


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 10_000, "é" * 43, "\x00" * 43])
def test_made_up_tokens_find_nothing(token) -> None:
    InvitationFactory()
    assert tokens.find(Invitation, token) is None


def test_is_live() -> None:
    now = timezone.now()
    live = Invitation(expires_at=now + timedelta(seconds=1))
    assert live.is_live(now)
    assert not live.is_live(now + timedelta(seconds=1))
    assert not Invitation(expires_at=now + timedelta(days=1), used_at=now).is_live(now)
    assert not Invitation(expires_at=now + timedelta(days=1), revoked_at=now).is_live(now)


class Broker:
    """Stands for the Celery app; raises ``error`` or remembers what was rung."""

    error: Exception | None = None
    rung: list[tuple] = []

    @classmethod
    def send_task(cls, name, args, queue):
        if cls.error:
            raise cls.error
        cls.rung.append((name, args, queue))


@pytest.fixture
def broker(settings, monkeypatch):
    settings.CELERY_APP = "tests.practice.test_trust.Broker"
    monkeypatch.setattr(Broker, "rung", [])
    monkeypatch.setattr(Broker, "error", None)
    return Broker


@pytest.mark.django_db
def test_rings_after_commit_with_ids_as_text(broker, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        jobs.ring("reports.make", 7, queue="interactive")
        assert broker.rung == []
    assert broker.rung == [("reports.make", ["7"], "interactive")]


@pytest.mark.django_db
def test_a_broker_that_is_away_is_logged_and_swallowed(broker, caplog, django_capture_on_commit_callbacks) -> None:
    """And the callbacks after it still run."""
    broker.error = ConnectionRefusedError("redis://:secret@host")
    ran = []
    from django.db import transaction

    with caplog.at_level(logging.WARNING), django_capture_on_commit_callbacks(execute=True):
        jobs.ring("reports.make", 7)
        transaction.on_commit(lambda: ran.append(1))
    assert ran == [1]
    assert "broker did not take reports.make (ConnectionRefusedError)" in caplog.text
    assert "secret" not in caplog.text


def test_grants_as_the_table_says() -> None:
    """Negatives that must never change by accident."""
    clinical = {R for R in Relationship if grants(R, Permission.SEE_CLINICAL)}
    assert clinical == {"primary", "co", "cover", "supervisor", "emergency"}
    assert giving(Permission.WORK) == {"primary", "co", "cover"}
    assert giving(Permission.CHANGE_IDENTITY) == {"primary", "co"}
    assert giving(Permission.MANAGE_PRACTICE) == giving(Permission.OPEN_EMERGENCY) == {"owner"}
    assert giving(Permission.SEE_SAFETY) == {"primary", "co", "cover", "emergency"}
    assert GRANTS[Relationship.SELF] == {Permission.ANSWER}
    assert GRANTS[Relationship.LINK] == {Permission.ANSWER}


def test_each_permission_is_asked_somewhere() -> None:
    """One that nothing asks looks like a guard and is none: it comes with the feature that asks it."""
    root = Path(settings.BASE_DIR)
    rooms = ("practice", "clients", "assessments", "homework", "reports", "dashboard", "portal")
    paths = [path for room in rooms for path in (root / room).rglob("*.py") if path != root / "practice/grants.py"]
    asked = set(re.findall(r"Permission\.([A-Z_]+)", " ".join(path.read_text() for path in paths)))
    assert asked == {permission.name for permission in Permission}


def test_roles_give_what_their_relationships_give() -> None:
    roles = {one: {role for role in Membership.ROLES if role_gives(role, one)} for one in Permission}
    assert roles[Permission.MANAGE_PRACTICE] == roles[Permission.SEE_ROSTER] == {"owner"}
    assert roles[Permission.WORK] == roles[Permission.SEE_SAFETY] == {"clinician"}
    assert roles[Permission.SEE_TEAM] == {"supervisor"}
    assert roles[Permission.ASK_REPORT] == {"clinician", "supervisor"}
    assert roles[Permission.ANSWER] == set()


@pytest.mark.django_db
def test_paging_by_key_goes_through_every_row_once() -> None:
    names = ["b", "a", "c", "a", "b", "a", "c"]
    for name in names:
        UserFactory(name=name)
    for order in (("name", "id"), ("-name", "-id"), ("name", "-joined_at", "id")):
        seen, after = [], ""
        while True:
            page = paging.page(User.objects.all(), order, after, size=2)
            seen += page.rows
            assert page.is_later is bool(after)
            if not page.next_query:
                break
            after = page.next_query.removeprefix("?after=")
        assert seen == list(User.objects.order_by(*order))


@pytest.mark.django_db
@pytest.mark.parametrize("after", ["x", "0", "-1", "9" * 40, "00000000-0000-0000-0000-000000000000", "' OR 1=1"])
@pytest.mark.parametrize("model", [User, AuditEvent])
def test_paging_from_nonsense_is_the_first_page(model, after) -> None:
    assert paging.page(model.objects.all(), ("-id",), after) == paging.Page([], "", False)


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@x", "\t=1", "\r=1", "  =1", "\n=1"])
def test_formulas_become_text(text) -> None:
    assert text_cell(text) == f"'{text}"


@pytest.mark.parametrize(("value", "cell"), [("a=b", "a=b"), (None, ""), (7, "7"), ("", "")])
def test_other_cells_stay(value, cell) -> None:
    assert text_cell(value) == cell
