"""The snapshots over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventstore.api.filters import SnapshotFilterSet
from eventstore.api.serializers import SnapshotSerializer
from eventstore.api.viewsets import rows
from eventstore.api.viewsets.scope import ScopedViewSet
from eventstore.roles import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from eventstore.models import EventSnapshot


class SnapshotViewSet(ScopedViewSet):
    """Snapshots in the order in which they were recorded."""

    serializer_class = SnapshotSerializer
    filterset_class = SnapshotFilterSet
    identity = ("snapshot_id",)
    needs = {"list": Permission.VIEW_EVENT, "retrieve": Permission.VIEW_EVENT}

    def get_queryset(self) -> QuerySet[EventSnapshot]:
        """Return snapshots with their state as text."""
        return rows.snapshots()
