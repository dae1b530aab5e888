"""The id of the request being answered (in logs and the audit trail)."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
