"""The caseload in the browser: by keyboard alone, keys switched off for good, without script, under the policy."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Product
from tests.browser.test_main_journey import CLINICIAN, sign_in

NAMES = "th.who > a:first-child"


@pytest.fixture
def caseload(page: Page) -> Page:
    sign_in(page, CLINICIAN)
    page.goto("/caseload/")
    return page


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_by_keyboard(caseload: Page) -> None:
    page, names = caseload, caseload.locator(NAMES).all_inner_texts()
    page.keyboard.press("j")
    assert focused(page) == names[0]
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("k")
    assert focused(page) == names[1]
    page.keyboard.press("x")
    expect(page.locator("[data-pick-count]")).to_have_text("1 chosen")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(names[1])
    page.go_back()
    page.keyboard.press("?")
    expect(page.locator("[data-keys]")).to_have_attribute("open", "")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("jkx/?")
    expect(page.locator("[data-search]")).to_have_value("jkx/?")  # while somebody types, a key is a letter
    page.locator("[data-search]").fill(names[2].split()[0])
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("^Name: "))).to_be_visible()
    assert page.url.endswith("/caseload/?n=1")
    page.get_by_role("link", name="Caseload", exact=True).click()
    expect(page.locator(NAMES)).to_have_count(len(names))
    assert page.faults == []  # type: ignore[attr-defined]


def test_keys_can_be_switched_off_and_stay_off(caseload: Page) -> None:
    page = caseload
    page.locator("[data-keys] > summary").click()
    toggle = page.get_by_role("button", name="Single keys")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    toggle.click()
    page.reload()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name || ''") == ""
    page.locator("[data-keys] > summary").click()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    toggle.click()
    page.locator("body").click(position={"x": 5, "y": 5})
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"


def test_choosing_all_and_assigning(caseload: Page, axe: Callable[[Page], list[str]]) -> None:
    page = caseload
    page.get_by_role("button", name="Choose all on this page").click()
    count = page.locator(NAMES).count()
    expect(page.locator("[data-pick-count]")).to_have_text(f"{count} chosen")
    page.get_by_role("button", name="Assign to those chosen").click()
    expect(page.get_by_text(f"{count} clients are chosen.")).to_be_visible()
    assert re.search(r"/caseload/assign/$", page.url)
    page.get_by_label("Attunement").check()
    expect(page.locator("#several-people")).to_contain_text("10 items")
    assert axe(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert axe(page) == []


def test_filters_by_themselves_and_without_script(
    caseload: Page, browser: Browser, live_product: Product, axe: Callable[[Page], list[str]]
) -> None:
    page = caseload
    page.get_by_text("Filter and sort").click()
    page.get_by_label("No session planned").check()
    page.wait_for_url(re.compile(r"\?f=6"))
    assert axe(page) == []
    context = browser.new_context(base_url=live_product.url, java_script_enabled=False)
    plain = context.new_page()
    sign_in(plain, CLINICIAN)
    plain.goto("/caseload/")
    plain.get_by_text("Filter and sort").click()
    plain.get_by_label("Order").select_option(label="Burden, highest first")
    plain.get_by_role("button", name="Apply").click()
    assert "o=5" in plain.url
    with plain.expect_download() as download:
        plain.get_by_role("button", name="CSV").click()
    assert re.fullmatch(r"list-[\d-]+\.csv", download.value.suggested_filename)
    context.close()


def test_the_policy_holds(strict_page: Page) -> None:
    sign_in(strict_page, CLINICIAN)
    strict_page.goto("/caseload/")
    strict_page.keyboard.press("j")
    assert focused(strict_page)
    assert strict_page.faults == []  # type: ignore[attr-defined]
