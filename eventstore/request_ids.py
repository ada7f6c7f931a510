"""One id for each request: in its answer, in the log, and behind its events."""

from __future__ import annotations

import contextlib
import logging
import re
from contextvars import ContextVar
from typing import TYPE_CHECKING

from eventstore.types import new_event_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

HEADER = "X-Request-ID"
#: What is taken over from the outside: nothing that could break a line of a log.
SANE = re.compile(r"[A-Za-z0-9._:/-]{1,200}")

_ATTRIBUTE = "eventstore_request_id"
_current: ContextVar[str] = ContextVar("eventstore_request_id", default="")


def request_id_of(request: HttpRequest) -> str:
    """Return the ``X-Request-ID`` that came with the request, else a new one."""
    known: str | None = getattr(request, _ATTRIBUTE, None)
    if known is None:
        given = request.headers.get(HEADER, "")
        known = given if SANE.fullmatch(given) else new_event_id()
        setattr(request, _ATTRIBUTE, known)
    return known


@contextlib.contextmanager
def request_id_in_log(request: HttpRequest) -> Iterator[str]:
    """Have what is logged inside the block carry the id of ``request``."""
    known = request_id_of(request)
    token = _current.set(known)
    try:
        yield known
    finally:
        _current.reset(token)


class RequestIdFilter(logging.Filter):
    """Give log records a ``request_id``, ``-`` outside of requests.

    Put it on a handler, so that records of all loggers pass it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, with its id.

        Django logs the outcome of a request when the request is over, and names it.
        """
        request = getattr(record, "request", None)
        record.request_id = getattr(request, _ATTRIBUTE, "") or _current.get() or "-"
        return True
