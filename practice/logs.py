"""Log filters: the request id on every line, and no request data on any."""

import logging

from practice.requestid import request_id


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get() or "-"
        return True


class NoDataFilter(logging.Filter):
    """Exceptions keep their type and place, but lose their message: database errors quote the row."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info, tuple) and record.exc_info[0] is not None:
            kind, _error, trace = record.exc_info
            last = trace
            while last and last.tb_next:
                last = last.tb_next
            place = f"{last.tb_frame.f_code.co_name}:{last.tb_lineno}" if last else "?"
            record.msg = f"{record.getMessage()} · {kind.__name__} at {place}"
            record.args = ()
            record.exc_info = None
            record.exc_text = None
        return True
