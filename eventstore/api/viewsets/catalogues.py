"""What types of events there are, and how old ones are lifted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.response import Response

from eventstore import lineage, reading
from eventstore.api.pagination import KeysetPagination
from eventstore.api.refusals import allow_parameters
from eventstore.api.serializers import MomentField
from eventstore.api.viewsets.scope import ScopedViewSet
from eventstore.roles import Permission
from eventstore.upcasting import event_migrations

if TYPE_CHECKING:
    from rest_framework.request import Request


class SightingSerializer(serializers.Serializer[Any]):
    """The first or the last event of a type."""

    position = serializers.IntegerField()
    event_version = serializers.CharField()
    stored_at = MomentField()


class EventTypeSerializer(serializers.Serializer[Any]):
    """A type of events that a tenant has."""

    tenant_id = serializers.CharField()
    event_type = serializers.CharField()
    first = SightingSerializer()
    last = SightingSerializer()
    newest_version = serializers.CharField(
        allow_null=True, help_text="The newest version that the code knows."
    )


class EventTypeViewSet(ScopedViewSet):
    """The types of events that there are, by tenant and name; nothing is counted."""

    serializer_class = EventTypeSerializer
    needs = {"list": Permission.VIEW_EVENT}

    def list(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Return a page of types."""
        allow_parameters(request, "tenant", "cursor", "page_size")
        up_to = reading.stable_position()
        pages = KeysetPagination()
        found = pages.page_by(
            request,
            "event-types",
            lambda after, limit: lineage.seen_event_types(
                self.scope, up_to=up_to, after=after, limit=limit
            ),
            lambda seen: (seen.tenant_id, seen.event_type),
        )
        return pages.get_paginated_response(self.get_serializer(found, many=True).data)


class MigrationSerializer(serializers.Serializer[Any]):
    """One step from a version of a type to the next."""

    event_type = serializers.CharField()
    from_version = serializers.CharField()
    to_version = serializers.CharField()


class MigrationViewSet(ScopedViewSet):
    """The event migrations that the code has registered."""

    serializer_class = MigrationSerializer
    needs = {"list": Permission.VIEW_EVENT}

    def list(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Return all of them, by type."""
        allow_parameters(request)
        steps = [
            {"event_type": event_type, "from_version": old, "to_version": new}
            for event_type, chain in event_migrations.chains().items()
            for old, new in chain
        ]
        return Response({"results": self.get_serializer(steps, many=True).data})
