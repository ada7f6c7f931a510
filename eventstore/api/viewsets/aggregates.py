"""The aggregates over HTTP: where each stands, and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.decorators import action

from eventstore.api.cloudevents import CloudEventBatchRenderer, CloudEventsView
from eventstore.api.filters import (
    AggregateEventFilterSet,
    AggregateFilterSet,
    AggregateSnapshotFilterSet,
)
from eventstore.api.lifting import LiftingView
from eventstore.api.preconditions import etag_of
from eventstore.api.segments import from_segment
from eventstore.api.serializers import (
    AggregateSerializer,
    EventSerializer,
    SnapshotSerializer,
)
from eventstore.api.viewsets import rows
from eventstore.api.viewsets.appending import AppendingView
from eventstore.api.viewsets.states import StatesView
from eventstore.conf import store_settings
from eventstore.models import AggregateHead
from eventstore.roles import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response


class AggregateViewSet(AppendingView, CloudEventsView, LiftingView, StatesView):
    """Aggregates by tenant, id and type: where each stands, and its history."""

    serializer_class = AggregateSerializer
    filterset_class: Any = AggregateFilterSet
    lookup_value_regex = "[^/]+/[^/]+"
    identity = ("aggregate_type", "aggregate_id")
    needs = {
        **dict.fromkeys(
            ("list", "retrieve", "events", "snapshots"), Permission.VIEW_EVENT
        ),
        **dict.fromkeys(("state", "diff"), Permission.VIEW_PAYLOAD),
        "append": Permission.APPEND,
    }
    begins_itself = frozenset({"append"})
    gives_events = {"events": CloudEventBatchRenderer}
    conditional = frozenset({"retrieve", "state", "diff"})
    uncompressed = frozenset({"retrieve"})

    @property
    def parameters(self) -> tuple[str, ...]:
        """The history can be lifted too."""
        own = ("version",) if self.action == "events" else ()
        return (*super().parameters, *own)

    def get_queryset(self) -> QuerySet[AggregateHead]:
        """Return the heads."""
        return AggregateHead.objects.using(store_settings().DATABASE)

    def retrieve(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Return the head, with the tag that ``If-Match`` of an append understands.

        The history has none: a redaction changes it and leaves the version.
        """
        answer = super().retrieve(request)
        answer["ETag"] = etag_of(self._head.current_version)
        return answer

    def get_object(self) -> Any:
        """Return the head, and keep it."""
        self._head: AggregateHead = super().get_object()
        return self._head

    @action(
        detail=True,
        serializer_class=EventSerializer,
        filterset_class=AggregateEventFilterSet,
    )
    def events(self, request: Request, **_kwargs: Any) -> Response:
        """Return the history of one aggregate by version; all that is committed."""
        head = self.get_object()
        history = rows.events().filter(
            aggregate_type=head.aggregate_type, aggregate_id=head.aggregate_id
        )
        page = self.answer_page(
            request, history, frozenset((head.tenant_id,)), key="aggregate_version"
        )
        return self.as_asked(page, request)

    @action(
        detail=True,
        serializer_class=SnapshotSerializer,
        filterset_class=AggregateSnapshotFilterSet,
    )
    def snapshots(self, request: Request, **_kwargs: Any) -> Response:
        """Return the snapshots of one aggregate in the order of their recording."""
        head = self.get_object()
        taken = rows.snapshots().filter(
            aggregate_type=head.aggregate_type, aggregate_id=head.aggregate_id
        )
        return self.answer_page(request, taken, frozenset((head.tenant_id,)))

    @events.mapping.post
    def append(self, request: Request, **_kwargs: Any) -> Response:
        """Append to one aggregate, which need not exist yet."""
        parts = [from_segment(part) for part in self.kwargs["key"].split("/")]
        return self.answer_append(request, dict(zip(self.identity, parts, strict=True)))
