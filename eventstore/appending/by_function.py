"""Append by the database's function: what every role may call, in any transaction."""

from __future__ import annotations

from collections.abc import Sequence

from eventstore import sql
from eventstore.appending.documents import Encoded
from eventstore.sql import Row


def store(
    encoded: Sequence[Encoded],
    tenant_id: str,
    expected: Sequence[int | None],
    *,
    notifies: bool,
) -> list[Row]:
    """Store the events, or learn why not.

    Returns:
        A row an event that was stored or is known, else one for each that is refused:
        its ordinal from 1, the outcome, position, version and recorded time.
    """
    if len(encoded) == 1:
        return _store_one(encoded[0], tenant_id, expected[0], notifies=notifies)
    events = [texts.event for texts in encoded]
    return sql.fetch_all(
        "append_many",
        (
            tenant_id,
            [event.event_id for event in events],
            [event.aggregate_type for event in events],
            [event.aggregate_id for event in events],
            [event.event_type for event in events],
            [event.event_version for event in events],
            [event.occurred_at for event in events],
            [texts.data for texts in encoded],
            [texts.metadata for texts in encoded],
            list(expected),
            notifies,
        ),
    )


def _store_one(
    encoded: Encoded, tenant_id: str, expected: int | None, *, notifies: bool
) -> list[Row]:
    event = encoded.event
    rows = sql.fetch_all(
        "append_one",
        (
            tenant_id,
            event.event_id,
            event.aggregate_type,
            event.aggregate_id,
            event.event_type,
            event.event_version,
            event.occurred_at,
            encoded.data,
            encoded.metadata,
            expected,
            notifies,
        ),
    )
    return [(1, *row) for row in rows]
