"""Append by plain SQL: to the server, the function costs half as much again.

It takes an append that is a transaction of its own, to one aggregate, by a role that
may write the tables: there the statement may simply fail. What it did not store is put
before the function, which knows a retry from a conflict and says what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventstore import sql
from eventstore.appending.documents import Encoded
from eventstore.appending.refusals import RESERVED
from eventstore.sql import Row


def store(
    encoded: Sequence[Encoded],
    tenant_id: str,
    expected: Sequence[int | None],
    *,
    notifies: bool,
) -> list[Row] | None:
    """Store the events, all or none.

    Returns:
        Position, version and recorded time of each; ``None`` when nothing was stored.
    """
    first, version = encoded[0].event, expected[0]
    if not sql.stands_alone() or _is_mixed_or_reserved(encoded):
        return None
    suffix = "_at" if version else ""
    if len(encoded) == 1:
        rows = sql.fetch_alone(
            f"insert_one{suffix}",
            (
                tenant_id,
                first.aggregate_id,
                first.aggregate_type,
                first.event_id,
                first.event_type,
                first.event_version,
                first.occurred_at,
                encoded[0].data,
                encoded[0].metadata,
                version,
                notifies,
            ),
        )
    else:
        events = [texts.event for texts in encoded]
        rows = sql.fetch_alone(
            f"insert_many{suffix}",
            (
                tenant_id,
                first.aggregate_id,
                first.aggregate_type,
                [event.event_id for event in events],
                [event.event_type for event in events],
                [event.event_version for event in events],
                [event.occurred_at for event in events],
                [texts.data for texts in encoded],
                [texts.metadata for texts in encoded],
                version,
                notifies,
            ),
        )
    return [row[:3] for row in rows] if rows else None


def _is_mixed_or_reserved(encoded: Sequence[Encoded]) -> bool:
    first = encoded[0].event
    return first.aggregate_type.startswith(RESERVED) or any(
        texts.event.event_type.startswith(RESERVED)
        or texts.event.aggregate_id != first.aggregate_id
        or texts.event.aggregate_type != first.aggregate_type
        for texts in encoded
    )
