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
#: As text, ready to send: the raw sides pay no encoding at all.
DATA_TEXT = json.dumps(DATA, separators=(",", ":"))
METADATA_TEXT = json.dumps(METADATA, separators=(",", ":"))
EVENT_TYPE = "RequirementApproved"
AGGREGATE_TYPE = "Requirement"


def new_event(aggregate_id: str) -> DomainEvent:
    """Return the event for ``aggregate_id``."""
    return DomainEvent(
        event_type=EVENT_TYPE,
        aggregate_type=AGGREGATE_TYPE,
        aggregate_id=aggregate_id,
        data=DATA,
        metadata=METADATA,
    )
