"""The event that every side stores: an ordinary payload with ordinary metadata."""

from __future__ import annotations

import json

from eventstore import DomainEvent

DATA = {
    "title": "Log in with a passkey",
    "priority": "high",
    "tags": ["security", "login"],
    "reporter": {"name": "Ann Example", "email": "ann@example.com"},
    "estimate": 12,
    "risk": 1.5,
}
METADATA = {
    "actor": {"type": "user", "id": "u-1"},
    "correlation_id": "c-1",
    "ip": "192.0.2.1",
}
_encode = json.JSONEncoder(separators=(",", ":")).encode
#: As text, for what fills tables and files.
DATA_TEXT = _encode(DATA)
METADATA_TEXT = _encode(METADATA)
EVENT_TYPE = "RequirementApproved"
AGGREGATE_TYPE = "Requirement"


def encoded() -> tuple[str, str]:
    """Return payload and metadata as text, encoded anew.

    Who appends without the store has to encode its events too, as a raw fetch parses
    what it has read.
    """
    return _encode(DATA), _encode(METADATA)


def new_event(aggregate_id: str) -> DomainEvent:
    """Return the event for ``aggregate_id``."""
    return DomainEvent(
        event_type=EVENT_TYPE,
        aggregate_type=AGGREGATE_TYPE,
        aggregate_id=aggregate_id,
        data=DATA,
        metadata=METADATA,
    )
