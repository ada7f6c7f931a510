"""Rows to values: the seam of what comes out of the log."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from eventstore.conf import store_settings
from eventstore.serialization import decode
from eventstore.sql.cursor import fetch_all
from eventstore.types import StoredDomainEvent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def fetch_events(
    name: str, params: Sequence[Any] | Mapping[str, Any], *, exact: bool = False
) -> list[StoredDomainEvent]:
    """Run ``queries/<name>.sql``, which selects ``{event_columns}``.

    Args:
        name: the statement.
        params: its parameters.
        exact: numbers with a fraction as ``Decimal``, whatever the settings say: for
            what is written out again.
    """
    decimals = exact or store_settings().DECIMAL_NUMBERS
    return [
        StoredDomainEvent.from_fields(
            {
                "position": position,
                "event_id": event_id,
                "tenant_id": tenant_id,
                "aggregate_type": aggregate_type,
                "aggregate_id": aggregate_id,
                "aggregate_version": aggregate_version,
                "event_type": event_type,
                "event_version": event_version,
                "occurred_at": occurred_at.astimezone(UTC),
                "stored_at": stored_at.astimezone(UTC),
                "data": decode(data, decimals=decimals),
                "metadata": decode(metadata, decimals=decimals),
                "is_redacted": is_redacted,
                "snapshot_id": snapshot_id,
                "upcast_from": None,
            }
        )
        for (
            position,
            event_id,
            tenant_id,
            aggregate_type,
            aggregate_id,
            aggregate_version,
            event_type,
            event_version,
            occurred_at,
            stored_at,
            data,
            metadata,
            is_redacted,
            snapshot_id,
        ) in fetch_all(name, params)
    ]
