"""Mail when the worker dies in the middle of sending: again where it must arrive, shown as uncertain otherwise."""

import pytest
from django.utils import timezone

from practice.actions.mail import queue_mail
from practice.models import OutboxMessage
from tests.factories.practice import UserFactory
from tests.faults.smtp import MailServer
from tests.faults.support import ring, wait_until


@pytest.fixture
def server():
    with MailServer() as running:
        yield running


def queue(purpose, *, at_least_once):
    return queue_mail(
        "sign-in-changed",
        purpose=purpose,
        subject_id=UserFactory(sign_in=f"{purpose}@example.test").pk,
        practice=None,
        at_least_once=at_least_once,
    )


def all_in(state):
    return set(OutboxMessage.objects.values_list("state", flat=True)) == {state}


@pytest.mark.parametrize(
    ("silent_at", "received"),
    [
        ("greeting", ["again@example.test"]),
        ("receipt", ["again@example.test", "again@example.test", "once@example.test"]),
    ],
)
def test_worker_killed_between_claim_and_receipt(start, server, silent_at, received):
    """Two messages are in hand when it dies, and it cannot be known whether they left (greeting: no; receipt: yes)."""
    server.silent_at = silent_at
    worker = start("worker", EMAIL_URL=server.url)
    again, once = queue("again", at_least_once=True), queue("once", at_least_once=False)
    wait_until(lambda: server.waiting == 2)
    assert all_in("sending")
    worker.kill()
    server.silent_at = ""
    OutboxMessage.objects.update(lease_until=timezone.now())
    other = start("worker", EMAIL_URL=server.url)
    rung = [ring("practice.dispatch_mail", queue="mail") for _ in range(2)]
    wait_until(lambda: all(other.did("practice.dispatch_mail", one) for one in rung))
    for row in (again, once):
        row.refresh_from_db()
    assert (again.state, again.attempts) == ("sent", 2)
    assert (once.state, once.attempts, once.error) == ("uncertain", 1, "worker-lost")
    assert sorted(message["To"] for message in server.received) == received
    known = {f"<{again.pk}@localhost>", f"<{once.pk}@localhost>"}
    assert {message["Message-ID"] for message in server.received} <= known
    assert len({message["Message-ID"] for message in server.received if message["To"] == received[0]}) == 1
