"""The events of the log over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventstore import reading
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

    from eventstore.models import StoredEvent


class EventViewSet(AppendingView, ScopedViewSet):
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

    def get_queryset(self) -> QuerySet[StoredEvent]:
        """Return events with their JSON as text."""
        return rows.events()

    def list(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Return a page of what can no longer change its order."""
        # Asked for in a statement before the page's own: see DESIGN, order.
        final = reading.stable_position()
        settled = self.get_queryset().filter(position__lte=final)
        return self.answer_page(request, settled, self.scope)

    def create(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Append one event, or some together."""
        return self.answer_append(request, {})
