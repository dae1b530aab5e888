"""Every page of the URLconf in Chromium: no accessibility fault, nothing that scrolls sideways, in both themes.

The pages come from the access matrix: each row that somebody may GET is drawn for one such person, in process, and
handed to the browser. So a new route is looked at as soon as it has its row, and it cannot be without one.
"""

import mimetypes
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import get_resolver, reverse
from playwright.sync_api import Browser, Page, Route

from tests.access import kinds
from tests.access.conftest import undone, world  # noqa: F401 - the fixture
from tests.access.kinds import OK
from tests.access.matrix import Row, all_rows, routes
from tests.access.world import World

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the thread that reads the database
ORIGIN = "http://testserver"
PREFERRED = (
    *(kinds.PRIMARY, kinds.CLIENT, kinds.OWNER, kinds.SUPERVISOR, kinds.SILENT, kinds.BEARER, kinds.ANONYMOUS),
    *sorted(kinds.ANYONE),
)
FULL, NARROW, MIDDLE = (1440, 900), (320, 700), (768, 1024)
LIVE = {route.name for route in routes(get_resolver().url_patterns)}
Axe = Callable[[Page], list[str]]


def who_sees(row: Row) -> str | None:
    """One person who gets this page, the most usual first."""
    return next((kind for kind in PREFERRED if row.expected("GET", kind) == OK), None)


PAGES = [(row, who) for row in all_rows() if row.name in LIVE and (who := who_sees(row))]


def answer_with(body: bytes, path: str, foreign: list[str], route: Route) -> None:
    """The drawn page for its address, our static files, and nothing else; whatever else is asked for is noted."""
    asked = route.request.url.removeprefix(ORIGIN)
    if asked == path:
        route.fulfill(body=body, content_type="text/html; charset=utf-8")
    elif asked.startswith("/static/") and (found := finders.find(asked.removeprefix("/static/"))):
        kind_of_file = mimetypes.guess_type(str(found))[0] or "application/octet-stream"
        route.fulfill(body=Path(str(found)).read_bytes(), content_type=kind_of_file)
    else:
        foreign.append(asked)
        route.abort()


@pytest.fixture
def shown(browser: Browser) -> Iterator[Callable[[str, bytes], tuple[Page, list[str]]]]:
    """``shown(path, body)``: the page on a narrow screen, and what it asked for beside itself and our files.

    The body is drawn beforehand: the browser's callbacks run elsewhere, where the test's transaction is not seen.
    """
    # Without motion: a colour in the middle of a transition is no colour to judge.
    context = browser.new_context(base_url=ORIGIN, bypass_csp=True, locale="en-US", reduced_motion="reduce")

    def show(path: str, body: bytes) -> tuple[Page, list[str]]:
        page, foreign = context.new_page(), []
        page.route("**/*", partial(answer_with, body, path, foreign))
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        page.goto(path)
        return page, foreign

    yield show
    context.close()


@pytest.mark.django_db
@pytest.mark.parametrize(("row", "who"), PAGES, ids=[row.name for row, _who in PAGES])
def test_page(row: Row, who: str, world: World, shown: Callable, axe: Axe) -> None:  # noqa: F811
    path = reverse(row.name, kwargs=row.url(world))
    with undone():
        answer = world.browser(who).get(path)
    if not answer.get("Content-Type", "").startswith("text/html") or b"<html" not in answer.content:
        return  # a file or a fragment: its page is here too
    page, foreign = shown(path, answer.content)
    faults, fits = {"320 light": axe(page)}, {}
    for width, height in (NARROW, MIDDLE, FULL):
        page.set_viewport_size({"width": width, "height": height})
        fits[width] = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.emulate_media(color_scheme="dark")
    faults["1440 dark"] = axe(page)
    assert faults == {"320 light": [], "1440 dark": []}
    assert fits == {320: True, 768: True, 1440: True}
    assert foreign == []


def test_there_are_pages() -> None:
    """The walk found the product: nothing passes because nothing was there."""
    assert len(PAGES) > 60
