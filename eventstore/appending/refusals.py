"""What the database refused, in words."""

from __future__ import annotations

from eventstore.exceptions import (
    ConcurrencyError,
    DuplicateEventError,
    EventStoreError,
    InvalidEvent,
    IsolationLevelError,
)
from eventstore.types import DomainEvent

#: What the names of the store's own events and aggregates begin with.
RESERVED = "eventstore."


def refusal(
    outcome: str, event: DomainEvent, version: int, expected: int | None
) -> EventStoreError:
    """Return the error for what the append function answered instead of storing.

    Args:
        outcome: its word.
        event: the one that it speaks of.
        version: where the event's aggregate stands, of a conflict.
        expected: where it should stand.
    """
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
