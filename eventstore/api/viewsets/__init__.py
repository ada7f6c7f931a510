"""The resources of the API, a module each."""

from __future__ import annotations

from eventstore.api.viewsets.aggregates import AggregateViewSet
from eventstore.api.viewsets.events import EventViewSet
from eventstore.api.viewsets.scope import ScopedViewSet, TenantNeeded
from eventstore.api.viewsets.snapshots import SnapshotViewSet

__all__ = [
    "AggregateViewSet",
    "EventViewSet",
    "ScopedViewSet",
    "SnapshotViewSet",
    "TenantNeeded",
]
