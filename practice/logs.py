"""Log filters: the request id on every line, and no request data on any."""

import logging
import re

from practice.requestid import request_id

TOKEN = re.compile(r"(?<=/)(?:[0-9A-Za-z]{1,40}-)?[\w-]{30,}(?=/|$|\s)")
"""A path's part that is long enough to be a one-time token or a reset key (an id's 36 characters go too)."""


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get() or "-"
        return True


class NoDataFilter(logging.Filter):
    """Exceptions keep type and place, but lose their message: database errors quote the row. Paths lose tokens."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if record.exc_info and isinstance(record.exc_info, tuple) and record.exc_info[0] is not None:
            message = f"{message} · {_place(*record.exc_info)}"
            record.exc_info = record.exc_text = None
        record.msg, record.args = TOKEN.sub("…", message), ()
        return True


def _place(kind: type[BaseException], _error: object, trace: object) -> str:
    """The exception's type, and the function and line where it was raised."""
    last = trace
    while getattr(last, "tb_next", None):
        last = last.tb_next  # type: ignore[attr-defined]
    where = f"{last.tb_frame.f_code.co_name}:{last.tb_lineno}" if last else "?"  # type: ignore[attr-defined]
    return f"{kind.__name__} at {where}"
