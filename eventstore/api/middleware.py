"""Errors that arise outside of the API's views, below its addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.urls import NoReverseMatch, reverse

from eventstore.api.problems import Problem
from eventstore.api.problems.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

#: What an error says in its headers, and not on its page.
_KEPT = frozenset({"allow", "retry-after", "www-authenticate"})


class ProblemDetailsMiddleware:
    """Give the pages of errors below the API the API's shape.

    The views of the API answer with problem details by themselves. What other
    middleware refuses, as a host name that is not served, becomes one of Django's pages
    in HTML; place this first, and it becomes a problem too.
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
        """Answer the request."""
        if self._is_async:
            return self._acall(request)  # type: ignore[return-value]  # a coroutine, as marked
        return _told(request, self.get_response(request))

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        return _told(request, await self.get_response(request))  # type: ignore[misc]  # as marked


def _told(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    if (
        answer.status_code < 400  # noqa: PLR2004 - where HTTP's errors begin
        or not answer.get("Content-Type", "").startswith("text/html")
        or not _is_below_api(request.path)
    ):
        return answer
    kind = kind_of(None, answer.status_code)
    problem = Problem(
        kind=kind, status=answer.status_code, detail=str(kind.title)
    ).answer(request)
    for name in _KEPT.intersection(key.lower() for key in answer.headers):
        problem[name] = answer[name]
    return problem


def _is_below_api(path: str) -> bool:
    try:
        # It is one of the API's own addresses, of those without arguments.
        return path.startswith(
            reverse("eventstore-api:problems").removesuffix("problems/")
        )
    except NoReverseMatch:
        return False
