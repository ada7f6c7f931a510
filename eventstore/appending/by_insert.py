"""Append by plain SQL: to the server, the function costs half as much again.

It takes an append that is a transaction of its own, to one aggregate, by a role that
may write the tables: there the statement may simply fail. What it did not store is put
before the function, which knows a retry from a conflict and says what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventstore import sql
from eventstore.appending.documents import Encoded
from eventstore.appending.refusals import RESERVED
from eventstore.conf import store_settings
from eventstore.sql import Row


def store(
    encoded: Sequence[Encoded], tenant_id: str, version: int | None
) -> list[Row] | None:
    """Store the events, all or none.

    Args:
        encoded: the events.
        tenant_id: whose log.
        version: where the aggregate of the first must stand; ``None`` for anywhere.

    Returns:
        Position, version and recorded time of each; ``None`` when nothing was stored.
    """
    connection = sql.standing_alone()
    if connection is None or not _is_plain(encoded):
        return None
    first = encoded[0].event
    if len(encoded) == 1:
        name, values = "insert_one", _values(encoded[0])
    else:
        name, values = "insert_many", _columns(encoded)
    rows = sql.fetch_alone(
        connection,
        f"{name}_at" if version else name,
        (
            tenant_id,
            first.aggregate_id,
            first.aggregate_type,
            *values,
            version,
            store_settings().NOTIFY,
        ),
    )
    return [row[:3] for row in rows] if rows else None


def _values(encoded: Encoded) -> Sequence[Any]:
    event = encoded.event
    return (
        event.event_id,
        event.event_type,
        event.event_version,
        event.occurred_at,
        encoded.data,
        encoded.metadata,
    )


def _columns(encoded: Sequence[Encoded]) -> Sequence[Any]:
    return [list(column) for column in zip(*map(_values, encoded), strict=True)]


def _is_plain(encoded: Sequence[Encoded]) -> bool:
    """Return whether all are of one aggregate, and none has a reserved name."""
    kind, key = encoded[0].event.aggregate_type, encoded[0].event.aggregate_id
    if kind.startswith(RESERVED):
        return False
    for texts in encoded:
        event = texts.event
        if (
            event.aggregate_id != key
            or event.aggregate_type != kind
            or event.event_type.startswith(RESERVED)
        ):
            return False
    return True
