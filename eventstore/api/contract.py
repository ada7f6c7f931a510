"""What every address of the API keeps to, whatever the host's REST framework does."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.core.signals import got_request_exception
from django.http import HttpResponse
from rest_framework import status
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response
from rest_framework.views import APIView, set_rollback

from eventstore.api.negotiation import with_media_types
from eventstore.api.problems import MEDIA_TYPE, ProblemRenderer, problem_of
from eventstore.context import correlated
from eventstore.request_ids import HEADER, request_id_in_log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

    from eventstore.api.deprecation import Deprecation

_log = logging.getLogger(__name__)


class ContractView(APIView):
    """A view whose errors are problems, and whose answers carry the request's id.

    The host's ``EXCEPTION_HANDLER``, ``DEFAULT_METADATA_CLASS`` and the like are for
    the host's own views.
    """

    #: Set when the address is going to disappear.
    deprecation: Deprecation | None = None

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Answer within the request's id."""
        with request_id_in_log(request) as request_id, correlated(request_id):
            answer = super().dispatch(request, *args, **kwargs)
        answer[HEADER] = request_id
        if self.deprecation is not None:
            for name, value in self.deprecation.headers.items():
                answer[name] = value
        return answer

    def get_exception_handler(
        self,
    ) -> Callable[[Exception, Mapping[str, Any]], Response]:
        """Return ours."""
        return answer_problem

    def options(  # type: ignore[override]  # an answer without a renderer
        self, _request: Request, *_args: Any, **_kwargs: Any
    ) -> HttpResponse:
        """Say which methods there are; the OpenAPI document says the rest."""
        answer = HttpResponse(status=status.HTTP_204_NO_CONTENT)
        del answer["Content-Type"]
        return answer


def answer_problem(error: Exception, context: Mapping[str, Any]) -> Response:
    """Answer with the problem that ``error`` is; log those that are the server's."""
    request: Request = context["request"]
    problem = problem_of(
        with_media_types(error, context["view"]), reads=request.method in SAFE_METHODS
    )
    set_rollback()
    if problem.status_code >= status.HTTP_500_INTERNAL_SERVER_ERROR:
        _log.error(
            "%s %s: %s",
            request.method,
            request.path,
            problem.kind.code,
            exc_info=error,
            extra={"status_code": problem.status_code, "request": request._request},  # noqa: SLF001 - REST framework's name for Django's request
        )
    if problem.kind.code == "internal_error":
        got_request_exception.send(
            sender=type(context["view"]),
            request=request._request,  # noqa: SLF001 - as above
        )
    # The problem's type is what it is, also where the list would be NDJSON.
    request.accepted_renderer = ProblemRenderer()
    request.accepted_media_type = MEDIA_TYPE
    return Response(
        problem.body(request._request),  # noqa: SLF001 - as above
        status=problem.status_code,
        headers={"Cache-Control": "no-store", **problem.headers},
    )
