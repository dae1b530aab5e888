"""Each row of the access matrix against the world: every kind of person, GET, HEAD and POST."""

import re
import uuid
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.urls import get_resolver, reverse

from practice.models import AuditEvent
from tests.access import kinds
from tests.access.conftest import undone
from tests.access.kinds import CLOSED, CLOSED_ANSWERS, GO, NO, OK, OUTSIDE, REFUSED, SIGN_IN, observe
from tests.access.matrix import Row, all_rows, routes
from tests.access.world import World

pytestmark = pytest.mark.django_db

ROWS = all_rows()
ROUTES = {route.name: route for route in routes(get_resolver().url_patterns)}
KINDS = sorted(kinds.ANYONE)
HEAD_KINDS = {kinds.PRIMARY, kinds.OTHER_CLINICIAN, kinds.OWNER, kinds.CLIENT, kinds.ANONYMOUS}
"""HEAD goes through the same view as GET, so that some are enough."""
LIVE = [row for row in ROWS if row.name in ROUTES]
WITH_ID = [row for row in LIVE if ROUTES[row.name].ids]

each_row = pytest.mark.parametrize("row", LIVE, ids=lambda row: row.name)
each_row_with_id = pytest.mark.parametrize("row", WITH_ID, ids=lambda row: row.name)


def ask(world: World, row: Row, kind: str, method: str, url: dict[str, Any] | None = None) -> HttpResponseBase:
    """One request of one person; the caller undoes what it did."""
    address = reverse(row.name, kwargs=row.url(world) if url is None else url)
    data = row.data(world) if method == "POST" else None
    return getattr(world.browser(kind), method.lower())(address, data)


def agrees(expected: str, seen: str, kind: str) -> bool:
    if expected != CLOSED:
        return seen == expected
    return seen in CLOSED_ANSWERS or (kind in OUTSIDE and seen == SIGN_IN)


@each_row
def test_row(world: World, row: Row) -> None:
    wrong = {}
    for kind in KINDS:
        for method in ("GET", "HEAD", "POST") if kind in HEAD_KINDS else ("GET", "POST"):
            expected = row.expected(method, kind)
            with undone():
                seen = observe(ask(world, row, kind, method))
            if not agrees(expected, seen, kind):
                wrong[f"{method} {kind}"] = f"expected {expected}, got {seen}"
    assert wrong == {}


def body(response: HttpResponseBase) -> str:
    """The page without what differs between any two requests."""
    text = getattr(response, "content", b"").decode()
    return re.sub(r'(csrf-token" content=|csrfmiddlewaretoken" value=)"\w+"', "", text)


@each_row_with_id
def test_denied_looks_as_if_it_did_not_exist_and_is_recorded(world: World, row: Row) -> None:
    """Abuse 5, 15, 17: for everybody whose GET is 404, the same page as for a made-up id, and one denial row each."""
    denied = [kind for kind in KINDS if row.expected("GET", kind) == NO]
    made_up = {key: uuid.uuid4() if isinstance(value, uuid.UUID) else value for key, value in row.url(world).items()}
    for kind in denied:
        pages = []
        for url in (row.url(world), made_up):
            with undone():
                before = AuditEvent.objects.filter(action="denied").count()
                response = ask(world, row, kind, "GET", url)
                pages.append((response.status_code, body(response)))
                rows = AuditEvent.objects.filter(action="denied").count() - before
            assert (kind, rows) == (kind, 1)
        assert pages[0] == pages[1], kind


@pytest.mark.parametrize("row", [row for row in LIVE if row.foreign], ids=lambda row: row.name)
def test_child_of_another_client(world: World, row: Row) -> None:
    """Abuse 6: one's own client's address with another client's row is 404 for everybody, and changes nothing."""
    wrong = {}
    for kind in KINDS:
        for method in ("GET", "POST"):
            with undone():
                seen = observe(ask(world, row, kind, method, row.foreign(world)))
            allowed = {SIGN_IN} if kind in OUTSIDE else {NO}
            if row.expected(method, kind) == CLOSED:
                allowed |= CLOSED_ANSWERS
            if row.expected(method, kind) == REFUSED or kind == kinds.SILENT:
                allowed |= {REFUSED, GO}
            if seen not in allowed:
                wrong[f"{method} {kind}"] = seen
    assert wrong == {}


@each_row
def test_other_ways_of_asking(world: World, row: Row) -> None:
    """Abuse 43: method overrides are ignored, odd methods do nothing, odd paths find nothing."""
    path = reverse(row.name, kwargs=row.url(world))
    for kind in (kinds.PRIMARY, kinds.OTHER_CLINICIAN, kinds.ANONYMOUS):
        plain = row.expected("GET", kind)
        with undone():
            answer = world.browser(kind).get(path, HTTP_X_HTTP_METHOD_OVERRIDE="POST", HTTP_X_METHOD_OVERRIDE="DELETE")
            assert agrees(plain, observe(answer), kind), ("override", kind)
        if row.expected("POST", kind) == CLOSED:
            with undone():
                answer = world.browser(kind).post(path, {"_method": "GET"}, HTTP_X_HTTP_METHOD_OVERRIDE="GET")
                assert agrees(CLOSED, observe(answer), kind), ("override of POST", kind)
        for method in ("PUT", "PATCH", "DELETE", "TRACE"):
            with undone():
                seen = observe(world.browser(kind).generic(method, path))
            assert seen in CLOSED_ANSWERS | {SIGN_IN}, (method, kind)
        for odd in (f"/{path}", path + "/", "/%" + format(ord(path[1:2] or "/"), "02x") + path[2:]):
            with undone():
                answer = world.browser(kind).get("/", PATH_INFO=odd)
            assert observe(answer) in {NO, SIGN_IN}, (odd, kind)


def test_matrix_has_teeth(world: World) -> None:
    """A row that expects the wrong thing fails: the comparison itself is not a yes-sayer."""
    assert not agrees(NO, OK, kinds.CO)
    assert not agrees(CLOSED, OK, kinds.CO)
    assert not agrees(CLOSED, GO, kinds.ANONYMOUS)
    assert not agrees(CLOSED, SIGN_IN, kinds.CO)
    assert agrees(CLOSED, SIGN_IN, kinds.ANONYMOUS)
