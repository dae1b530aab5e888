"""Answering as people do it: on a phone, with an interruption, without a connection, without script, by keyboard."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Product

WORDS = "several quiet words in a row"
SETUP = """
import json, sys
from assessments.actions.assigning import assign
from assessments.actions.library import publish_instruments
from assessments.actions.links import make_link
from assessments.library import load_definitions
from assessments.queries.library import latest_version
from clients.actions.clients import add_client, invite_client
from practice import tokens
from practice.actions.people import add_member, found_practice
from practice.actions.settings import publish_notice
from practice.models import User
import secrets
publish_instruments(load_definitions())
owner = found_practice(name="Harbour practice", time_zone="America/New_York",
                       owner_email=f"owner-{secrets.token_hex(6)}@example.test", owner_name="Olive Owner")
user = User.objects.create_user(f"t-{secrets.token_hex(6)}@example.test", name="Tess Therapist")
member = add_member(by=owner.user, practice=owner.practice, user=user, roles=["clinician"],
                    starts_on=owner.practice.today())
publish_notice(by=owner.user, practice=owner.practice, text="What you answer is read by your therapist.")
client = add_client(by=user, clinician=member, first_name="Ada", last_name="Bright",
                    email=f"ada-{secrets.token_hex(6)}@example.test", relationship="partner since 2019")
invitation = invite_client(by=user, client=client)
barriers, checkin = latest_version("barriers"), latest_version("session-checkin")
assign(by=user, clients=[client], versions=[checkin])
asked = assign(by=user, clients=[client], versions=[barriers], channel="link")[0]
link, token = make_link(by=user, assignment=asked)
print("SETUP" + json.dumps({"join": tokens.token_for(invitation), "link": token, "email": client.email}))
"""


@dataclass(frozen=True)
class Given:
    """A client with an invitation, a check-in in the portal and the twelve barriers by link."""

    join: str
    link: str
    email: str


@pytest.fixture
def given(live_product: Product) -> Given:
    said = live_product.manage("shell", "-c", SETUP)
    return Given(**json.loads(said.partition("SETUP")[2]))


def pick(page: Page, name: str, value: str) -> None:
    page.locator(f'[name="a.{name}"][value="{value}"]').check()


def saved(page: Page, text: str = "Saved") -> None:
    expect(page.locator("[data-saved]")).to_have_text(text)


def go(page: Page, button: str, address: str) -> None:
    page.get_by_role("button", name=button, exact=False).click()
    page.wait_for_url(re.compile(address))


def open_link(page: Page, given: Given) -> None:
    page.goto(f"/l/{given.link}/")
    go(page, "Open the questions", "/l/$")


def begin(page: Page) -> None:
    page.get_by_label("I have read this and I agree").check()
    go(page, "Begin", "/l/1/$")


def join(page: Page, given: Given) -> None:
    page.goto(f"/welcome/{given.join}/")
    go(page, "Begin", "/welcome/$")
    page.get_by_label("Password", exact=True).fill(WORDS)
    page.get_by_label("Password, once more").fill(WORDS)
    go(page, "Go on", "/my/welcome/$")


def test_by_link_on_a_phone_interrupted_and_sent(phone: Page, given: Given, axe: Callable[[Page], list[str]]) -> None:
    open_link(phone, given)
    assert axe(phone) == []
    begin(phone)
    for name, value in (("vulnerability", "3"), ("past", "1"), ("expectations", "0"), ("independence", "2")):
        pick(phone, name, value)
    phone.locator("summary").first.click()
    phone.locator("textarea").first.fill("It is hard to say what I need.")
    saved(phone)
    assert axe(phone) == []
    go(phone, "Next", "/l/2/$")
    pick(phone, "insecurity", "4")
    saved(phone)
    # Interrupted: the page is closed, and the link opened again on the same phone.
    context = phone.context
    phone.close()
    again = context.new_page()
    again.goto(f"/l/{given.link}/")
    again.wait_for_url(re.compile("/l/2/$"))
    expect(again.locator('[name="a.insecurity"][value="4"]')).to_be_checked()
    go(again, "Next", "/l/3/$")
    go(again, "Next", "/l/4/$")
    again.get_by_label("In my own words").fill("The commute.")
    for code in ("vulnerability", "insecurity", "past", "power"):
        pick(again, "focus", code)
    saved(again, "Not saved: please look at the marked answer.")
    expect(again.locator("#q-focus-error")).to_contain_text("choose at most 3; 4 are chosen.")
    again.locator('[name="a.focus"][value="power"]').uncheck()
    saved(again)
    go(again, "Next", "/l/review/$")
    assert axe(again) == []
    expect(again.get_by_text("Quite a lot")).to_be_visible()
    expect(again.get_by_text("It is hard to say what I need.")).to_be_visible()
    expect(again.get_by_text("Fear of vulnerability, Past relationship problems, Insecurity")).to_be_visible()
    expect(again.get_by_text("7 questions have no answer.")).to_be_visible()
    go(again, "Send to my therapist", "/l/done/$")
    assert axe(again) == []
    receipt = again.locator(".receipt-code").inner_text()
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", receipt)
    again.goto(f"/l/{given.link}/")
    again.wait_for_url(re.compile("/l/done/$"))
    assert again.locator(".receipt-code").inner_text() == receipt


def test_in_the_portal_begun_on_one_device_and_finished_on_another(
    phone: Page, new_page: Callable[..., Page], given: Given, axe: Callable[[Page], list[str]]
) -> None:
    join(phone, given)
    assert axe(phone) == []
    go(phone, "I agree", "/my/$")
    assert axe(phone) == []
    phone.get_by_role("link", name=re.compile("Before we meet")).click()
    assert axe(phone) == []
    go(phone, "Begin", "/1/$")
    assert phone.locator("input:checked").count() == 0
    pick(phone, "connected", "7")
    pick(phone, "myself", "0")
    saved(phone)
    expect(phone.locator("[data-answered]")).to_have_text("2 of 8 answered")
    assert phone.faults == []  # type: ignore[attr-defined]
    phone.context.close()
    desk = new_page(width=1440)
    desk.goto("/account/sign-in/")
    desk.get_by_label("E-mail address or sign-in code").fill(given.email)
    desk.get_by_label("Password").fill(WORDS)
    go(desk, "Sign in", "/my/$")
    desk.get_by_role("link", name=re.compile("Before we meet")).click()
    desk.wait_for_url(re.compile("/1/$"))
    expect(desk.locator('[name="a.connected"][value="7"]')).to_be_checked()
    expect(desk.locator('[name="a.myself"][value="0"]')).to_be_checked()
    # An answer can be left open again.
    desk.locator("[data-question=connected] .no-answer input").check()
    saved(desk)
    expect(desk.locator("[data-answered]")).to_have_text("1 of 8 answered")
    go(desk, "Next", "/2/$")
    pick(desk, "life-events", "work")
    desk.get_by_label("This is what I want from today.").fill("Some rest.")
    go(desk, "Next", "/review/$")
    desk.get_by_role("link", name=re.compile("I felt free to be myself")).click()
    desk.wait_for_url(re.compile(r"/1/\?review=1#q-myself-1$"))
    pick(desk, "myself", "10")
    go(desk, "Save and go back to the review", "/review/$")
    expect(desk.get_by_text("10 out of 10")).to_be_visible()
    go(desk, "Send to my therapist", "/done/$")
    expect(desk.get_by_text("results come when your therapist releases them")).to_be_visible()
    desk.get_by_role("link", name="Back to Today").click()
    expect(desk.get_by_text("What you finished")).to_be_visible()
    assert desk.faults == []  # type: ignore[attr-defined]


def test_offline_answers_wait_and_are_saved_later(phone: Page, given: Given) -> None:
    open_link(phone, given)
    begin(phone)
    phone.context.set_offline(True)
    pick(phone, "past", "2")
    saved(phone, "Not saved yet, will try again")
    pick(phone, "expectations", "4")
    phone.get_by_role("button", name="Next").click()
    saved(phone, "Not saved yet, will try again")
    phone.context.set_offline(False)
    saved(phone)
    assert phone.evaluate("localStorage.length + sessionStorage.length") == 0
    phone.reload()
    expect(phone.locator('[name="a.past"][value="2"]')).to_be_checked()
    expect(phone.locator('[name="a.expectations"][value="4"]')).to_be_checked()


def test_two_tabs_are_told(phone: Page, given: Given) -> None:
    open_link(phone, given)
    begin(phone)
    second = phone.context.new_page()
    second.goto("/l/1/")
    pick(phone, "past", "1")
    saved(phone)
    pick(second, "past", "4")
    saved(second)
    expect(second.locator("#q-past-error")).to_contain_text("In another window you chose “A little” here.")
    second.goto("/l/review/")
    go(second, "Send to my therapist", "/l/done/$")
    pick(phone, "past", "2")
    saved(phone, "Not saved: these answers were sent already.")


def test_without_script(browser: Browser, live_product: Product, given: Given) -> None:
    context = browser.new_context(base_url=live_product.url, java_script_enabled=False)
    page = context.new_page()
    open_link(page, given)
    begin(page)
    pick(page, "past", "3")
    go(page, "Next", "/l/2/$")
    go(page, "Back", "/l/1/$")
    expect(page.locator('[name="a.past"][value="3"]')).to_be_checked()
    page.locator("[data-question=past] .no-answer input").check()
    go(page, "Skip to the end", "/l/review/$")
    expect(page.get_by_text("14 questions have no answer.")).to_be_visible()
    context.close()


def test_by_keyboard(page: Page, given: Given) -> None:
    open_link(page, given)
    begin(page)
    page.locator('[name="a.vulnerability"]').first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    saved(page)
    expect(page.locator('[name="a.vulnerability"][value="2"]')).to_be_checked()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/l/2/$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1440])
def test_every_page_is_accessible_and_fits(
    new_page: Callable[..., Page], given: Given, axe: Callable[[Page], list[str]], width: int, scheme: str
) -> None:
    page = new_page(width=width, color_scheme=scheme, reduced_motion="reduce")
    faults: dict[str, object] = {}

    def look(name: str) -> None:
        found = axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if found or wide:
            faults[name] = (found, wide)

    page.goto(f"/l/{given.link}/")
    look("link")
    open_link(page, given)
    look("introduction")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator(".error-summary")).to_be_visible()
    look("introduction without consent")
    begin(page)
    look("page")
    small = page.evaluate(
        """() => [...document.querySelectorAll("main button, main .option, main .scale-stop, main summary")]
        .filter((one) => one.checkVisibility() && !one.classList.contains("visually-hidden"))
        .map((one) => one.getBoundingClientRect().height).filter((height) => height < 47.9)"""
    )
    assert small == []
    page.goto("/l/4/")
    for code in ("vulnerability", "insecurity", "past", "power"):
        pick(page, "focus", code)
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".error-summary")).to_be_visible()
    look("page with an error")
    page.goto("/l/review/")
    look("review")
    go(page, "Send to my therapist", "/l/done/$")
    look("receipt")
    page.context.clear_cookies()
    page.goto("/l/")
    look("gone")
    join(page, given)
    look("notice")
    page.get_by_role("link", name="To Today").click()
    page.wait_for_url(re.compile("/my/$"))
    look("today")
    page.get_by_role("link", name="Mine").click()
    look("mine")
    page.get_by_role("link", name=re.compile("Safe contact")).click()
    look("safe contact")
    page.get_by_label("Yes, by e-mail").check()
    page.get_by_label("E-mail address that only you read").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".error-summary")).to_be_visible()
    look("safe contact with an error")
    assert faults == {}


def test_answering_is_light_and_obeys_the_policy(strict_page: Page, given: Given) -> None:
    """Everything a phone loads for the first page of questions, compressed: less than 60 kB."""
    open_link(strict_page, given)
    begin(strict_page)
    session = strict_page.context.new_cdp_session(strict_page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    strict_page.reload(wait_until="networkidle")
    pick(strict_page, "past", "2")
    saved(strict_page)
    assert 0 < sum(sizes) < 60_000, sizes
    assert strict_page.faults == []  # type: ignore[attr-defined]


def test_leaving_at_once_signs_out_and_leaves_no_way_back(page: Page, given: Given) -> None:
    page.route("https://www.bbc.com/**", lambda route: route.fulfill(body="<title>Weather</title>"))
    join(page, given)
    go(page, "I agree", "/my/$")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    page.wait_for_url(re.compile("bbc.com"))
    page.goto("/my/")
    page.wait_for_url(re.compile("/account/sign-in/"))
