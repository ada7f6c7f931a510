"""Valid by default: a test names the one thing that matters to it."""

from __future__ import annotations

import uuid
from typing import Any

from eventstore import DomainEvent


def new_event(event_type: Any = "RequirementCreated", **fields: Any) -> DomainEvent:
    """Return an event that can be appended, but for what a test makes faulty."""
    given = {
        "aggregate_type": "Requirement",
        "aggregate_id": "R-1",
        "data": {"title": "Log in with a passkey"},
    }
    return DomainEvent(event_type=event_type, **(given | fields))


def new_tenant() -> str:
    """Return a tenant of its own, for tests that cannot roll back."""
    return f"tenant-{uuid.uuid4()}"
