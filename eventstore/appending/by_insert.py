"""Append by plain SQL: to the server, the function costs half as much again.

It takes an append that is a transaction of its own, to one aggregate, by a role that
may write the tables: there the statement may simply fail. What it did not store is put
before the function, which knows a retry from a conflict and says what is wrong.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from eventstore import notifying, sql
from eventstore.appending.documents import Encoded, columns, values
from eventstore.appending.refusals import RESERVED
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
    first = encoded[0]
    is_one = len(encoded) == 1
    began = time.monotonic()
    wakes = notifying.is_due(began)
    rows = sql.fetch_alone(
        connection,
        f"insert_{'one' if is_one else 'many'}{_bump(version)}{'_waking' * wakes}",
        (
            tenant_id,
            first.event.aggregate_id,
            first.event.aggregate_type,
            *(values(first) if is_one else columns(encoded)),
            *([version] if version else ()),
        ),
    )
    if not rows:
        return None
    notifying.has_committed(began, asked=wakes)
    return rows


def _bump(version: int | None) -> str:
    """Return what the statement that bumps an aggregate at ``version`` is called."""
    if version is None:
        return ""
    return "_at" if version else "_new"


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
