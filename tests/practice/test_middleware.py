"""Request ids, methods, headers, denials and their limit, the practice one acts for."""

import datetime
import uuid
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from practice import middleware
from practice.models import AuditEvent, Membership
from tests.factories.practice import MembershipFactory, PracticeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory(roles="owner", practice__time_zone="Europe/Vienna")


@pytest.fixture
def browser(owner) -> Browser:
    browser = Browser()
    browser.force_login(owner.user)
    return browser


def test_each_request_has_an_id_and_its_rows_carry_it(browser) -> None:
    first, second = (browser.get(reverse("dashboard:people"))["X-Request-ID"] for _ in range(2))
    assert first != second
    assert list(AuditEvent.objects.filter(subject="people").values_list("request_id", flat=True)) == [first, second]


def test_privacy_headers(browser) -> None:
    response = browser.get(reverse("dashboard:people"))
    assert response["Cache-Control"] == "no-store, private"
    assert "camera=()" in response["Permissions-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_reach_no_view(browser, method) -> None:
    response = browser.generic(method, reverse("dashboard:invite"))
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")


def test_a_denial_writes_one_row_whether_the_id_exists_or_not(browser, owner) -> None:
    foreign = MembershipFactory()
    for pk in (foreign.pk, uuid.uuid4()):
        assert browser.get(reverse("dashboard:member", kwargs={"pk": pk})).status_code == 404
        row = AuditEvent.objects.get(action="denied", subject_id=pk)
        assert (row.actor_id, row.practice_id, row.subject) == (owner.user_id, owner.practice_id, "membership")
        assert row.detail == {"method": "GET"}


def test_guessing_is_slowed(browser) -> None:
    """Abuse 15: after so many denials every further one is 429; pages one may open still open."""

    def guess() -> int:
        return browser.get(reverse("dashboard:member", kwargs={"pk": uuid.uuid4()})).status_code

    codes = [guess() for _ in range(middleware.DENIALS_ALLOWED + 2)]
    assert codes == [404] * middleware.DENIALS_ALLOWED + [429, 429]
    assert browser.get(reverse("dashboard:people")).status_code == 200
    assert AuditEvent.objects.filter(action="denied").count() == middleware.DENIALS_ALLOWED + 2


def test_anonymous_guessing_is_slowed_by_address() -> None:
    def guess(address: str) -> int:
        return Browser(REMOTE_ADDR=address).get(reverse("join", kwargs={"token": "x" * 43})).status_code

    codes = [guess("10.0.0.1") for _ in range(middleware.DENIALS_ALLOWED + 1)]
    assert codes[-1] == 429
    assert guess("10.0.0.2") == 404


@pytest.mark.parametrize(("proxies", "second"), [(1, 404), (0, 429)])
def test_who_guesses_behind_a_proxy_slows_nobody_else(settings, proxies, second) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies

    def guess(address: str) -> int:
        browser = Browser(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=address)
        return browser.get(reverse("join", kwargs={"token": "a" * 43})).status_code

    for _ in range(middleware.DENIALS_ALLOWED):
        guess("198.51.100.7")
    # what the client itself writes stands before the proxy's word and counts for nothing
    assert guess("203.0.113.9, 198.51.100.7") == 429
    assert guess("198.51.100.8") == second


def test_an_unknown_address_is_404_and_no_denial(browser) -> None:
    assert browser.get("/nothing/here/").status_code == 404
    assert not AuditEvent.objects.filter(action="denied").exists()


def test_switching_the_practice(browser, owner) -> None:
    second = MembershipFactory(user=owner.user, roles="owner", starts_on=datetime.date(2021, 1, 1))
    page = reverse("dashboard:people")
    assert browser.get(page).context["membership"] == owner
    assert browser.post(reverse("dashboard:switch_practice"), {"practice": second.practice_id}).status_code == 302
    assert browser.get(page).context["membership"] == second
    for foreign in (PracticeFactory().pk, "nonsense", ""):
        assert browser.post(reverse("dashboard:switch_practice"), {"practice": foreign}).status_code == 404
    assert browser.get(page).context["membership"] == second


def test_a_practice_that_one_left_is_not_chosen_any_more(browser, owner) -> None:
    second = MembershipFactory(user=owner.user, roles="owner", starts_on=datetime.date(2021, 1, 1))
    browser.post(reverse("dashboard:switch_practice"), {"practice": second.practice_id})
    second.ends_on = second.starts_on
    second.save()
    assert browser.get(reverse("dashboard:people")).context["membership"] == owner


def test_pages_are_in_the_practices_zone_and_the_next_request_is_not(rf, owner) -> None:
    zones = []
    request = rf.get("/")
    request.user, request.session = owner.user, {}
    middleware.MembershipMiddleware(lambda _request: zones.append(timezone.get_current_timezone()))(request)
    assert zones == [ZoneInfo("Europe/Vienna")]
    assert str(timezone.get_current_timezone()) == "UTC"
