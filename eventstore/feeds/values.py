"""What is asked for, and what is handed out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

import simplejson

from eventstore.disclosure import disclose
from eventstore.roles import Permission
from eventstore.types import StoredDomainEvent

#: How much somebody sees of an event: of ``disclosure.VIEWING``, what they have.
View = frozenset[Permission]


class Shown(NamedTuple):
    """An event as one client sees it."""

    position: int
    #: The event as a JSON object on one line, in UTF-8.
    json: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events a client follows.

    Attributes:
        views: only those of these tenants, and how much of them; none by default.
        event_types: only these; all by default.
        aggregate_types: only these; all by default.
        aggregate_id: only this one; all by default.
    """

    views: Mapping[str, View] = field(default_factory=lambda: MappingProxyType({}))
    event_types: frozenset[str] | None = None
    aggregate_types: frozenset[str] | None = None
    aggregate_id: str | None = None

    @property
    def tenants(self) -> frozenset[str]:
        """Whose events."""
        return frozenset(self.views)

    @property
    def pairs(self) -> frozenset[tuple[str, View]]:
        """Each tenant with how much of its events: what a read must provide."""
        return frozenset(self.views.items())

    def matches(self, item: FeedItem) -> bool:
        """Return whether ``item`` is among them."""
        return (
            item.tenant_id in self.views
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
    """An event, written out once for all clients that see as much of it."""

    position: int
    tenant_id: str
    event_type: str
    aggregate_type: str
    aggregate_id: str
    texts: Mapping[View, bytes]

    @classmethod
    def of(cls, event: StoredDomainEvent, views: Collection[View]) -> FeedItem:
        """Write ``event`` out with the fields and the exact numbers of the REST API.

        Args:
            event: with exact numbers.
            views: of those who follow its tenant; once for each.
        """
        return cls(
            event.position,
            event.tenant_id,
            event.event_type,
            event.aggregate_type,
            event.aggregate_id,
            {view: _as_json(event, view) for view in views},
        )

    @property
    def size(self) -> int:
        """How many bytes it has, all views together."""
        return sum(map(len, self.texts.values()))

    def shown_to(self, wanted: Wanted) -> Shown:
        """Return what a client sees of it."""
        return Shown(self.position, self.texts[wanted.views[self.tenant_id]])


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Some items, and the position up to which they are all that is wanted."""

    items: Sequence[FeedItem]
    end: int


def _as_json(event: StoredDomainEvent, view: View) -> bytes:
    documents = {"data": event.data, "metadata": event.metadata}
    shown, hidden = disclose(documents, view)
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
        **shown,
        "is_redacted": event.is_redacted,
        "snapshot_id": event.snapshot_id,
        "hidden": hidden,
    }
    text = simplejson.dumps(
        fields, ensure_ascii=False, use_decimal=True, separators=(",", ":")
    )
    return text.encode()
