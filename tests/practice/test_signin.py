"""Signing in and out, limits, forgotten passwords, the second factor, idle sign-out, what the audit trail keeps."""

import re
import time
from unittest import mock

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from practice import hooks
from practice.actions import outbox
from practice.models import AuditEvent, OutboxMessage, User
from tests.factories.practice import PASSWORD, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

LOGIN, NEW = reverse("account_login"), "nine unrelated purple trestles"
RESET = reverse("account_reset_password")
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _no_limits_left() -> None:
    cache.clear()


@pytest.fixture
def user() -> User:
    return MembershipFactory(roles="owner", user__sign_in="ada@example.test").user


def sign_in(browser: Browser, name: str, password: str = PASSWORD):
    return browser.post(LOGIN, {"login": name, "password": password})


def is_in(browser: Browser) -> bool:
    return "_auth_user_id" in browser.session


def events(*actions: str) -> list[tuple]:
    rows = AuditEvent.objects.filter(action__in=actions) if actions else AuditEvent.objects.all()
    return list(rows.order_by("id").values_list("action", "actor_id", "subject_id", "practice_id"))


@pytest.mark.parametrize("name", ["ada@example.test", "ADA@Example.TEST", "  ada@example.test "])
def test_by_address_in_any_case(user, name) -> None:
    browser = Browser()
    response = sign_in(browser, name)
    assert (response.status_code, response["Location"]) == (302, reverse("home"))
    assert is_in(browser)


@pytest.mark.parametrize("name", ["k7-lime-otter", "K7-LIME-OTTER"])
def test_by_code(name) -> None:
    UserFactory(sign_in="k7-lime-otter", email="")
    browser = Browser()
    sign_in(browser, name)
    assert is_in(browser)


def test_partners_who_share_an_address_sign_in_by_their_own_names() -> None:
    _first, second = (UserFactory(sign_in=f"code-{n}", email="both@example.test") for n in (1, 2))
    browser = Browser()
    sign_in(browser, "both@example.test")
    assert not is_in(browser)
    sign_in(browser, second.sign_in)
    assert browser.session["_auth_user_id"] == str(second.pk)


def test_wrong_password_and_unknown_name_look_alike(user) -> None:
    pages = []
    for name in ("ada@example.test", "nobody@example.test"):
        response = sign_in(Browser(), name, "wrong password")
        assert response.status_code == 200
        pages.append(re.sub(r'value="[^"]*"|csrf-token" content="\w+"', "", response.content.decode()))
    assert pages[0] == pages[1]


def test_failed_sign_ins_are_recorded_without_a_name(user) -> None:
    sign_in(Browser(), "Ada@example.test", "wrong password")
    sign_in(Browser(), "nobody@example.test", "wrong password")
    (practice,) = hooks.practices_of(user)
    assert events() == [("sign-in-failed", None, user.pk, practice), ("sign-in-failed", None, None, None)]
    assert "example.test" not in str(list(AuditEvent.objects.values()))


def test_sign_in_and_out_are_recorded_once_a_practice(user) -> None:
    other = MembershipFactory(user=user)
    browser = Browser()
    sign_in(browser, user.sign_in)
    browser.post(reverse("account_logout"))
    practices = sorted([other.practice_id, user.memberships.exclude(pk=other.pk).get().practice_id])
    assert events() == [
        (action, user.pk, user.pk, practice) for action in ("signed-in", "signed-out") for practice in practices
    ]
    assert not is_in(browser)


def test_a_planted_session_is_rotated(user) -> None:
    """Abuse 37."""
    browser = Browser()
    session = browser.session
    session["planted"] = "x"
    session.save()
    planted = session.session_key
    browser.cookies["sessionid"] = planted
    sign_in(browser, user.sign_in)
    assert is_in(browser)
    assert browser.cookies["sessionid"].value != planted


def test_five_wrong_passwords_close_the_name_for_a_while(user) -> None:
    for _ in range(5):
        sign_in(Browser(REMOTE_ADDR="10.0.0.1"), user.sign_in, "wrong password")
    browser = Browser(REMOTE_ADDR="10.0.0.2")
    response = sign_in(browser, user.sign_in)
    assert not is_in(browser)
    assert "Too many" in response.content.decode()
    other = UserFactory()
    sign_in(browser, other.sign_in)
    assert is_in(browser)


def test_sign_ins_of_one_address_are_limited() -> None:
    codes = [sign_in(Browser(), f"n{n}@example.test", "wrong").status_code for n in range(31)]
    assert (codes[0], codes[-1]) == (200, 429)


def test_a_deactivated_user_is_out_with_the_next_request(user) -> None:
    browser = Browser()
    sign_in(browser, user.sign_in)
    assert browser.get(reverse("dashboard:people")).status_code == 200
    User.objects.update(is_active=False)
    response = browser.get(reverse("dashboard:people"))
    assert response["Location"].startswith(LOGIN)
    browser = Browser()
    sign_in(browser, user.sign_in)
    assert not is_in(browser)


def test_an_ended_membership_opens_nothing_with_the_next_request(user) -> None:
    browser = Browser()
    sign_in(browser, user.sign_in)
    row = user.memberships.get()
    row.ends_on = row.starts_on
    row.save()
    assert browser.get(reverse("dashboard:people")).status_code == 404
    assert "belong to no practice" in browser.get(reverse("home")).content.decode()


def test_idle_sign_out(user, settings) -> None:
    """Abuse 37: polling is not being there."""
    browser, start = Browser(), int(time.time())
    page = reverse("usersessions_list")
    sign_in(browser, user.sign_in)

    def get(after: int, **headers) -> bool:
        with mock.patch("practice.middleware.time.time", return_value=start + after):
            return browser.get(page, **headers).status_code == 200

    assert get(0)
    assert get(settings.SESSION_IDLE_SECONDS)  # just in time, and counts as being there
    assert get(settings.SESSION_IDLE_SECONDS + 1800, HTTP_X_POLL="1")
    assert not get(settings.SESSION_IDLE_SECONDS * 2 + 1, HTTP_X_POLL="1")
    assert AuditEvent.objects.filter(action="signed-out").latest("id").detail == {"idle": True}


def test_a_fragment_is_sent_to_the_whole_sign_in_page() -> None:
    response = Browser().get(reverse("home"), HTTP_HX_REQUEST="true")
    assert (response.status_code, response["HX-Redirect"]) == (401, LOGIN)


def reset_link() -> str:
    outbox.dispatch()
    (link,) = re.findall(r"https?://[^/]+(/account/password/reset/key/\S+)", mail.outbox[-1].body)
    return link


def test_forgotten_password(user) -> None:
    response = Browser().post(RESET, {"email": "ADA@example.test"})
    assert response["Location"] == reverse("account_reset_password_done")
    link, browser = reset_link(), Browser()
    form = browser.get(link, follow=True)
    response = browser.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert response["Location"] == reverse("account_reset_password_from_key_done")
    assert not is_in(browser)
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert [row[:2] for row in events("password-reset")] == [("password-reset", user.pk)]
    assert Browser().get(link, follow=True).context["token_fail"] is True  # works once


def test_unknown_address_same_page_same_work(user) -> None:
    """Abuse 39: the same answer, and the same rows written; nothing is sent."""
    answers = []
    for address in ("ada@example.test", "nobody@example.test"):
        before = OutboxMessage.objects.count()
        with mock.patch("practice.actions.mail.ring") as ring:
            response = Browser().post(RESET, {"email": address})
        page = Browser().get(response["Location"]).content
        answers.append(
            (response.status_code, response["Location"], OutboxMessage.objects.count() - before, ring.call_args)
        )
        assert b"@" not in page
    assert answers[0] == answers[1]
    assert "nobody" not in str(list(OutboxMessage.objects.values()))
    assert outbox.dispatch() == 1
    assert [message.to for message in mail.outbox] == [["ada@example.test"]]


def test_unknown_and_known_address_take_as_many_queries(user) -> None:

    counts = []
    for address in ("ada@example.test", "nobody@example.test"):
        cache.clear()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            Browser().post(RESET, {"email": address})
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_one_reset_mail_a_minute_and_none_to_the_deactivated(user) -> None:
    UserFactory(sign_in="gone@example.test", is_active=False)
    for address in ("ada@example.test", "ada@example.test", "gone@example.test"):
        Browser().post(RESET, {"email": address})
    outbox.dispatch()
    assert [message.to for message in mail.outbox] == [["ada@example.test"]]


def test_partners_who_share_an_address_get_a_link_each() -> None:
    for n in (1, 2):
        UserFactory(sign_in=f"code-{n}", email="both@example.test")
    Browser().post(RESET, {"email": "both@example.test"})
    outbox.dispatch()
    assert sorted(re.findall(r"code-\d", "".join(message.body for message in mail.outbox))) == ["code-1", "code-2"]


def test_a_guard_withholds_sign_in_mail(user, monkeypatch) -> None:
    monkeypatch.setattr(hooks, "_mail_guards", ["tests.practice.test_signin.nobody"])
    Browser().post(RESET, {"email": "ada@example.test"})
    assert outbox.dispatch() == 0
    assert OutboxMessage.objects.get().state == "withheld"


def nobody(_user: User) -> bool:
    return False


def with_second_factor(user: User) -> None:
    totp.TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)


def code() -> str:
    return totp.format_hotp_value(totp.hotp_value(SECRET, next(iter(totp.yield_hotp_counters_from_time()))))


def test_second_factor_is_demanded(user) -> None:
    with_second_factor(user)
    browser = Browser()
    response = sign_in(browser, user.sign_in)
    assert response["Location"].startswith(reverse("mfa_authenticate"))
    assert not is_in(browser)
    assert browser.get(response["Location"]).status_code == 200
    browser.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not is_in(browser)
    assert [row[:3] for row in events("second-step-failed")] == [("second-step-failed", None, user.pk)]
    browser.post(reverse("mfa_authenticate"), {"code": code()})
    assert is_in(browser)


def test_a_code_works_once(user) -> None:
    with_second_factor(user)
    used = code()
    for expected in (True, False):
        browser = Browser()
        sign_in(browser, user.sign_in)
        browser.post(reverse("mfa_authenticate"), {"code": used})
        assert is_in(browser) is expected


def test_reset_with_second_factor_still_demands_it(user) -> None:
    """Abuse 38."""
    with_second_factor(user)
    Browser().post(RESET, {"email": user.email})
    browser = Browser()
    form = browser.get(reset_link(), follow=True)
    browser.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert not is_in(browser)
    response = sign_in(browser, user.sign_in, NEW)
    assert response["Location"].startswith(reverse("mfa_authenticate"))
    assert not is_in(browser)


def confirmed(user: User, password: str = PASSWORD) -> Browser:
    """Signed in, and the password just confirmed."""
    browser = Browser()
    sign_in(browser, user.sign_in, password)
    if mfa_adapter().is_mfa_enabled(user):
        browser.post(reverse("mfa_authenticate"), {"code": code()})
    browser.post(reverse("account_reauthenticate"), {"password": password})
    assert is_in(browser)
    return browser


def test_second_factor_after_a_reset(user) -> None:
    Browser().post(RESET, {"email": user.email})
    browser = Browser()
    form = browser.get(reset_link(), follow=True)
    browser.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    EmailAddress.objects.update_or_create(user=user, email=user.email, verified=False)  # as allauth leaves it
    assert confirmed(user, NEW).get(reverse("mfa_activate_totp")).status_code == 200


def test_turning_the_second_factor_on_and_off(user, django_capture_on_commit_callbacks) -> None:
    browser = confirmed(user)
    page = browser.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200
    secret = page.context["form"].secret
    with mock.patch(f"{__name__}.SECRET", secret):
        wrong = browser.post(reverse("mfa_activate_totp"), {"code": "000000"})
        assert (wrong.status_code, list(wrong.context["form"].errors)) == (200, ["code"])
        with django_capture_on_commit_callbacks(execute=True):
            assert browser.post(reverse("mfa_activate_totp"), {"code": code()}).status_code == 302
    for name in ("mfa_index", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp"):
        assert browser.get(reverse(name)).status_code == 200, name
    assert browser.get(reverse("mfa_download_recovery_codes"))["Content-Disposition"].startswith("attachment")
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(reverse("mfa_generate_recovery_codes")).status_code == 302
    assert browser.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert [(row[0], row[1]) for row in events()] == [
        ("signed-in", user.pk),
        ("second-step-on", user.pk),
        ("second-step-on", user.pk),  # recovery codes come with it
        ("second-step-renewed", user.pk),
        ("second-step-off", user.pk),
        ("second-step-off", user.pk),
    ]
    outbox.dispatch()
    assert mail.outbox
    assert {(message.to[0], message.subject) for message in mail.outbox} == {("ada@example.test", "A message for you")}


def test_changing_the_password(user) -> None:
    browser, other = confirmed(user), confirmed(user)
    page = reverse("account_change_password")
    wrong = browser.post(page, {"oldpassword": "wrong", "password1": NEW, "password2": NEW})
    assert list(wrong.context["form"].errors) == ["oldpassword"]
    assert browser.post(page, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}).status_code == 302
    assert [row[:2] for row in events("password-changed")] == [("password-changed", user.pk)]
    assert browser.get(page).status_code == 200
    assert other.get(page).status_code == 302  # the other device is signed out


def test_sensitive_pages_ask_for_the_password_again(user) -> None:
    browser = Browser()
    browser.force_login(user)
    asked = browser.get(reverse("mfa_activate_totp"))
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert browser.get(asked["Location"]).status_code == 200
    browser.post(asked["Location"], {"password": "wrong"})
    assert browser.get(reverse("mfa_activate_totp")).status_code == 302
    browser.post(asked["Location"], {"password": PASSWORD})
    assert browser.get(reverse("mfa_activate_totp")).status_code == 200


def test_devices_are_listed_and_signed_out(user) -> None:
    browser, other = confirmed(user), confirmed(user)
    page = browser.get(reverse("usersessions_list"))
    assert page.status_code == 200
    browser.post(reverse("usersessions_list"))
    assert other.get(reverse("usersessions_list")).status_code == 302
    assert browser.get(reverse("usersessions_list")).status_code == 200


def test_nobody_signs_up_by_themselves() -> None:
    for path in ("/account/signup/", "/account/sign-up/", "/accounts/signup/"):
        assert Browser().get(path).status_code == 404


def test_next_goes_nowhere_else(user) -> None:
    for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        response = Browser().post(LOGIN, {"login": user.sign_in, "password": PASSWORD, "next": target})
        assert response["Location"] == reverse("home")


def test_tokens_stand_in_no_log(user, caplog) -> None:
    Browser().post(RESET, {"email": user.email})
    link = reset_link()
    with caplog.at_level("DEBUG"):
        Browser().get(link, follow=True)
        Browser().get("/join/" + "a" * 43 + "/")
    assert link.rpartition("-")[2].strip("/") not in caplog.text
    assert "a" * 43 not in caplog.text
