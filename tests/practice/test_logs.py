"""Logs hold ids and outcomes only."""

import logging
import uuid

import pytest
from django.test import Client as Browser
from django.urls import path

from practice.logs import NoDataFilter, RequestIdFilter
from practice.requestid import request_id

TOKEN = "Zm9v" * 10 + "abc"


def line(message: str, *args: object, error: BaseException | None = None) -> str:
    info = None
    if error:
        try:
            raise error
        except Exception as raised:
            info = (type(raised), raised, raised.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, message, args, info)
    assert NoDataFilter().filter(record)
    return logging.Formatter("%(message)s").format(record)


def test_an_exception_keeps_its_type_and_place_only() -> None:
    text = line("broke: %s", "code-7", error=ValueError("Robin wrote =HYPERLINK"))
    assert text.startswith("broke: code-7 · ValueError at line:")
    assert "Robin" not in text
    assert "\n" not in text


def test_the_product_without_the_filter_would_tell() -> None:
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "broke", (), None)
    record.exc_info = (ValueError, ValueError("Robin"), None)
    assert "Robin" in logging.Formatter("%(message)s").format(record)


@pytest.mark.parametrize(
    "address", [f"/join/{TOKEN}/", f"/l/{TOKEN}/", f"/account/password/reset/key/{'a' * 32}-{'b1-' + 'c' * 32}/"]
)
def test_tokens_are_left_out(address) -> None:
    text = line("Internal Server Error: %s", address)
    assert TOKEN not in text
    assert "c" * 32 not in text
    assert text.startswith("Internal Server Error: /")


def test_plain_lines_stay() -> None:
    assert line("reports: %s made in %d ms", 3, 70) == "reports: 3 made in 70 ms"


def test_request_id_is_on_every_line() -> None:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "m", (), None)
    RequestIdFilter().filter(record)
    assert record.request_id == "-"
    token = request_id.set("abc")
    RequestIdFilter().filter(record)
    request_id.reset(token)
    assert record.request_id == "abc"


def breaks(request, token):
    raise ValueError(f"canary {uuid.uuid4()}")


breaks.login_required = False
urlpatterns = [path("join/<str:token>/", breaks)]


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_server_error_tells_neither_token_nor_message(capsys, settings) -> None:
    """Through the product's own handler."""
    from django.utils.log import configure_logging

    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    response = Browser(raise_request_exception=False).get(f"/join/{TOKEN}/")
    text = capsys.readouterr().err
    assert response.status_code == 500
    assert "ValueError at breaks:" in text
    assert TOKEN not in text
    assert "canary" not in text + response.content.decode()
