"""The main journey against the real processes: a client is added and asked, answers on a phone with an interruption,
the barrier map shows it, the focus is set, the worker makes the report, the PDF is opened; the supervisor looks on."""

import io
import re
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

PASSWORD = "interdependence"
CLINICIAN, SUPERVISOR, OWNER = "clinician@demo.example", "supervisor@demo.example", "owner@demo.example"
READY_MS = 60_000
Axe = Callable[[Page], list[str]]


def sign_in(page: Page, sign_in_name: str) -> None:
    page.goto("/account/sign-in/")
    page.get_by_label("E-mail address or sign-in code").fill(sign_in_name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_url("/account/sign-in/")


def add_client(page: Page, last_name: str) -> str:
    """Add a client; the record's address."""
    page.get_by_role("link", name="Add a client").click()
    page.get_by_label("First name").fill("Noemi")
    page.get_by_label("Last name").fill(last_name)
    page.get_by_role("button", name="Add the client").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Noemi {last_name}")
    return page.url


def hold_session(page: Page, record: str, note: str) -> None:
    """A session that began on this morning's first minute and was held."""
    page.goto(f"{record}sessions/new/")
    page.get_by_label("Attendance").select_option(label="Held")
    page.get_by_label("Session note").fill(note)
    page.get_by_role("button", name="Add the session").click()


def assign_by_link(page: Page, record: str) -> str:
    """Ask for the twelve barriers by link; the link to hand over."""
    page.goto(f"{record}assign/")
    page.get_by_label("Barriers to interdependence").check()
    page.get_by_label("By a link without sign-in").check()
    page.get_by_role("button", name="Assign", exact=True).click()
    link = page.locator("main").get_by_text("/l/").first.inner_text().strip()
    assert "/l/" in link
    return link


def answer_page(page: Page, values: dict[str, int]) -> None:
    for code, value in values.items():
        page.locator(f"input[name='a.{code}'][value='{value}']").check()
    page.get_by_role("button", name="Next").click()


def begin(page: Page) -> None:
    page.get_by_label("I have read this and I agree").check()
    page.get_by_role("button", name="Begin").click()


FIRST = {"vulnerability": 3, "past": 2, "expectations": 1, "independence": 4}
SECOND = {"insecurity": 3, "self-esteem": 2, "communication": 4, "culture": 0}
THIRD = {"norms": 1, "control": 2, "power": 1, "self-awareness": 2}


def test_main_journey(page: Page, phone: Page, new_page: Callable[..., Page], axe: Axe, tmp_path: Path) -> None:
    name = f"Journey{uuid.uuid4().hex[:6]}"
    sign_in(page, CLINICIAN)
    expect(page.get_by_role("heading", level=1)).to_have_text("Caseload")
    record = add_client(page, name)
    link = assign_by_link(page, record)
    expect(page).to_have_url(re.compile("/assignments/"))
    assert axe(page) == []

    # On the phone: the link shows a button only; half is answered, then the browser is closed.
    phone.goto(link)
    assert axe(phone) == []
    phone.get_by_role("button", name="Open the questions").click()
    assert "/l/T" not in phone.url
    begin(phone)
    expect(phone.get_by_text("Part 1 of 4")).to_be_visible()
    assert axe(phone) == []
    answer_page(phone, FIRST)
    phone.locator("input[name='a.insecurity'][value='3']").check()
    expect(phone.locator("[data-saved]")).to_have_text("Saved")
    again = phone.context.new_page()
    phone.close()
    again.goto("/l/")
    expect(again.locator("input[name='a.insecurity'][value='3']")).to_be_checked()
    answer_page(again, {code: value for code, value in SECOND.items() if code != "insecurity"})
    answer_page(again, THIRD)
    for barrier in ("Worry of losing independence", "Communication gaps", "Insecurity"):
        again.get_by_label(barrier).check()
    again.get_by_role("button", name="Next: look it over").click()
    expect(again.get_by_role("heading", level=1)).to_have_text("Look it over")
    assert axe(again) == []
    again.get_by_role("button", name="Send to my therapist").click()
    expect(again.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert axe(again) == []

    # The clinician sees the new column, decides the focus, and is offered exercises with reasons.
    page.goto(record)
    rated = page.locator("table.heat-map tbody .h-client").all_inner_texts()
    assert [int(words.split()[-1]) for words in rated] == [*FIRST.values(), *SECOND.values(), *THIRD.values()]
    page.get_by_role("button", name="Set the focus").click()
    expect(page.locator(".focus-name")).to_have_count(3)
    page.goto(f"{record}homework/")
    assert page.get_by_role("heading", level=3).count() >= 4
    assert axe(page) == []

    # The report: asked, watched, downloaded, opened.
    page.goto(f"{record}reports/")
    page.get_by_role("button", name="Make the report").click()
    ready = page.get_by_role("link", name="Download the PDF")
    expect(ready).to_be_visible(timeout=READY_MS)
    assert axe(page) == []
    with page.expect_download() as waiting:
        ready.click()
    path = tmp_path / "report.pdf"
    waiting.value.save_as(path)
    check_pdf(path, name)

    # The supervisor sees the clinician's numbers and reaches the record only with a reason.
    supervisor = new_page()
    sign_in(supervisor, SUPERVISOR)
    supervisor.goto(record)
    expect(supervisor.get_by_role("heading", level=1)).to_have_text("Open a supervisee’s record")
    assert axe(supervisor) == []
    # The owner has no way to it.
    owner = new_page()
    sign_in(owner, OWNER)
    answer = owner.goto(record)
    assert answer is not None
    assert answer.status == 404


def check_pdf(path: Path, name: str) -> None:
    """The text, the title, and the tags of the downloaded report."""
    reader = PdfReader(io.BytesIO(path.read_bytes()))
    text = "\n".join(page.extract_text() for page in reader.pages)
    for words in (name, "Worry of losing independence", "Communication gaps", "popular articles"):
        assert words in text
    assert reader.metadata is not None
    assert reader.metadata.title
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert subprocess.run(["qpdf", "--check", str(path)], capture_output=True, check=False).returncode == 0
    tree = subprocess.run(["pdfinfo", "-struct-text", str(path)], capture_output=True, text=True, check=True).stdout
    assert [tag for tag in ("Document", "H1", "Table", "Figure") if tag not in tree] == []


PEOPLE = {
    CLINICIAN: ("/caseload/", "/library/", "/library/exercises/", "/reports/", "/clients/new/"),
    SUPERVISOR: ("/team/",),
    OWNER: (
        "/practice/people/",
        "/practice/clients/",
        "/practice/settings/",
        "/practice/audit/",
        "/practice/people/invite/",
    ),
}


@pytest.mark.parametrize("who", list(PEOPLE))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(who: str, scheme: str, new_page: Callable[..., Page], axe: Axe) -> None:
    """No accessibility fault and no sideways scrolling at 320 and 1440 px."""
    for width in (320, 1440):
        page = new_page(width=width, color_scheme=scheme)
        sign_in(page, who)
        for path in PEOPLE[who]:
            page.goto(path)
            assert (path, width, axe(page)) == (path, width, [])
            assert (path, width, page.evaluate("document.documentElement.scrollWidth <= innerWidth")) == (
                path,
                width,
                True,
            )


def test_record_is_accessible(page: Page, axe: Axe) -> None:
    """Every tab of a full record."""
    sign_in(page, CLINICIAN)
    page.locator("table.caseload th.who > a").nth(3).click()
    record = page.url
    for path in (
        "",
        "measures/",
        "homework/",
        "sessions/",
        "reports/",
        "access/",
        "assign/",
        "barriers/b05/",
        "sessions/new/",
    ):
        page.goto(record + path)
        assert (path, axe(page)) == (path, [])
