"""Pages beside sign-in and error pages: the way out and the crisis text for everybody who is not a member."""

import re
import uuid

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse

from tests.factories.clients import ClientFactory
from tests.factories.practice import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

WORDS = "Call 988 at any hour."
GENERAL = "call your local emergency number now"
PAGES = ["account_reauthenticate", "account_change_password", "mfa_index", "mfa_activate_totp", "usersessions_list"]


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


@pytest.fixture
def mine() -> Browser:
    client = ClientFactory(user=UserFactory(), practice__crisis_text=WORDS)
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(client.user)
    return browser


@pytest.fixture
def staff() -> Browser:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(MembershipFactory(roles="owner").user)
    return browser


def shows(response) -> tuple[bool, bool, bool]:
    """Whether the page has the way out, the practice's text, the general text."""
    page = response.content.decode()
    return "data-quick-exit" in page, WORDS in page, GENERAL in page


def errors(browser: Browser) -> dict[int, object]:
    """The error pages that one can come upon, by status."""
    found = {
        404: browser.get("/clients/nowhere"),
        403: browser.post(reverse("portal:quick_exit")),
        400: browser.post(reverse("account_login"), {"login": "x" * 1_500_000}),
    }
    for _ in range(31):
        found[429] = browser.get(reverse("dashboard:client", args=[uuid.uuid4()]))
    return found


@pytest.mark.parametrize("name", PAGES)
def test_a_clients_own_sign_in_pages_have_both(mine, name) -> None:
    response = mine.get(reverse(name), follow=True)
    assert response.status_code == 200
    assert shows(response) == (True, True, False)


def test_error_pages_of_a_client_have_both(mine) -> None:
    for status, response in errors(mine).items():
        assert (response.status_code, shows(response)) == (status, (True, True, False))


def test_error_pages_of_nobody_known_have_the_general_text() -> None:
    found = errors(Browser(enforce_csrf_checks=True))
    for status in (404, 403, 400):
        assert (found[status].status_code, shows(found[status])) == (status, (True, False, True))


def test_error_pages_of_a_member_have_neither(staff) -> None:
    for status, response in errors(staff).items():
        assert (response.status_code, shows(response)) == (status, (False, False, False))


def test_a_clients_404_is_the_same_for_what_exists_and_what_does_not(mine) -> None:
    pages = []
    for pk in (ClientFactory().pk, uuid.uuid4()):
        page = mine.get(reverse("portal:contact", args=[pk]))
        assert page.status_code == 404
        pages.append(re.sub(r'(csrf-token" content=|csrfmiddlewaretoken" value=)"\w+"', "", page.content.decode()))
    assert pages[0] == pages[1]


def test_the_text_is_that_of_the_practice_in_care(mine) -> None:
    user = UserFactory()
    ClientFactory(user=user, status="discharged", practice__crisis_text="Of former times.")
    ClientFactory(user=user, practice__crisis_text=WORDS)
    browser = Browser()
    browser.force_login(user)
    assert shows(browser.get("/clients/nowhere")) == (True, True, False)
