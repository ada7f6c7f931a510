"""Append by the database's function: what every role may call, in any transaction."""

from __future__ import annotations

from collections.abc import Sequence

from eventstore import sql
from eventstore.appending.documents import Encoded, columns, values
from eventstore.sql import Row


def store(
    encoded: Sequence[Encoded],
    tenant_id: str,
    expected: Sequence[int | None],
    *,
    notifies: bool,
    is_alone: bool,
) -> list[Row]:
    """Store the events, or learn why not.

    Args:
        encoded: the events.
        tenant_id: whose log.
        expected: where the aggregate of each must stand; ``None`` for anywhere.
        notifies: wake whoever follows the log.
        is_alone: the call is a transaction of its own.

    Returns:
        A row an event that was stored or is known, else one for each that is refused:
        its ordinal from 1, the outcome, position, version and recorded time.
    """
    if len(encoded) > 1:
        events = [texts.event for texts in encoded]
        return sql.fetch_all(
            "append_many",
            (
                tenant_id,
                [event.aggregate_id for event in events],
                [event.aggregate_type for event in events],
                *columns(encoded),
                list(expected),
                notifies,
            ),
        )
    event = encoded[0].event
    rows = sql.fetch_all(
        "append_one",
        (
            tenant_id,
            event.aggregate_id,
            event.aggregate_type,
            *values(encoded[0]),
            expected[0],
            notifies,
            is_alone,
        ),
    )
    return [(1, *row) for row in rows]
