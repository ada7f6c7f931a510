"""What the console's subscriptions would have counted, by one statement each."""

from __future__ import annotations

from audit_console.queries.rollups import ACTORS, EVENTS
from benchmarks.connecting import connect

_STATEMENTS = (
    "TRUNCATE audit_console_event_counts, audit_console_actor_counts",
    """
    INSERT INTO audit_console_event_counts
           (tenant_id, basis, grain, begins_at, event_type, events)
    SELECT tenant_id, basis, grain, date_trunc(grain, moment, 'UTC'), event_type,
           count(*)
      FROM stored_domain_events,
           LATERAL (VALUES ('occurred', occurred_at), ('stored', stored_at))
                AS by_time (basis, moment),
           (VALUES ('day'), ('hour')) AS by_grain (grain)
     WHERE grain = 'day' OR moment > now() - interval '90 days'
     GROUP BY 1, 2, 3, 4, 5
    """,
    """
    INSERT INTO audit_console_actor_counts
           (tenant_id, begins_at, actor_id, actor_kind, events)
    SELECT tenant_id, date_trunc('day', occurred_at, 'UTC'),
           metadata #>> '{actor,id}', metadata #>> '{actor,type}', count(*)
      FROM stored_domain_events WHERE metadata #>> '{actor,id}' IS NOT NULL
     GROUP BY 1, 2, 3, 4
    """,
    "VACUUM (ANALYZE) audit_console_event_counts",
    "VACUUM (ANALYZE) audit_console_actor_counts",
)
_CHECKPOINT = """
INSERT INTO event_subscriptions
       (tenant_id, name, partition, partitions, position, handled, state, last_error,
        moved_at, lease_owner)
SELECT '', %s, 0, 1, max(position), count(*), 'running', '', now(), ''
  FROM stored_domain_events
    ON CONFLICT (tenant_id, name, partition)
    DO UPDATE SET position = excluded.position, handled = excluded.handled
"""


def keep() -> None:
    """Bring the charts' counts to the end of the log."""
    with connect() as raw:
        for statement in _STATEMENTS:
            raw.execute(statement)
        for name in (EVENTS, ACTORS):
            raw.execute(_CHECKPOINT, [name])
