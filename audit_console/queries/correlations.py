"""Conversations, and what one event caused."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connections
from django.db.models.lookups import Exact

from audit_console.queries import log_events
from audit_console.queries.log_events import LogEvent
from audit_console.reading import Reading
from eventstore.models.event import metadata_text

#: How many events a page shows.
MAX_EVENTS = 200
#: How many generations of effects are followed.
MAX_GENERATIONS = 30

# The effects of several events, each found by the index of causes.
_EFFECTS = """
SELECT effect.position
  FROM unnest(%(causes)s::text[]) AS cause (event_id)
 CROSS JOIN LATERAL (
       SELECT e.position FROM stored_domain_events AS e
        WHERE e.tenant_id = %(tenant_id)s
          AND (e.metadata ->> 'causation_id') = cause.event_id
          AND e.position <= %(horizon)s
        ORDER BY e.position LIMIT %(limit)s) AS effect
 ORDER BY effect.position
 LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Events that belong together.

    Attributes:
        events: by position.
        is_complete: whether there are no more; a page of a conversation has others
            behind it.
        known_causes: positions of causes that the tenant's log has elsewhere, by id.
    """

    events: list[LogEvent]
    is_complete: bool
    known_causes: dict[str, int]


def conversation(
    reading: Reading, tenant_id: str, correlation_id: str, *, after: int = 0
) -> Conversation:
    """Return a page of the events with a correlation id, by position."""
    found = log_events.events(reading).filter(
        Exact(metadata_text("correlation_id"), correlation_id),
        tenant_id=tenant_id,
        position__gt=after,
    )
    page = found.order_by("position")[: MAX_EVENTS + 1]
    events = log_events.fetch(page, with_payload=False)
    is_complete = len(events) <= MAX_EVENTS
    return _with_causes(
        reading, tenant_id, events[:MAX_EVENTS], is_complete=is_complete
    )


def caused_by(reading: Reading, root: LogEvent) -> Conversation:
    """Return an event and what it caused, directly and through others."""
    return _followed(reading, root.tenant_id, [root], [])


def around(reading: Reading, tenant_id: str, own: Sequence[LogEvent]) -> Conversation:
    """Return events of a tenant, the causes they name, and all that they caused."""
    ids = {event.event_id for event in own}
    named = {event.causation_id for event in own if event.causation_id} - ids
    found = log_events.events(reading).filter(
        tenant_id=tenant_id, event_id__in=sorted(named)
    )
    causes = log_events.fetch(found, with_payload=False) if named else []
    return _followed(reading, tenant_id, own, causes)


def _followed(
    reading: Reading,
    tenant_id: str,
    roots: Sequence[LogEvent],
    others: Sequence[LogEvent],
) -> Conversation:
    """Return ``roots`` with what they caused, directly and through others."""
    events, is_complete = [*others, *roots], True
    known = {event.event_id for event in events}
    generation = [event.event_id for event in roots]
    for number in range(MAX_GENERATIONS + 1):
        room = MAX_EVENTS - len(events)
        found = _effects(reading, tenant_id, generation, room + 1)
        new = [event for event in found if event.event_id not in known]
        if not new:
            break
        if len(new) > room or number == MAX_GENERATIONS:
            is_complete, new = False, new[:room]
        events += new
        generation = [event.event_id for event in new]
        known.update(generation)
        if not is_complete:
            break
    events.sort(key=lambda event: event.position)
    return _with_causes(reading, tenant_id, events, is_complete=is_complete)


def _effects(
    reading: Reading, tenant_id: str, causes: Collection[str], limit: int
) -> list[LogEvent]:
    with connections[reading.database].cursor() as cursor:
        cursor.execute(
            _EFFECTS,
            {
                "causes": list(causes),
                "tenant_id": tenant_id,
                "horizon": reading.horizon,
                "limit": limit,
            },
        )
        positions = [position for (position,) in cursor.fetchall()]
    if not positions:
        return []
    found = (
        log_events.events(reading).filter(position__in=positions).order_by("position")
    )
    return log_events.fetch(found, with_payload=False)


def _with_causes(
    reading: Reading, tenant_id: str, events: list[LogEvent], *, is_complete: bool
) -> Conversation:
    own = {event.event_id for event in events}
    outside = {event.causation_id for event in events if event.causation_id} - own
    known = {}
    if outside:
        found = log_events.events(reading).filter(
            tenant_id=tenant_id, event_id__in=sorted(outside)
        )
        known = dict(found.values_list("event_id", "position"))
    return Conversation(events, is_complete, known)
