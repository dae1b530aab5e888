"""The guard itself: a route without a row, a row without a route, and a second id without ``foreign`` all fail."""

from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver, include, path

from tests.access import kinds
from tests.access.kinds import CLOSED, GO, NO, OK, REFUSED, SIGN_IN
from tests.access.matrix import CLIENT_PAGE, CLIENT_WORK, Row, all_rows, problems, routes


def page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


INNER = ([path("inside/<uuid:pk>/<uuid:row>/", page, name="inside")], "room")
FAKE = [path("plain/", page, name="plain"), path("deep/", include(INNER, namespace="room"))]
MATRIX = [Row("plain"), Row("room:inside", foreign=lambda w: {})]


def test_every_route_has_a_row() -> None:
    assert problems(get_resolver().url_patterns, all_rows()) == []


def test_walk_follows_includes_and_namespaces() -> None:
    assert [(r.name, r.pattern, r.ids) for r in routes(FAKE)] == [
        ("plain", "plain/", ()),
        ("room:inside", "deep/inside/<uuid:pk>/<uuid:row>/", ("pk", "row")),
    ]


def test_complete_matrix_has_no_problems() -> None:
    assert problems(FAKE, MATRIX) == []


def test_a_new_route_without_a_row_fails() -> None:
    assert problems([*FAKE, path("new/", page, name="new")], MATRIX) == ["new/: new has no row"]


def test_an_unnamed_route_fails() -> None:
    assert problems([*FAKE, path("nameless/", page)], MATRIX) == ["nameless/: (unnamed) nameless/ has no row"]


def test_a_stale_row_fails() -> None:
    assert problems(FAKE, [*MATRIX, Row("gone")]) == ["gone: the row's route does not exist"]


def test_a_name_used_twice_fails() -> None:
    twice = [*FAKE, path("again/", page, name="plain")]
    assert problems(twice, [*MATRIX, Row("plain")]) == ["plain: more than one route", "plain: more than one row"]


def test_two_ids_need_a_foreign_builder() -> None:
    assert problems(FAKE, [Row("plain"), Row("room:inside")]) == ["room:inside: two ids, so the row needs `foreign`"]


def test_defaults_and_later_entries() -> None:
    row = Row("x", get=CLIENT_PAGE, post=CLIENT_WORK | {kinds.COVER: REFUSED})
    seen = {kind: row.expected("GET", kind) for kind in ("primary", "silent", "owner", "partner", "left", "anonymous")}
    assert seen == {"primary": OK, "silent": GO, "owner": NO, "partner": NO, "left": NO, "anonymous": SIGN_IN}
    assert [row.expected("POST", kind) for kind in ("co", "cover", "emergency")] == [GO, REFUSED, REFUSED]
    assert row.expected("HEAD", "primary") == OK
    assert Row("x").expected("POST", "owner") == CLOSED
