"""Sending the outbox: claims, leases, fences, back-off; at most once against at least once."""

import datetime as dt
import smtplib
import uuid

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.utils import timezone

from practice import hooks, tasks
from practice import mail as letters
from practice.actions import outbox
from practice.actions.mail import queue_mail
from practice.models import OutboxMessage, Practice
from tests.factories.practice import PracticeFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def to_user(monkeypatch):
    """A template ``test`` whose letter goes to the user of the message's subject."""
    monkeypatch.setattr(hooks, "_letters", {**hooks._letters, "test": "tests.practice.test_outbox.build"})


def build(message: OutboxMessage):
    from practice.models import User

    user = User.objects.get(pk=message.subject_id)
    practice = Practice.objects.filter(pk=message.practice_id).first()
    return letters.letter(practice, to=user.email, body="Hello") if user.is_active else None


def queue(user=None, *, practice=None, at_least_once=False, **more) -> OutboxMessage:
    user = user or UserFactory()
    message = queue_mail(
        "test",
        purpose=str(uuid.uuid4()),
        subject_id=user.pk,
        practice=practice.pk if practice else None,
        at_least_once=at_least_once,
    )
    OutboxMessage.objects.filter(pk=message.pk).update(not_before=NOW, **more)
    message.refresh_from_db()
    return message


def state(message: OutboxMessage) -> tuple[str, int, str]:
    message.refresh_from_db()
    return message.state, message.attempts, message.error


def test_sends_once(to_user) -> None:
    message = queue()
    assert outbox.dispatch(at=NOW) == 1
    assert outbox.dispatch(at=NOW) == 0
    assert len(mail.outbox) == 1
    assert state(message) == ("sent", 1, "")
    assert (message.sent_at, message.lease_until) == (NOW, None)


def test_a_redelivered_task_sends_no_second_mail(to_user) -> None:
    queue()
    tasks.dispatch_mail()
    tasks.dispatch_mail()
    assert len(mail.outbox) == 1


def test_the_same_purpose_is_queued_once() -> None:
    fields = {"purpose": "p", "subject_id": uuid.uuid4(), "practice": None}
    assert queue_mail("test", **fields) is not None
    assert queue_mail("test", **fields) is None
    assert OutboxMessage.objects.count() == 1


def test_a_dispatch_ends_before_its_soft_limit(to_user, monkeypatch, settings) -> None:
    """A slow server: what is not taken up within a quarter of the lease waits for the next dispatch."""
    settings.REPORT_LEASE_SECONDS = 40
    clock = iter((100.0, 100.0, 109.9, 110.0))
    monkeypatch.setattr(outbox, "time", type("Clock", (), {"monotonic": lambda: next(clock)}))
    messages = [queue() for _ in range(3)]
    assert outbox.dispatch(at=NOW) == 2
    assert sorted(state(message) for message in messages) == [("queued", 0, ""), ("sent", 1, ""), ("sent", 1, "")]


def test_not_before(to_user) -> None:
    message = queue()
    OutboxMessage.objects.filter(pk=message.pk).update(not_before=NOW + dt.timedelta(seconds=1))
    assert outbox.dispatch(at=NOW) == 0
    assert outbox.dispatch(at=NOW + dt.timedelta(seconds=1)) == 1


def test_recipient_changed_meanwhile(to_user) -> None:
    """Abuse 40: the address is read at the moment of sending, after the connection stands."""
    user = UserFactory(email="old@example.test")
    queue(user)

    class ChangesOnConnect(locmem.EmailBackend):
        def open(self):
            type(user).objects.filter(pk=user.pk).update(email="new@example.test")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "get_connection", ChangesOnConnect)
        assert outbox.dispatch(at=NOW) == 1
    assert [message.to for message in mail.outbox] == [["new@example.test"]]


def test_withheld_when_it_may_no_longer_be_sent(to_user) -> None:
    message = queue(UserFactory(is_active=False))
    assert outbox.dispatch(at=NOW) == 0
    assert state(message) == ("withheld", 1, "")
    assert mail.outbox == []


@pytest.mark.parametrize(("at_least_once", "after", "mails"), [(True, "sent", 1), (False, "uncertain", 0)])
def test_a_worker_that_died_while_sending(to_user, at_least_once, after, mails) -> None:
    """Unknown whether it left: safety and reset mails go again, the others are shown as uncertain."""
    message = queue(at_least_once=at_least_once)
    assert outbox.claim(message.pk, at=NOW) is not None  # and then nothing more is heard of the worker
    assert outbox.dispatch(at=NOW + outbox.lease() - dt.timedelta(seconds=1)) == 0
    outbox.dispatch(at=NOW + outbox.lease())
    assert (state(message)[0], len(mail.outbox)) == (after, mails)


def test_the_late_worker_changes_nothing(to_user) -> None:
    """Its lease ended, another worker took over: what the first writes is dropped (fence)."""
    message = queue(at_least_once=True)
    late = outbox.claim(message.pk, at=NOW)
    outbox.dispatch(at=NOW + outbox.lease())
    assert not outbox._finish(late, state=outbox.State.FAILED)
    assert state(message)[0] == "sent"


def test_two_workers_claim_one_message(to_user) -> None:
    message = queue()
    assert outbox.claim(message.pk, at=NOW) is not None
    assert outbox.claim(message.pk, at=NOW) is None


class Failing(locmem.EmailBackend):
    """Raises ``error`` at the step ``at``."""

    at, error = "send", Exception("secret@example.test")

    def open(self):
        if self.at == "open":
            raise self.error

    def send_messages(self, messages):
        raise self.error


def dispatch_with(monkeypatch, error: Exception, at: str = "send") -> None:
    backend = type("Backend", (Failing,), {"error": error, "at": at})
    monkeypatch.setattr(outbox, "get_connection", backend)
    outbox.dispatch(at=NOW)


BUSY = smtplib.SMTPDataError(451, b"busy")
REFUSED = smtplib.SMTPRecipientsRefused({"a@example.test": (550, b"no such user")})


@pytest.mark.parametrize(
    ("error", "at", "at_least_once", "expected"),
    [
        (ConnectionRefusedError("x"), "open", False, ("queued", 1, "ConnectionRefusedError")),
        (BUSY, "send", False, ("queued", 1, "SMTPDataError")),
        (REFUSED, "send", True, ("failed", 1, "SMTPRecipientsRefused")),
        (TimeoutError("x"), "send", False, ("uncertain", 1, "TimeoutError")),
        (TimeoutError("x"), "send", True, ("queued", 1, "TimeoutError")),
    ],
)
def test_failures(to_user, monkeypatch, error, at, at_least_once, expected) -> None:
    message = queue(at_least_once=at_least_once)
    dispatch_with(monkeypatch, error, at)
    assert state(message) == expected
    assert message.lease_until is None


def test_pauses_grow_and_attempts_end(to_user, monkeypatch) -> None:
    assert [outbox.pause(n).total_seconds() for n in range(1, 7)] == [30, 120, 480, 1920, 3600, 3600]
    message = queue(attempts=outbox.MAX_ATTEMPTS - 2)
    dispatch_with(monkeypatch, ConnectionRefusedError("x"), "open")
    assert message.not_before < NOW + dt.timedelta(hours=1)
    message.refresh_from_db()
    assert message.not_before == NOW + dt.timedelta(hours=1)
    OutboxMessage.objects.update(not_before=NOW)
    dispatch_with(monkeypatch, ConnectionRefusedError("x"), "open")
    assert state(message) == ("failed", outbox.MAX_ATTEMPTS, "ConnectionRefusedError")


def test_a_worker_lost_at_the_last_attempt_fails(to_user) -> None:
    message = queue(at_least_once=True, attempts=outbox.MAX_ATTEMPTS - 1)
    outbox.claim(message.pk, at=NOW)
    outbox.dispatch(at=NOW + outbox.lease())
    assert state(message) == ("failed", outbox.MAX_ATTEMPTS, "worker-lost")


def test_one_bad_message_does_not_stop_the_others(to_user) -> None:
    unknown = queue()
    OutboxMessage.objects.filter(pk=unknown.pk).update(template="nobody-wrote-it")
    broken = queue()
    OutboxMessage.objects.filter(pk=broken.pk).update(subject_id=uuid.uuid4())
    invalid = queue(UserFactory(email="not an address"))
    good = queue()
    assert outbox.dispatch(at=NOW) == 1
    assert [state(row)[::2] for row in (unknown, broken, invalid, good)] == [
        ("failed", "unknown-template"),
        ("queued", "build:DoesNotExist"),
        ("failed", "bad-address"),
        ("sent", ""),
    ]


def test_nothing_of_a_message_is_logged(to_user, monkeypatch, caplog) -> None:
    queue(UserFactory(email="canary@example.test"))
    with caplog.at_level("DEBUG"):
        dispatch_with(monkeypatch, TimeoutError("canary@example.test said no"))
    assert "TimeoutError" in caplog.text
    assert "canary" not in caplog.text


@pytest.mark.parametrize("name", ["Evil\r\nBcc: victim@example.test", "Evil\nSubject: x", "Evil\x01\u2028 name"])
def test_header_injection(to_user, name) -> None:
    """Abuse 40: whatever stands in a practice's name for mail stays within its header."""
    queue(practice=PracticeFactory(mail_name=name))
    assert outbox.dispatch(at=NOW) == 1
    (message,) = mail.outbox
    raw = message.message()
    assert (raw["Bcc"], message.recipients()) == (None, message.to)
    assert len(raw.get_all("Subject")) == 1
    assert "\n" not in message.subject + message.from_email


def test_an_address_with_a_line_break_is_refused(to_user) -> None:
    message = queue(UserFactory(email="a@example.test\nBcc: b@example.test"))
    outbox.dispatch(at=NOW)
    assert state(message) == ("failed", 1, "bad-address")


def test_subject_sender_and_headers(to_user) -> None:
    message = queue(practice=PracticeFactory(name="Couples Therapy North", mail_name="North"))
    queue(practice=PracticeFactory(name="Couples Therapy South"))
    outbox.dispatch(at=NOW)
    first, second = sorted(mail.outbox, key=lambda sent: sent.subject, reverse=True)
    assert (first.subject, first.from_email) == ("A message from North", "North <messages@localhost>")
    assert second.subject == "A message for you"
    assert "Therapy" not in str(second.message())
    assert first.extra_headers == {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Message-ID": f"<{message.pk}@localhost>",
    }


def test_every_registered_path_exists() -> None:
    from django.utils.module_loading import import_string

    assert {"staff-invitation", "password-reset", "sign-in-changed"} <= hooks._letters.keys()
    assert [path for path in hooks.paths() if not callable(import_string(path))] == []


def test_a_template_name_is_taken_once() -> None:
    hooks.register_letter("password-reset", "practice.mail.password_reset")
    with pytest.raises(ValueError, match="registered twice"):
        hooks.register_letter("password-reset", "somewhere.else")


def test_sweep_forgets_what_ended_long_ago() -> None:
    old, week = NOW - dt.timedelta(days=91), NOW - dt.timedelta(days=7)
    rows = {
        (state, template, at): OutboxMessage.objects.create(
            purpose=str(uuid.uuid4()), template=template, state=state, created_at=at
        )
        for state, template, at in (
            ("sent", "test", old),
            ("sent", "test", week),
            ("uncertain", "test", old),
            ("withheld", "password-reset", week),
            ("withheld", "test", week),
        )
    }
    tasks.clear_sessions()
    left = set(OutboxMessage.objects.values_list("pk", flat=True))
    assert [key for key, row in rows.items() if row.pk not in left] == [
        ("sent", "test", old),
        ("withheld", "password-reset", week),
    ]


def test_each_task_has_a_queue() -> None:
    from config.celery import app

    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert ours == set(app.conf.task_routes)


def test_tasks_are_those_that_beat_rings() -> None:
    from config.celery import app

    rung = {entry["task"] for entry in app.conf.beat_schedule.values() if entry["task"].startswith("practice.")}
    assert rung == {tasks.dispatch_mail.name, tasks.clear_sessions.name}
