"""The rows that the lists read, with their JSON as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, OuterRef, Subquery, TextField
from django.db.models.functions import Cast

from eventstore.conf import store_settings
from eventstore.models import EventSnapshot, StoredEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet


def events() -> QuerySet[StoredEvent]:
    """Return events with their JSON as text, each with its newest snapshot."""
    taken = EventSnapshot.objects.filter(
        tenant_id=OuterRef("tenant_id"),
        aggregate_id=OuterRef("aggregate_id"),
        aggregate_type=OuterRef("aggregate_type"),
        aggregate_version=OuterRef("aggregate_version"),
        # An expression, which no index orders: where sorting is priced out the planner
        # would else look for each event's snapshot from the newest of all on.
    ).order_by((F("id") + 0).desc())
    return (
        plain_events()
        .defer("event_data", "metadata")
        .annotate(
            snapshot_id=Subquery(taken.values("snapshot_id")[:1]),
            **texts(data_text="event_data", metadata_text="metadata"),
        )
    )


def plain_events() -> QuerySet[StoredEvent]:
    """Return events, for what is not shown of them."""
    return StoredEvent.objects.using(store_settings().DATABASE)


def snapshots() -> QuerySet[EventSnapshot]:
    """Return snapshots with their state as text."""
    found = EventSnapshot.objects.using(store_settings().DATABASE)
    return found.defer("state").annotate(**texts(state_text="state"))


def texts(**columns: str) -> Mapping[str, Cast]:
    """Return the expressions for JSON as text: Django's own decoding makes floats."""
    return {name: Cast(column, TextField()) for name, column in columns.items()}
