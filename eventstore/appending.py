"""Append events: check, enrich, one statement, and the refusal in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any, NamedTuple

from eventstore import context, notifying, serialization, sql, validating
from eventstore.conf import store_settings
from eventstore.exceptions import (
    ConcurrencyError,
    DuplicateEventError,
    EventStoreError,
    InvalidEvent,
    IsolationLevelError,
)
from eventstore.types import AggregateKey, DomainEvent, StoredDomainEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    #: A number for every aggregate, one for each, or ``None`` for any.
    ExpectedVersion = int | Mapping[tuple[str, str], int] | None

RESERVED = "eventstore."


class _Encoded(NamedTuple):
    data: str
    metadata: str
    #: The metadata as stored, completed from the context.
    document: dict[str, Any]


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
    encoded = [_encode(event) for event in events]
    expected = _expected_versions(events, expected_version)
    notifies = notifying.comes_with_append()
    if len(events) == 1:
        rows = _append_one(
            events[0], encoded[0], tenant_id, expected[0], notifies=notifies
        )
    else:
        rows = _append_many(events, encoded, tenant_id, expected, notifies=notifies)
    ordinal, outcome, _, version, _ = rows[0]
    if outcome == "appended":
        if not notifies:
            notifying.notify_on_commit()
        return [
            _stored(event, texts.document, tenant_id, row)
            for event, texts, row in zip(events, encoded, rows, strict=True)
        ]
    if outcome == "known":
        return _read_known(events, tenant_id)
    raise _refusal(outcome, events[ordinal - 1], version, expected[ordinal - 1])


def _append_one(
    event: DomainEvent,
    encoded: _Encoded,
    tenant_id: str,
    expected: int | None,
    *,
    notifies: bool,
) -> list[tuple[Any, ...]]:
    row = sql.fetch_one(
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
    return [(1, *row)] if row else []


def _append_many(
    events: Sequence[DomainEvent],
    encoded: Sequence[_Encoded],
    tenant_id: str,
    expected: Sequence[int | None],
    *,
    notifies: bool,
) -> list[tuple[Any, ...]]:
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


def _stored(
    event: DomainEvent,
    metadata: dict[str, Any],
    tenant_id: str,
    row: tuple[Any, ...],
) -> StoredDomainEvent:
    return StoredDomainEvent.from_fields(
        {
            "position": row[2],
            "event_id": event.event_id,
            "tenant_id": tenant_id,
            "aggregate_type": event.aggregate_type,
            "aggregate_id": event.aggregate_id,
            "aggregate_version": row[3],
            "event_type": event.event_type,
            "event_version": event.event_version,
            "occurred_at": event.occurred_at.astimezone(UTC),
            "stored_at": row[4].astimezone(UTC),
            "data": event.data,
            "metadata": metadata,
            "is_redacted": False,
            "snapshot_id": None,
            "upcast_from": None,
        }
    )


def _refusal(
    outcome: str, event: DomainEvent, version: int, expected: int | None
) -> EventStoreError:
    name = f"{event.aggregate_type} {event.aggregate_id}"
    match outcome:
        case "conflict":
            return ConcurrencyError(
                f"{name} stands at version {version}, not at {expected} as expected. "
                "Nothing was written; load it again and decide anew.",
                aggregate_type=event.aggregate_type,
                aggregate_id=event.aggregate_id,
                expected=expected,
                actual=version,
            )
        case "duplicate":
            return duplicate_of(event.event_id)
        case "reserved":
            is_type = event.event_type.startswith(RESERVED)
            return InvalidEvent(
                "event_type" if is_type else "aggregate_type",
                f"{event.event_type!r} of {name}: names that begin with {RESERVED!r} "
                "are reserved for the store itself.",
            )
        case "isolation":
            return IsolationLevelError()
    return InvalidEvent(name, "is beyond the database's limits for an event.")


def duplicate_of(event_id: str) -> DuplicateEventError:
    """Return the error that says that ``event_id`` is taken."""
    return DuplicateEventError(
        event_id,
        f"Event id {event_id!r} is taken by another event, or the rest of its batch "
        "is new. Nothing was written; a retry must repeat the first call exactly, "
        "anything else needs an id of its own.",
    )


def _read_known(
    events: Sequence[DomainEvent], tenant_id: str
) -> list[StoredDomainEvent]:
    ids = [event.event_id for event in events]
    known = {
        event.event_id: event
        for event in sql.fetch_events("read_known", (tenant_id, ids))
    }
    return [known[event_id] for event_id in ids]


def _expected_versions(
    events: Sequence[DomainEvent], expected: ExpectedVersion
) -> list[int | None]:
    if not isinstance(expected, Mapping):
        _check_version(expected)
        return [expected] * len(events)
    keys = [AggregateKey(event.aggregate_type, event.aggregate_id) for event in events]
    known = set(keys)
    for key, version in expected.items():
        _check_version(version)
        if key not in known:
            raise InvalidEvent(
                "expected_version",
                f"names {key!r}, of which the batch has no event: the keys are "
                "(aggregate_type, aggregate_id).",
            )
    return [expected.get(key) for key in keys]


def _check_version(version: Any) -> None:
    if version is None:
        return
    if type(version) is not int or not 0 <= version < 1 << 62:
        raise InvalidEvent(
            "expected_version",
            f"is {version!r}; it must be a whole number from 0 (no events yet) up.",
        )


def _encode(event: DomainEvent) -> _Encoded:
    """Check ``event`` and return its documents as text: the seam of what goes in."""
    for name in validating.NAMES:
        validating.check_text(name, getattr(event, name))
    validating.check_moment(event.occurred_at)
    if not isinstance(event.metadata, dict):
        raise InvalidEvent("metadata", "must be a JSON object.")
    settings = store_settings()
    metadata = context.complete_metadata(event.metadata)
    validating.check_ids(metadata)
    return _Encoded(
        serialization.encode(
            event.data,
            "data",
            max_bytes=settings.MAX_PAYLOAD_BYTES,
            max_depth=settings.MAX_DEPTH,
        ),
        serialization.encode(
            metadata,
            "metadata",
            max_bytes=settings.MAX_METADATA_BYTES,
            max_depth=settings.MAX_DEPTH,
        ),
        metadata,
    )
