"""One event, what stands beside it, and what was removed from it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.lookups import Exact

from audit_console.models import AccessRecord
from audit_console.queries import log_events
from audit_console.queries.log_events import LogEvent
from audit_console.queries.redactions import by_reference
from audit_console.reading import Reading
from eventstore.models import EventRedaction, StoredEvent
from eventstore.models.event import metadata_text
from eventstore.projections.projection import EVENT_REDACTED

#: How many related events a page lists, and how far it counts them.
LISTED, COUNTED = 20, 1_000
#: How many looks at an event a page lists.
_LOOKS = 10


@dataclass(frozen=True, slots=True)
class Related:
    """Some events, and how many there are.

    Attributes:
        events: the first ones, by position.
        count: how many in all; ``None`` when counting took too long.
    """

    events: list[LogEvent]
    count: int | None

    @property
    def is_capped(self) -> bool:
        """Whether the counting stopped at its limit."""
        return self.count is not None and self.count > COUNTED

    @property
    def is_cut(self) -> bool:
        """Whether there are more than are listed."""
        return self.count is None or self.count > len(self.events)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The positions of the events before and after one in its aggregate."""

    previous: int | None
    next: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionNote:
    """The record of a removal.

    Attributes:
        position: of the event from which something was removed.
        aggregate: its type and id.
        fields: JSON pointers; none for the whole payload.
        number: of the request behind it, as the record names it.
        request: the key of that request, if it was made here.
    """

    redaction_id: str
    position: int
    aggregate: str
    aggregate_version: int
    fields: tuple[str, ...]
    reason: str
    actor: dict[str, Any]
    recorded_at: datetime
    number: str = ""
    request: int | None = None

    @property
    def pointers(self) -> tuple[str, ...]:
        """The places that are gone."""
        return self.fields or ("/data",)


def at(reading: Reading, position: int, tenants: Collection[str]) -> LogEvent | None:
    """Return the event at a position, without its payload, if it is of ``tenants``."""
    found = log_events.events(reading).filter(position=position, tenant_id__in=tenants)
    return log_events.fetch_one(found, with_payload=False)


def with_payload(reading: Reading, event: LogEvent) -> LogEvent:
    """Return ``event`` with its payload; ask before whether the reader may see it."""
    found = log_events.events(reading).filter(position=event.position)
    return log_events.fetch_one(found, with_payload=True) or event


def position_of(reading: Reading, tenant_id: str, event_id: str) -> int | None:
    """Return where the event with an id stands in the log."""
    found = log_events.events(reading).filter(tenant_id=tenant_id, event_id=event_id)
    return found.values_list("position", flat=True).first()


def neighbours(reading: Reading, event: LogEvent) -> Neighbours:
    """Return the events before and after ``event`` in its aggregate."""
    version = event.aggregate_version
    found = dict(
        log_events.events(reading)
        .filter(
            tenant_id=event.tenant_id,
            aggregate_id=event.aggregate_id,
            aggregate_type=event.aggregate_type,
            aggregate_version__in=(version - 1, version + 1),
        )
        .values_list("aggregate_version", "position")
    )
    return Neighbours(found.get(version - 1), found.get(version + 1))


def of_conversation(reading: Reading, event: LogEvent) -> Related:
    """Return the events of the conversation that ``event`` belongs to."""
    return _related(reading, event.tenant_id, "correlation_id", event.correlation_id)


def effects(reading: Reading, event: LogEvent) -> Related:
    """Return the events that name ``event`` as their cause."""
    return _related(reading, event.tenant_id, "causation_id", event.event_id)


def cause(reading: Reading, event: LogEvent) -> LogEvent | None:
    """Return the event that ``event`` names as its cause, if the tenant has it."""
    if event.causation_id is None:
        return None
    found = log_events.events(reading).filter(
        tenant_id=event.tenant_id, event_id=event.causation_id
    )
    return log_events.fetch_one(found, with_payload=False)


def redactions(reading: Reading, event: LogEvent) -> list[RedactionNote]:
    """Return the records of what was removed from ``event``, oldest first."""
    if not event.is_redacted:
        return []
    found = EventRedaction.objects.using(reading.database).filter(
        tenant_id=event.tenant_id, position=event.position
    )
    return _notes(reading, event.tenant_id, list(found.order_by("id")))


def _notes(
    reading: Reading, tenant_id: str, rows: list[EventRedaction]
) -> list[RedactionNote]:
    requests = by_reference(reading, tenant_id, [row.request_id for row in rows])
    return [
        RedactionNote(
            position=row.position,
            aggregate=f"{row.aggregate_type} {row.aggregate_id}",
            aggregate_version=row.aggregate_version,
            redaction_id=row.redaction_id,
            fields=tuple(row.fields),
            reason=row.reason,
            actor=row.actor if isinstance(row.actor, dict) else {},
            recorded_at=row.recorded_at,
            number=row.request_id or "",
            request=requests.get(row.request_id or ""),
        )
        for row in rows
    ]


def removal_by(reading: Reading, event: LogEvent) -> RedactionNote | None:
    """Return what ``event`` is the record of, if it is that of a redaction."""
    if event.event_type != EVENT_REDACTED:
        return None
    found = EventRedaction.objects.using(reading.database).filter(
        tenant_id=event.tenant_id, redaction_id=event.aggregate_id
    )
    return next(iter(_notes(reading, event.tenant_id, list(found))), None)


def viewers(event: LogEvent) -> list[AccessRecord]:
    """Return the newest records of who looked at ``event``."""
    looks = AccessRecord.objects.filter(
        objects_seen__contains=[f"event:{event.position}"]
    )
    return list(looks.order_by("-id")[:_LOOKS])


def _related(reading: Reading, tenant_id: str, key: str, value: str | None) -> Related:
    if not value:
        return Related([], 0)
    found: QuerySet[StoredEvent] = log_events.events(reading).filter(
        Exact(metadata_text(key), value), tenant_id=tenant_id
    )
    listed = log_events.fetch(found.order_by("position")[:LISTED], with_payload=False)
    if len(listed) < LISTED:
        return Related(listed, len(listed))
    return Related(listed, reading.part(found[: COUNTED + 1].count))
