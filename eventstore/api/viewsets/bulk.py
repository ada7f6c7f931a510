"""Events as JSON Lines: a whole log down, a whole log up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.http import StreamingHttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.response import Response

from eventstore import reading, tenancy
from eventstore.api.appending.actors import actor_of
from eventstore.api.appending.orders import choose_tenant
from eventstore.api.bulk.downloading import Download
from eventstore.api.bulk.lines import Writer
from eventstore.api.bulk.streams import (
    MEDIA_TYPE,
    LinesParser,
    LinesRenderer,
    accepts_gzip,
    packed,
    streamed,
)
from eventstore.api.bulk.uploading import upload
from eventstore.api.filters import EventFilterSet
from eventstore.api.pagination import Order
from eventstore.api.parsers import body_of
from eventstore.api.refusals import InvalidParameter, Refusal, allow_parameters
from eventstore.api.renderers import ExactJSONRenderer
from eventstore.api.viewsets.scope import ScopedViewSet
from eventstore.conf import store_settings
from eventstore.models import StoredEvent
from eventstore.roles import Permission

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from rest_framework.request import Request


class UploadStopped(Refusal):
    """An upload has ended before its last line."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _(
        "All lines before next_line are stored, and none from there on. Correct it "
        "and send the rest or all of it again: what is stored is not stored twice."
    )
    default_code = "upload_stopped"


class _NoPages:
    """A download has no pages."""

    parameters = ()


class DownloadFilterSet(EventFilterSet):
    """The filters of the list, but for those that take a search each page."""

    payload = None  # type: ignore[assignment]  # how django-filter leaves one out


class BulkEventViewSet(ScopedViewSet):
    """The events of the log as JSON Lines, in position order."""

    renderer_classes: Any = (ExactJSONRenderer, LinesRenderer)
    parser_classes = (LinesParser,)
    filterset_class = DownloadFilterSet
    pagination_class: Any = _NoPages
    #: A line has all fields.
    parameters = ("tenant",)
    needs = {"download": Permission.EXPORT, "upload": Permission.APPEND}
    begins_itself = frozenset({"download", "upload"})

    def get_queryset(self) -> QuerySet[StoredEvent]:
        """Return events."""
        return StoredEvent.objects.using(store_settings().DATABASE)

    def download(self, request: Request, **_kwargs: Any) -> StreamingHttpResponse:
        """Stream the events that the query filters, up to where the log is final."""
        scope = self.scope
        with tenancy.scoped(scope):
            events = self.filter_queryset(self.get_queryset())
            until = reading.stable_position()
        tenants = self.disclosed(scope)
        order = Order("pk", newest_first=False, filters=self.filters)
        lines = Download(request.user, tenants, events, order, until).lines()
        is_packed = accepts_gzip(request)
        if is_packed:
            lines = packed(lines)
        answer = StreamingHttpResponse(
            streamed(lines, request) if request.method == "GET" else (),
            content_type=MEDIA_TYPE,
        )
        patch_vary_headers(answer, ["Accept-Encoding"])
        if is_packed:
            answer["Content-Encoding"] = "gzip"
        answer["Content-Disposition"] = 'attachment; filename="events.jsonl"'
        answer["Eventstore-Until-Position"] = str(until)
        return answer

    def upload(self, request: Request, **_kwargs: Any) -> Response:
        """Store the events of the lines, chunk by chunk, and say what became of them.

        Raises:
            UploadStopped: a line was refused, and is not to be skipped; or the body is
                damaged.
        """
        tenant_id = choose_tenant(request.query_params.get("tenant"), self)
        skip = _on_error(request) == "skip"
        writer = Writer(
            tenant_id,
            request.user,
            actor_of(request.user),
            self.grants[tenant_id],
        )
        report = upload(body_of(request), writer, skip=skip)
        if report.damage is not None:
            raise UploadStopped(report.damage, **report.facts)
        if report.next_line is not None:
            raise UploadStopped(**report.facts)
        return Response(report.facts)


def bulk_view() -> Callable[..., Any]:
    """Return the view; outside of the host's transactions, since it commits chunks."""
    view = BulkEventViewSet.as_view({"get": "download", "post": "upload"})
    return transaction.non_atomic_requests(using=store_settings().DATABASE)(view)


def _on_error(request: Request) -> str:
    allow_parameters(request, "tenant", "on_error")
    chosen = request.query_params.get("on_error", "stop")
    if chosen not in {"stop", "skip"}:
        raise InvalidParameter({"on_error": [_("Give stop or skip.")]})
    return chosen
