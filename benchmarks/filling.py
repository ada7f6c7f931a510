"""Stored events in bulk, by one statement a chunk, as a skewed log has them.

Half of the events belong to one tenant, the rest to fifteen others; 20 event types, the
first of them a fifth of all; aggregates of 100 events each, written side by side, so
that the events of one aggregate lie far apart.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from django.db import connection

from benchmarks import sample
from benchmarks.connecting import connect

CHUNK = 10_000
TENANT = "tenant-0"
EVENT_TYPE = "Type-0"
AGGREGATE_TYPE = "Requirement"

_FILL = """
WITH numbered AS (
    SELECT n, n / 10000 * 100 + n %% 100 AS aggregate, n %% 10000 / 100 + 1 AS version
      FROM generate_series(%(start)s::bigint, %(end)s::bigint - 1) AS n
), placed AS (
    SELECT *, 'tenant-' || CASE WHEN aggregate %% 2 = 0 THEN 0
                                ELSE 1 + aggregate / 2 %% 15 END AS tenant
      FROM numbered
), aggregates AS (
    INSERT INTO event_aggregates
           (tenant_id, aggregate_id, aggregate_type, current_version, last_stored_at)
    SELECT tenant, 'A-' || aggregate, 'Requirement', max(version), now()
      FROM placed
     GROUP BY tenant, aggregate
)
INSERT INTO stored_domain_events
       (event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version,
        event_type, event_version, occurred_at, stored_at, event_data, metadata,
        is_redacted)
SELECT lpad(to_hex(n), 8, '0') || '-0000-7000-8000-' || substr(md5(n::text), 1, 12),
       tenant, 'Requirement', 'A-' || aggregate, version,
       'Type-' || CASE WHEN version %% 5 = 0 THEN 0 ELSE 1 + (n / 100 + n) %% 19 END,
       'v1',
       timestamptz '2025-01-01' + n * interval '1 second', now(),
       %(data)s::jsonb || jsonb_build_object('number', n),
       jsonb_build_object('actor', jsonb_build_object('type', 'user',
                                                      'id', 'u-' || n %% 500),
                          'correlation_id', 'c-' || aggregate, 'ip', '192.0.2.1'),
       false
  FROM placed
 ORDER BY n
"""
_AGGREGATE = """
WITH head AS (
    INSERT INTO event_aggregates
           (tenant_id, aggregate_id, aggregate_type, current_version, last_stored_at)
    VALUES (%(tenant)s, %(id)s, %(type)s, %(events)s, now())
)
INSERT INTO stored_domain_events
       (event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version,
        event_type, event_version, occurred_at, stored_at, event_data, metadata,
        is_redacted)
SELECT %(id)s || '-' || n, %(tenant)s, %(type)s, %(id)s, n, %(event_type)s, 'v1',
       timestamptz '2025-01-01' + n * interval '1 second', now(),
       %(data)s::jsonb, %(metadata)s::jsonb, false
  FROM generate_series(1, %(events)s::bigint) AS n
"""


def fill_to(events: int) -> None:
    """Add events to the database in use until it holds ``events`` of this kind."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) * 100 FROM event_aggregates WHERE aggregate_id LIKE 'A-%'"
        )
        present = cursor.fetchone()[0]
    if present >= events:
        return
    step = max(CHUNK, min(200_000, (events - present) // 2 // CHUNK * CHUNK))
    starts = range(present, events, step)
    done = present
    with ThreadPoolExecutor(2) as threads:
        for added in threads.map(
            lambda start: add(start, min(start + step, events)), starts
        ):
            done += added
            _show(f"{done:,} of {events:,} events stored")
    _settle()
    _show("")


def fill_aggregate(aggregate_id: str, events: int, **given: str) -> None:
    """Store one aggregate of ``events`` events in the tenant, unless it is there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM event_aggregates WHERE tenant_id = %s AND aggregate_id = %s",
            (TENANT, aggregate_id),
        )
        if cursor.fetchone() is not None:
            return
    _run(
        _AGGREGATE,
        {
            "tenant": TENANT,
            "id": aggregate_id,
            "type": AGGREGATE_TYPE,
            "events": events,
            "event_type": EVENT_TYPE,
            **_documents(),
            **given,
        },
    )
    _settle()


def add(start: int, end: int) -> int:
    """Store the events of these numbers in one transaction; return how many."""
    _run(_FILL, {"start": start, "end": end, "data": _documents()["data"]})
    return end - start


def _run(statement: str, params: dict[str, Any]) -> None:
    with connect() as raw:
        raw.execute("SET synchronous_commit = off")
        with raw.transaction():
            # As every append does: readers must not pass over what is in the making.
            raw.execute("SELECT eventstore_enter_v1()")
            raw.execute(statement, params)


def _documents() -> dict[str, str]:
    return {"data": sample.DATA_TEXT, "metadata": sample.METADATA_TEXT}


def _settle() -> None:
    """Leave no work behind that would disturb the one or the other side."""
    with connect() as raw:
        raw.execute("VACUUM (ANALYZE) stored_domain_events")
        raw.execute("VACUUM (ANALYZE) event_aggregates")
        try:
            raw.execute("CHECKPOINT")
        except psycopg.errors.InsufficientPrivilege:
            return


def _show(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()
