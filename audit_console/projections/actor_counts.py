"""Events by tenant, day of occurring and actor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import connections

from audit_console.models import ActorCount
from audit_console.projections.event_counts import day_of
from eventstore import Projection
from eventstore.conf import store_settings
from eventstore.projections.projection import EVENT_REDACTED
from eventstore.types import StoredDomainEvent

_ADD = """
INSERT INTO audit_console_actor_counts AS c
       (tenant_id, begins_at, actor_id, actor_kind, events)
SELECT * FROM unnest(%s::text[], %s::timestamptz[], %s::text[], %s::text[],
                     %s::bigint[])
    ON CONFLICT (tenant_id, begins_at, actor_id, actor_kind)
    DO UPDATE SET events = c.events + excluded.events
"""
_DAY_OF_EVENT = """
SELECT occurred_at FROM stored_domain_events WHERE tenant_id = %s AND "position" = %s
"""
_REMOVE_DAY = """
DELETE FROM audit_console_actor_counts WHERE tenant_id = %s AND begins_at = %s
"""
_COUNT_DAY = """
INSERT INTO audit_console_actor_counts
       (tenant_id, begins_at, actor_id, actor_kind, events)
SELECT tenant_id, %(day)s, metadata #>> '{actor,id}',
       coalesce(metadata #>> '{actor,type}', ''), count(*)
  FROM stored_domain_events
 WHERE tenant_id = %(tenant)s AND occurred_at >= %(day)s AND occurred_at < %(end)s
   AND "position" <= %(up_to)s
   AND jsonb_typeof(metadata #> '{actor,id}') = 'string'
 GROUP BY 1, 3, 4
"""


class ActorCounts(Projection):
    """Counts who did how much; a redacted actor disappears from the counts too."""

    name = "audit-console-actor-counts"
    models = (ActorCount,)
    batch_size = 5000

    def project_batch(self, events: Sequence[StoredDomainEvent]) -> None:
        """Add a batch with one statement, then count anew what was redacted."""
        counts = Counter(
            (event.tenant_id, day_of(event.occurred_at), event.actor_id, _kind(event))
            for event in events
            if event.actor_id is not None
        )
        rows = [(*place, counts[place]) for place in sorted(counts)]
        with connections[store_settings().DATABASE].cursor() as cursor:
            cursor.execute(_ADD, [[row[i] for row in rows] for i in range(5)])
        notices = [event for event in events if event.event_type == EVENT_REDACTED]
        for tenant_id, day in _days_to_recount(notices):
            _recount(tenant_id, day, up_to=events[-1].position)

    def on_redacted(self, event: StoredDomainEvent) -> None:
        """Count the event's day anew, if the redaction may have met its actor."""
        for tenant_id, day in _days_to_recount([event]):
            _recount(tenant_id, day, up_to=event.position)

    def handled_types(self) -> frozenset[str] | None:
        """Return ``None``: all."""
        return None


def _kind(event: StoredDomainEvent) -> str:
    kind = event.metadata["actor"].get("type")
    return kind if isinstance(kind, str) else ""


def _days_to_recount(
    notices: Sequence[StoredDomainEvent],
) -> list[tuple[str, datetime]]:
    """Return the days whose actors are counted anew: who was removed, nobody knows."""
    days = set()
    for notice in notices:
        if not any(field.startswith("/metadata") for field in notice.data["fields"]):
            continue
        with connections[store_settings().DATABASE].cursor() as cursor:
            cursor.execute(_DAY_OF_EVENT, [notice.tenant_id, notice.data["position"]])
            row = cursor.fetchone()
        if row is not None:
            days.add((notice.tenant_id, day_of(row[0].astimezone(UTC))))
    return sorted(days)


def _recount(tenant_id: str, day: datetime, *, up_to: int) -> None:
    """Count one day of one tenant from the log, as far as the projection has come."""
    with connections[store_settings().DATABASE].cursor() as cursor:
        cursor.execute(_REMOVE_DAY, [tenant_id, day])
        cursor.execute(
            _COUNT_DAY,
            {
                "tenant": tenant_id,
                "day": day,
                "end": day + timedelta(days=1),
                "up_to": up_to,
            },
        )
