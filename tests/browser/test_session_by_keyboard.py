"""Prepare, record and close a session with the keyboard alone; and what autosave says when it cannot save."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

PASSWORD, CLINICIAN = "interdependence", "clinician@demo.example"
FAR = 220
"""So many stops at most from one place to the next."""
Axe = Callable[[Page], list[str]]


def tab_to(page: Page, target: Locator, *, back: bool = False) -> None:
    """Press Tab until the target has the focus, which must be visible there."""
    expect(target).to_be_visible()
    for _stop in range(FAR):
        if target.evaluate("one => one === document.activeElement"):
            assert target.evaluate("one => one.matches(':focus-visible')")
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError("not reached by the keyboard")


def sign_in(page: Page) -> None:
    page.goto("/account/sign-in/")
    tab_to(page, page.get_by_label("E-mail address or sign-in code"))
    page.keyboard.type(CLINICIAN)
    tab_to(page, page.get_by_label("Password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).not_to_have_url("/account/sign-in/")


def press(page: Page, target: Locator) -> None:
    tab_to(page, target)
    page.keyboard.press("Enter")


def new_session(page: Page, hour: str = "1200AM") -> None:
    """From the week: somebody in care, today, at an hour that has begun."""
    press(page, page.get_by_role("link", name="Week", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("My week")
    tab_to(page, page.get_by_label("Client", exact=True))
    page.keyboard.press("ArrowDown")
    press(page, page.get_by_role("button", name="Go on"))
    tab_to(page, page.get_by_label("Time", exact=True))
    page.keyboard.type(hour)
    press(page, page.get_by_role("button", name="Add the session"))
    expect(page.get_by_role("heading", name="First, your own ratings")).to_be_visible()


def saved(page: Page) -> Locator:
    return page.locator("[data-saved]")


def test_prepare_record_close(page: Page, axe: Axe) -> None:
    sign_in(page)
    new_session(page)
    assert axe(page) == []

    # Prepare: the twelve by digits, one left out, one put right with the arrows; then the rest opens.
    expect(page.get_by_role("heading", name="Check-in")).to_have_count(0)
    first = page.get_by_role("radiogroup", name="Fear of vulnerability")
    tab_to(page, first.get_by_label("Not discussed"))
    for key in "32n401":
        page.keyboard.press(key)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("2")
    expect(saved(page)).to_contain_text("Saved")
    rated = page.locator("[data-rate] input:checked").evaluate_all("all => all.map(one => one.value)")
    assert rated == ["3", "2", "", "4", "0", "2", "", "", "", "", "", ""]
    press(page, page.get_by_role("button", name="Done: show what the client sent"))
    expect(page.get_by_role("heading", name="Check-in")).to_be_visible()
    expect(page.get_by_role("heading", name="Your ratings and the client’s")).to_be_visible()
    assert axe(page) == []

    # Record: the note saves itself; attendance; a barrier in focus.
    tab_to(page, page.get_by_label("Session note"))
    page.keyboard.type("They spoke about the move.")
    expect(saved(page)).to_contain_text("Saved")
    tab_to(page, page.get_by_label("Attendance"))
    page.keyboard.press("H")
    expect(page.get_by_label("Attendance")).to_have_value("held")
    expect(saved(page)).to_contain_text("Saved")

    # Afterwards: the next date in a week.
    tab_to(page, page.get_by_label("None now"))
    page.keyboard.press("ArrowDown")
    press(page, page.get_by_role("button", name="Add the date"))
    expect(page.get_by_text("The next date is added.")).to_be_visible()
    expect(page.get_by_label("Session note")).to_have_value("They spoke about the move.")

    # Close.
    press(page, page.get_by_role("button", name="Close the session"))
    expect(page.get_by_role("heading", name="This session is closed")).to_be_visible()
    assert axe(page) == []
    assert page.faults == []  # type: ignore[attr-defined]


def test_autosave_is_honest(strict_page: Page) -> None:
    """Offline it says so and tries again; what another tab stored is shown beside what was typed."""
    page = strict_page
    sign_in(page)
    new_session(page, "1201AM")
    note = page.get_by_label("Session note")
    note.fill("Typed in the first tab.")
    expect(saved(page)).to_contain_text("Saved")

    page.context.set_offline(True)
    note.fill("Typed while offline.")
    expect(saved(page)).to_contain_text("not saved yet", timeout=10_000)
    page.context.set_offline(False)
    expect(saved(page)).to_contain_text("Saved", timeout=30_000)

    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_label("Session note")).to_have_value("Typed while offline.")
    other.get_by_label("Session note").fill("Typed in the second tab.")
    expect(saved(other)).to_contain_text("Saved")
    note.fill("Typed in the first tab again.")
    expect(saved(page)).to_contain_text("Both versions are shown")
    expect(page.locator("[data-clash]")).to_contain_text("Typed in the second tab.")
    expect(note).to_have_value("Typed in the first tab again.")
    page.get_by_role("button", name="Keep what I typed").click()
    expect(saved(page)).to_contain_text("Saved")
    other.close()

    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert "tab" not in kept
    page.reload()
    expect(page.get_by_label("Session note")).to_have_value("Typed in the first tab again.")
    blocked = [fault for fault in page.faults if "Content Security Policy" in fault]  # type: ignore[attr-defined]
    assert blocked == []


def test_the_way_to_the_private_note_saves_first(strict_page: Page) -> None:
    """No dialog and nothing lost; what cannot be saved keeps the page, and says so."""
    page = strict_page
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    sign_in(page)
    new_session(page, "1202AM")
    session = page.url
    note, way = page.get_by_label("Session note"), page.get_by_role("link", name="Write a private note")
    note.fill("Typed a moment before.")
    way.click()
    expect(page).to_have_url(session.rstrip("/") + "/private/")
    page.goto(session)
    expect(note).to_have_value("Typed a moment before.")

    page.route("**/save/", lambda route: route.abort())
    note.fill("Cannot be saved.")
    way.click()
    expect(saved(page)).to_contain_text("not saved yet")
    expect(page).to_have_url(session)
    expect(note).to_have_value("Cannot be saved.")
    page.unroute("**/save/")
    way.click()
    expect(page).to_have_url(session.rstrip("/") + "/private/")
    page.goto(session)
    expect(note).to_have_value("Cannot be saved.")
    assert asked == []
