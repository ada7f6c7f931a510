"""One model per table. What is append-only refuses to be saved, changed or deleted."""

from __future__ import annotations

from eventstore.models.aggregate import AggregateHead
from eventstore.models.event import StoredEvent
from eventstore.models.grant import TenantGrant
from eventstore.models.redaction import EventRedaction
from eventstore.models.snapshot import EventSnapshot

__all__ = [
    "AggregateHead",
    "EventRedaction",
    "EventSnapshot",
    "StoredEvent",
    "TenantGrant",
]
