"""One call, one statement: plain SQL where that may fail, else the function."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from eventstore import context, notifying, sql, validating
from eventstore.appending import by_function, by_insert
from eventstore.appending.documents import Encoded, encode
from eventstore.appending.expected import ExpectedVersion, expected_versions
from eventstore.appending.refusals import refusal
from eventstore.exceptions import EventStoreError
from eventstore.types import DomainEvent, StoredDomainEvent


def append(
    events: Sequence[DomainEvent],
    tenant_id: str,
    expected_version: ExpectedVersion = None,
) -> list[StoredDomainEvent]:
    """Append ``events`` to the log of a tenant, all or none, in one round trip.

    Repeating a call whose events are stored already returns the first result.

    Args:
        events: in the order of their positions; over one or many aggregates.
        tenant_id: whose log.
        expected_version: the version at which each aggregate must stand (0: no events
            yet): a number for all, a mapping ``{(type, id): n}``, or ``None`` for any.

    Returns:
        The stored events, in the same order.

    Raises:
        InvalidEvent: an event, or what is expected of it, cannot be stored.
        ConcurrencyError: an aggregate stands at another version, or a deadlock.
        DuplicateEventError: an event id is taken by another event.
        IsolationLevelError: the transaction is not READ COMMITTED.
    """
    if not events:
        return []
    if context.is_replaying():
        raise EventStoreError(
            "A rebuild folds history anew and appends nothing: leave effects to "
            "Projection.after_commit() or to a subscription of their own."
        )
    validating.check_text("tenant_id", tenant_id)
    encoded = [encode(event) for event in events]
    expected = expected_versions(events, expected_version)
    placed = by_insert.store(encoded, tenant_id, expected[0])
    if placed is None:
        is_part = sql.in_atomic_block()
        began = time.monotonic()
        notifies = not is_part and notifying.is_due(began)
        rows = by_function.store(
            encoded,
            tenant_id,
            expected,
            notifies=notifies,
            is_alone=sql.is_autocommitting(),
        )
        ordinal, outcome, _, version, _ = rows[0]
        if outcome == "known":
            return _read_known(events, tenant_id)
        if outcome != "appended":
            place = ordinal - 1
            raise refusal(outcome, events[place], version, expected[place])
        if is_part:
            notifying.notify_on_commit()
        else:
            notifying.has_committed(began, asked=notifies)
        placed = [row[2:] for row in rows]
    return [
        _stored(texts, tenant_id, *place)
        for texts, place in zip(encoded, placed, strict=True)
    ]


def _stored(
    encoded: Encoded,
    tenant_id: str,
    position: int,
    aggregate_version: int,
    stored_at: datetime,
) -> StoredDomainEvent:
    event = encoded.event
    return StoredDomainEvent.from_fields(
        {
            "position": position,
            "event_id": event.event_id,
            "tenant_id": tenant_id,
            "aggregate_type": event.aggregate_type,
            "aggregate_id": event.aggregate_id,
            "aggregate_version": aggregate_version,
            "event_type": event.event_type,
            "event_version": event.event_version,
            "occurred_at": event.occurred_at.astimezone(UTC),
            "stored_at": stored_at.astimezone(UTC),
            "data": event.data,
            "metadata": encoded.document,
            "is_redacted": False,
            "snapshot_id": None,
            "upcast_from": None,
        }
    )


def _read_known(
    events: Sequence[DomainEvent], tenant_id: str
) -> list[StoredDomainEvent]:
    ids = [event.event_id for event in events]
    known: dict[Any, StoredDomainEvent] = {
        event.event_id: event
        for event in sql.fetch_events("read_known", (tenant_id, ids))
    }
    return [known[event_id] for event_id in ids]
