"""Rows as JSON: times in UTC (RFC 3339), positions and versions as numbers."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from urllib.parse import urlencode

from rest_framework import serializers
from rest_framework.reverse import reverse

from eventstore import serialization
from eventstore.api.segments import to_segment


class MomentField(serializers.DateTimeField):
    """Always UTC, whatever time zone the host has activated."""

    def __init__(self, **kwargs: Any) -> None:
        """Fix the time zone and the format."""
        super().__init__(default_timezone=UTC, format="iso-8601", **kwargs)


class ExactJSONField(serializers.JSONField):
    """The JSON text of the database, decoded without floats."""

    def to_representation(self, value: Any) -> Any:
        """Return the document, with ``Decimal`` for numbers that have a fraction."""
        return None if value is None else serialization.decode(value, decimals=True)


class _Linked(serializers.Serializer[Any]):
    """A row with its own address, which names its tenant."""

    url = serializers.SerializerMethodField()

    def get_url(self, row: Any) -> str:
        """Return where this row is."""
        view, key = self.place(row)
        address = reverse(
            f"eventstore-api:{view}-detail",
            kwargs={"key": key},
            request=self.context["request"],
        )
        return f"{address}?{urlencode({'tenant': row.tenant_id})}"

    def place(self, row: Any) -> tuple[str, str]:
        """Return the name of the view and the key of ``row`` in it."""
        raise NotImplementedError


class EventSerializer(_Linked):
    """One event as it is stored."""

    position = serializers.IntegerField()
    event_id = serializers.CharField()
    tenant_id = serializers.CharField()
    aggregate_type = serializers.CharField()
    aggregate_id = serializers.CharField()
    aggregate_version = serializers.IntegerField()
    event_type = serializers.CharField()
    event_version = serializers.CharField()
    occurred_at = MomentField()
    stored_at = MomentField()
    data = ExactJSONField(source="data_text")  # type: ignore[assignment]  # a field: Serializer.data stays
    metadata = ExactJSONField(source="metadata_text")
    is_redacted = serializers.BooleanField()
    snapshot_id = serializers.CharField(allow_null=True)

    def place(self, row: Any) -> tuple[str, str]:
        """Find it by its id."""
        return "event", to_segment(row.event_id)


class AggregateSerializer(_Linked):
    """Where an aggregate stands."""

    tenant_id = serializers.CharField()
    aggregate_type = serializers.CharField()
    aggregate_id = serializers.CharField()
    current_version = serializers.IntegerField()
    last_stored_at = MomentField()

    def place(self, row: Any) -> tuple[str, str]:
        """Find it by type and id."""
        key = f"{to_segment(row.aggregate_type)}/{to_segment(row.aggregate_id)}"
        return "aggregate", key


class SnapshotSerializer(_Linked):
    """A short cut to the state of an aggregate."""

    snapshot_id = serializers.CharField()
    tenant_id = serializers.CharField()
    aggregate_type = serializers.CharField()
    aggregate_id = serializers.CharField()
    aggregate_version = serializers.IntegerField()
    last_event_id = serializers.CharField()
    state = ExactJSONField(source="state_text", allow_null=True)
    fold_version = serializers.CharField()
    created_at = MomentField()

    def place(self, row: Any) -> tuple[str, str]:
        """Find it by its id."""
        return "snapshot", to_segment(row.snapshot_id)
