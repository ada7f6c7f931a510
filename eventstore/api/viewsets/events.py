"""The events of the log over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from eventstore import reading, serialization
from eventstore.api.cloudevents import (
    CloudEventBatchRenderer,
    CloudEventRenderer,
    CloudEventsView,
)
from eventstore.api.containment import ContainmentPagination
from eventstore.api.filters import EventFilterSet
from eventstore.api.lifting import LiftingView
from eventstore.api.refusals import allow_parameters
from eventstore.api.serializers import EventSerializer
from eventstore.api.viewsets import rows
from eventstore.api.viewsets.appending import AppendingView
from eventstore.api.viewsets.scope import ScopedViewSet
from eventstore.models.event import metadata_text
from eventstore.roles import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from eventstore.api.pagination import KeysetPagination
    from eventstore.models import StoredEvent


class NoCause(NotFound):
    """The event names no cause, or one that its tenant does not have."""

    default_detail = _(
        "The event names no cause in its metadata (causation_id), or its tenant has no "
        "such event."
    )


class EventViewSet(AppendingView, CloudEventsView, LiftingView, ScopedViewSet):
    """Events in position order, up to where the log is final."""

    serializer_class = EventSerializer
    filterset_class = EventFilterSet
    identity = ("event_id",)
    needs = {
        "list": Permission.VIEW_EVENT,
        "retrieve": Permission.VIEW_EVENT,
        "effects": Permission.VIEW_EVENT,
        "cause": Permission.VIEW_EVENT,
        "create": Permission.APPEND,
    }
    conditional = frozenset({"retrieve", "cause"})
    begins_itself = frozenset({"create"})
    gives_events = {
        "list": CloudEventBatchRenderer,
        "effects": CloudEventBatchRenderer,
        "retrieve": CloudEventRenderer,
        "cause": CloudEventRenderer,
    }

    #: Up to where the log is final, as a list found it.
    final: int

    @property
    def parameters(self) -> tuple[str, ...]:
        """Events can be lifted too."""
        return (*super().parameters, "version")

    def get_queryset(self) -> QuerySet[StoredEvent]:
        """Return events with their JSON as text."""
        return rows.events()

    def list(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Return a page of what can no longer change its order."""
        # Asked for in a statement before the page's own: see DESIGN, order.
        self.final = reading.stable_position()
        settled = self.get_queryset().filter(position__lte=self.final)
        return self.as_asked(self.answer_page(request, settled, self.scope), request)

    def retrieve(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Return one event."""
        return self.as_asked(super().retrieve(request), request)

    @action(detail=True, filterset_class=None)
    def effects(self, request: Request, **_kwargs: Any) -> Response:
        """Return the events that name this one as their cause, in position order."""
        event = self.get_object()
        caused = self.get_queryset().filter(
            Exact(metadata_text("causation_id"), event.event_id),
            position__lte=reading.stable_position(),
        )
        page = self.answer_page(request, caused, frozenset((event.tenant_id,)))
        return self.as_asked(page, request)

    @action(detail=True)
    def cause(self, request: Request, **_kwargs: Any) -> Response:
        """Return the event that this one names as its cause."""
        allow_parameters(request, *self.parameters)
        event = self.get_object()
        metadata = serialization.decode(event.metadata_text)
        found = self.get_queryset().filter(
            tenant_id=event.tenant_id, event_id=_cause_of(metadata)
        )
        cause = found.first()
        if cause is None:
            raise NoCause
        answer = Response(self.get_serializer(cause).data)
        return self.as_asked(answer, request)

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


def _cause_of(metadata: Any) -> str:
    """Return the id of the cause, which may have been redacted; none is called ""."""
    found = metadata.get("causation_id") if isinstance(metadata, dict) else None
    return found if isinstance(found, str) else ""
