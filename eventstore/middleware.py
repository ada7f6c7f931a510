"""Fill the context of events from the request: actor, ip, correlation id."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction

from eventstore.context import event_context
from eventstore.request_ids import SANE, request_id_in_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest, HttpResponseBase


class EventContextMiddleware:
    """Give every event that a request appends its actor, ip and correlation id.

    Place it after ``AuthenticationMiddleware``. The address is ``REMOTE_ADDR``: behind
    a proxy, let the server or an earlier middleware set it; ``X-Forwarded-For`` is what
    a client likes it to be, and is not read. The correlation id is the
    ``X-Correlation-ID`` or ``X-Request-ID`` of the request, or a new one.
    :class:`~eventstore.request_ids.RequestIdFilter` puts the latter into the log.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Wrap ``get_response``, synchronous or not."""
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Handle the request inside its context."""
        if self._is_async:
            return self._acall(request)  # type: ignore[return-value]  # a coroutine, as marked
        with _context_of(request):
            return self.get_response(request)

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        with _context_of(request):
            return await self.get_response(request)  # type: ignore[misc, no-any-return]  # as marked


@contextlib.contextmanager
def _context_of(request: HttpRequest) -> Iterator[None]:
    given = request.headers.get("X-Correlation-ID", "")
    with (
        request_id_in_log(request) as request_id,
        event_context(
            # Asked when an event is appended: a request that appends none looks no
            # user up and gets no "Vary: Cookie", and a view may still authenticate in
            # its own way.
            actor=functools.partial(_actor_of, request),
            ip=request.META.get("REMOTE_ADDR") or None,
            correlation_id=given if SANE.fullmatch(given) else request_id,
        ),
    ):
        yield


def _actor_of(request: HttpRequest) -> dict[str, Any] | None:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    # An API key says itself who it is.
    own: dict[str, Any] | None = getattr(user, "event_actor", None)
    return own or {
        "type": "user",
        "id": str(user.pk),
        "name": user.get_username(),
    }
