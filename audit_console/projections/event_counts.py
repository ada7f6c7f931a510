"""Events by tenant, basis, day and type; by hour for the last 90 days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import connections

from audit_console.models import EventCount
from eventstore import Projection
from eventstore.conf import store_settings
from eventstore.types import StoredDomainEvent

#: For how long hours are kept: by the hour, a sparse log is hardly shorter than itself.
HOURS_KEPT = timedelta(days=90)

_ADD = """
INSERT INTO audit_console_event_counts AS c
       (tenant_id, basis, grain, begins_at, event_type, events)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[],
                     %s::bigint[])
    ON CONFLICT (tenant_id, basis, grain, begins_at, event_type)
    DO UPDATE SET events = c.events + excluded.events
"""
_DROP_HOURS = """
DELETE FROM audit_console_event_counts
 WHERE tenant_id = ANY (%s) AND basis = ANY (%s) AND grain = 'hour' AND begins_at < %s
"""
Place = tuple[str, str, str, datetime, str]


class EventCounts(Projection):
    """Counts every event four times: by day and hour of each of its two times."""

    name = "audit-console-event-counts"
    models = (EventCount,)
    copies_payload = False
    batch_size = 5000

    def project_batch(self, events: Sequence[StoredDomainEvent]) -> None:
        """Add a batch with one statement."""
        oldest = datetime.now(UTC) - HOURS_KEPT
        counts = Counter(place for event in events for place in _places(event, oldest))
        # In one order everywhere, so that a rebuild and the live one never deadlock.
        rows = [(*place, counts[place]) for place in sorted(counts)]
        with connections[store_settings().DATABASE].cursor() as cursor:
            cursor.execute(_ADD, [[row[i] for row in rows] for i in range(6)])
            tenants = sorted({row[0] for row in rows})
            cursor.execute(_DROP_HOURS, [tenants, ["occurred", "stored"], oldest])

    def handled_types(self) -> frozenset[str] | None:
        """Return ``None``: all."""
        return None


def day_of(moment: datetime) -> datetime:
    """Return when the day of ``moment`` begins, in UTC."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _places(event: StoredDomainEvent, oldest: datetime) -> list[Place]:
    """Return the rows that ``event`` counts in."""
    places: list[Place] = []
    for basis, moment in (
        ("occurred", event.occurred_at),
        ("stored", event.stored_at),
    ):
        day = day_of(moment)
        places.append((event.tenant_id, basis, "day", day, event.event_type))
        if moment >= oldest:
            hour = moment.replace(minute=0, second=0, microsecond=0)
            places.append((event.tenant_id, basis, "hour", hour, event.event_type))
    return places
