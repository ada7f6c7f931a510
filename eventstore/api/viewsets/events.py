"""The events of the log over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventstore import reading
from eventstore.api.cloudevents import (
    CloudEventBatchRenderer,
    CloudEventRenderer,
    CloudEventsView,
)
from eventstore.api.containment import ContainmentPagination
from eventstore.api.filters import EventFilterSet
from eventstore.api.serializers import EventSerializer
from eventstore.api.viewsets import rows
from eventstore.api.viewsets.appending import AppendingView
from eventstore.api.viewsets.scope import ScopedViewSet
from eventstore.roles import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response

    from eventstore.api.pagination import KeysetPagination
    from eventstore.models import StoredEvent


class EventViewSet(AppendingView, CloudEventsView, ScopedViewSet):
    """Events in position order, up to where the log is final."""

    serializer_class = EventSerializer
    filterset_class = EventFilterSet
    identity = ("event_id",)
    needs = {
        "list": Permission.VIEW_EVENT,
        "retrieve": Permission.VIEW_EVENT,
        "create": Permission.APPEND,
    }
    begins_itself = frozenset({"create"})
    gives_events = {"list": CloudEventBatchRenderer, "retrieve": CloudEventRenderer}

    #: Up to where the log is final, as a list found it.
    final: int

    def get_queryset(self) -> QuerySet[StoredEvent]:
        """Return events with their JSON as text."""
        return rows.events()

    def list(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Return a page of what can no longer change its order."""
        # Asked for in a statement before the page's own: see DESIGN, order.
        self.final = reading.stable_position()
        settled = self.get_queryset().filter(position__lte=self.final)
        return self.as_asked(self.answer_page(request, settled, self.scope), request)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return one event."""
        return self.as_asked(super().retrieve(request, *args, **kwargs), request)

    def pages(self) -> KeysetPagination:
        """Return what reads the pages: containment has a way of its own."""
        if self.filters is None or self.filters.contained is None:
            return super().pages()
        plain = rows.plain_events().filter(position__lte=self.final)
        return ContainmentPagination(
            self.filters, self.filters.filter_queryset(plain), self.final
        )

    def create(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Append one event, or some together."""
        return self.answer_append(request, {})
