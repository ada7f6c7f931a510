"""What is asked for, and what is handed out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import simplejson

from eventstore.types import StoredDomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events a client follows.

    Attributes:
        tenants: only theirs; none by default.
        event_types: only these; all by default.
        aggregate_types: only these; all by default.
        aggregate_id: only this one; all by default.
    """

    tenants: frozenset[str] = frozenset()
    event_types: frozenset[str] | None = None
    aggregate_types: frozenset[str] | None = None
    aggregate_id: str | None = None

    def matches(self, item: FeedItem) -> bool:
        """Return whether ``item`` is among them."""
        return (
            item.tenant_id in self.tenants
            and (self.event_types is None or item.event_type in self.event_types)
            and (
                self.aggregate_types is None
                or item.aggregate_type in self.aggregate_types
            )
            and self.aggregate_id in {None, item.aggregate_id}
        )

    @property
    def is_narrow(self) -> bool:
        """Return whether a read may have to pass over events of its tenants."""
        return (self.event_types, self.aggregate_types, self.aggregate_id) != (
            None,
            None,
            None,
        )


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An event, written out once for all clients."""

    position: int
    tenant_id: str
    event_type: str
    aggregate_type: str
    aggregate_id: str
    #: The event as a JSON object on one line, in UTF-8.
    json: bytes

    @classmethod
    def of(cls, event: StoredDomainEvent) -> FeedItem:
        """Write ``event`` out with the fields and the exact numbers of the REST API."""
        return cls(
            event.position,
            event.tenant_id,
            event.event_type,
            event.aggregate_type,
            event.aggregate_id,
            _as_json(event),
        )


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Some items, and the position up to which they are all that is wanted."""

    items: Sequence[FeedItem]
    end: int


def _as_json(event: StoredDomainEvent) -> bytes:
    fields = {
        "position": event.position,
        "event_id": event.event_id,
        "tenant_id": event.tenant_id,
        "aggregate_type": event.aggregate_type,
        "aggregate_id": event.aggregate_id,
        "aggregate_version": event.aggregate_version,
        "event_type": event.event_type,
        "event_version": event.event_version,
        "occurred_at": event.occurred_at.isoformat().replace("+00:00", "Z"),
        "stored_at": event.stored_at.isoformat().replace("+00:00", "Z"),
        "data": event.data,
        "metadata": event.metadata,
        "is_redacted": event.is_redacted,
        "snapshot_id": event.snapshot_id,
    }
    text = simplejson.dumps(
        fields, ensure_ascii=False, use_decimal=True, separators=(",", ":")
    )
    return text.encode()
