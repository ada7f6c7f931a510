"""The limit: what an expert would write with psycopg alone, into the same tables.

Prepared statements, binary results, one round trip, an encoder made once. The
append does the same durable work as the store: it bumps the aggregate's row and inserts
the event; but it checks nothing, knows no retries and leaves readers without an order.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from benchmarks import sample
from benchmarks.connecting import Connection
from eventstore import new_event_id, notifying

UPSERT_AND_INSERT = """
WITH head AS (
    INSERT INTO event_aggregates AS a
           (tenant_id, aggregate_id, aggregate_type, current_version, last_stored_at)
    VALUES (%s, %s, %s, 1, clock_timestamp())
        ON CONFLICT (tenant_id, aggregate_id, aggregate_type) DO UPDATE
       SET current_version = a.current_version + 1, last_stored_at = clock_timestamp()
    RETURNING current_version, last_stored_at
)
INSERT INTO stored_domain_events
       (event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version,
        event_type, event_version, occurred_at, stored_at, event_data, metadata,
        is_redacted)
SELECT %s, %s, %s, %s, head.current_version, %s, 'v1', %s, head.last_stored_at,
       %s::jsonb, %s::jsonb, false
  FROM head
RETURNING position, aggregate_version, stored_at
"""
UPSERT_AND_INSERT_MANY = """
WITH head AS (
    INSERT INTO event_aggregates AS a
           (tenant_id, aggregate_id, aggregate_type, current_version, last_stored_at)
    VALUES (%s, %s, %s, %s, clock_timestamp())
        ON CONFLICT (tenant_id, aggregate_id, aggregate_type) DO UPDATE
       SET current_version = a.current_version + EXCLUDED.current_version,
           last_stored_at = clock_timestamp()
    RETURNING current_version, last_stored_at
)
INSERT INTO stored_domain_events
       (event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version,
        event_type, event_version, occurred_at, stored_at, event_data, metadata,
        is_redacted)
SELECT e.event_id, %s, %s, %s, head.current_version - %s + e.ordinal, e.event_type,
       'v1', e.occurred_at, head.last_stored_at, e.data, e.metadata, false
  FROM head,
       unnest(%s::text[], %s::text[], %s::timestamptz[], %s::text[]::jsonb[],
              %s::text[]::jsonb[])
       WITH ORDINALITY AS e(event_id, event_type, occurred_at, data, metadata, ordinal)
RETURNING position, aggregate_version, stored_at
"""
INSERT = """
INSERT INTO stored_domain_events
       (event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version,
        event_type, event_version, occurred_at, stored_at, event_data, metadata,
        is_redacted)
VALUES (%s, %s, %s, %s, %s, %s, 'v1', %s, now(), %s::jsonb, %s::jsonb, false)
RETURNING position
"""
APPEND_ONE = """
SELECT outcome, event_position, version, recorded_at
  FROM eventstore_append_one_v1(
       %s::text, %s::text, %s::text, %s::text, %s::text, %s::text, %s::timestamptz,
       %s::jsonb, %s::jsonb, %s::bigint, %s::boolean, true)
"""
APPEND_MANY = """
SELECT ordinal, outcome, event_position, version, recorded_at
  FROM eventstore_append_many_v1(
       %s::text, %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
       %s::timestamptz[], %s::text[]::jsonb[], %s::text[]::jsonb[], %s::bigint[])
"""
COLUMNS = """position, event_id, tenant_id, aggregate_type, aggregate_id,
       aggregate_version, event_type, event_version, occurred_at, stored_at, event_data,
       metadata, is_redacted"""
READ_AGGREGATE = f"""
SELECT {COLUMNS}
  FROM stored_domain_events
 WHERE tenant_id = %s AND aggregate_id = %s AND aggregate_type = %s
 ORDER BY aggregate_version
"""
READ_BY_TYPE = f"""
SELECT {COLUMNS}
  FROM stored_domain_events
 WHERE tenant_id = %s AND event_type = %s AND position > %s
 ORDER BY position
 LIMIT %s
"""


def statement(raw: Connection, sql: str) -> Callable[..., list[tuple[Any, ...]]]:
    """Return a function that runs ``sql``, prepared at once, and fetches all rows."""
    cursor = raw.cursor(binary=True)

    def run(*params: Any) -> list[tuple[Any, ...]]:
        cursor.execute(sql, params, prepare=True)
        return cursor.fetchall()

    return run


def appender(
    raw: Connection, tenant: str, ids: Callable[[], str]
) -> Callable[[], object]:
    """Return a function that appends one event by the raw statement."""
    run, kind = statement(raw, UPSERT_AND_INSERT), sample.AGGREGATE_TYPE

    def append() -> object:
        key = ids()
        return run(
            tenant, key, kind,
            new_event_id(), tenant, kind, key, sample.EVENT_TYPE, datetime.now(UTC),
            *sample.encoded(),
        )  # fmt: skip

    return append


def batch_appender(
    raw: Connection, tenant: str, ids: Callable[[], str], size: int
) -> Callable[[], object]:
    """Return a function that appends ``size`` events to one aggregate."""
    run, kind = statement(raw, UPSERT_AND_INSERT_MANY), sample.AGGREGATE_TYPE
    types = [sample.EVENT_TYPE] * size

    def append() -> object:
        key = ids()
        data, metadata = zip(*(sample.encoded() for _ in range(size)), strict=True)
        return run(
            tenant, key, kind, size, tenant, kind, key, size,
            [new_event_id() for _ in range(size)], types,
            [datetime.now(UTC) for _ in range(size)], list(data), list(metadata),
        )  # fmt: skip

    return append


def inserter(raw: Connection, tenant: str, aggregate: str) -> Callable[[], object]:
    """Return a function that inserts one event and bumps nothing."""
    run, versions = statement(raw, INSERT), itertools.count(1)

    def insert() -> object:
        return run(
            new_event_id(), tenant, sample.AGGREGATE_TYPE, aggregate, next(versions),
            sample.EVENT_TYPE, datetime.now(UTC), *sample.encoded(),
        )  # fmt: skip

    return insert


def function_caller(
    raw: Connection, tenant: str, ids: Callable[[], str]
) -> Callable[[], object]:
    """Return a function that calls the store's function for one event.

    As the service does where it may not write the tables: a transaction of its own,
    which wakes the listeners when that is due.
    """
    run = statement(raw, APPEND_ONE)

    def append() -> object:
        began = time.monotonic()
        wakes = notifying.is_due(began)
        rows = run(
            tenant, new_event_id(), sample.AGGREGATE_TYPE, ids(), sample.EVENT_TYPE,
            "v1", datetime.now(UTC), *sample.encoded(), None, wakes,
        )  # fmt: skip
        notifying.has_committed(began, asked=wakes)
        return rows

    return append


def batch_function_caller(
    raw: Connection, tenant: str, ids: Callable[[], str], size: int
) -> Callable[[], object]:
    """Return a function that calls the store's function for ``size`` events."""
    run = statement(raw, APPEND_MANY)
    kinds, types = [sample.AGGREGATE_TYPE] * size, [sample.EVENT_TYPE] * size
    versions, expected = ["v1"] * size, [None] * size

    def append() -> object:
        data, metadata = zip(*(sample.encoded() for _ in range(size)), strict=True)
        return run(
            tenant, [new_event_id() for _ in range(size)], kinds, [ids()] * size, types,
            versions, [datetime.now(UTC) for _ in range(size)], list(data),
            list(metadata),
            expected,
        )  # fmt: skip

    return append
