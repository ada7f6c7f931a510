"""A hundred thousand events that mislead a planner, and what a query reads of them.

``idle`` was imported first and has been silent since: whoever walks the log from its
end passes everybody else's rows first. ``small`` is one event in forty of the newer
part. Three types, one of them three times in all; one aggregate holds a tenth.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

SIZE = 100_000
TABLES = ("stored_domain_events", "event_aggregates", "event_snapshots")

_EVENTS = """
INSERT INTO stored_domain_events
       (event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version,
        event_type, event_version, occurred_at, stored_at, event_data, metadata,
        is_redacted)
SELECT 'e-' || n,
       CASE WHEN n <= 60000 THEN 'idle' WHEN n %% 40 = 0 THEN 'small' ELSE 'large' END,
       'Page',
       CASE WHEN n %% 10 = 0 THEN 'hot' ELSE 'p-' || n END,
       CASE WHEN n %% 10 = 0 THEN n ELSE 1 END,
       CASE WHEN n IN (7, 70007, 80080) THEN 'Deleted'
            WHEN n %% 33 = 0 THEN 'Moved' ELSE 'Edited' END,
       'v1', moment, moment,
       jsonb_build_object('n', n, 'text', repeat('x', 200)),
       jsonb_build_object('correlation_id', 'c-' || n / 5,
                          'actor',
                          jsonb_build_object('type', 'user', 'id', 'u-' || n %% 50)),
       n %% 20000 = 11
  FROM generate_series(1, %s) AS n,
       LATERAL (SELECT timestamptz '2026-01-01 00:00Z' + n * interval '1 minute'
                       AS moment) AS m
 ORDER BY n
"""
_HEADS = """
INSERT INTO event_aggregates
       (tenant_id, aggregate_id, aggregate_type, current_version, last_stored_at)
SELECT tenant_id, aggregate_id, aggregate_type, max(aggregate_version), max(stored_at)
  FROM stored_domain_events GROUP BY 1, 2, 3
"""
_RECORDS = """
INSERT INTO event_redactions
       (redaction_id, tenant_id, event_id, "position", aggregate_type, aggregate_id,
        aggregate_version, fields, reason, actor, kind)
SELECT 'r-' || event_id, tenant_id, event_id, "position", aggregate_type, aggregate_id,
       aggregate_version, '[]', 'asked for', '{"type": "user", "id": "dpo"}', 'redacted'
  FROM stored_domain_events WHERE is_redacted
"""
_SNAPSHOTS = """
INSERT INTO event_snapshots
       (snapshot_id, tenant_id, aggregate_type, aggregate_id, aggregate_version,
        last_event_id, state, created_at)
SELECT 's-' || event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version,
       event_id, event_data, stored_at
  FROM stored_domain_events WHERE aggregate_id = 'hot'
"""
_TABLES = "stored_domain_events, event_aggregates, event_snapshots, event_redactions"


@pytest.fixture(scope="module")
def skewed_log(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            # Positions go on after a roll-back: begin with the first.
            cursor.execute(f"TRUNCATE {_TABLES} RESTART IDENTITY")
            cursor.execute(_EVENTS, [SIZE])
            for statement in (_HEADS, _RECORDS, _SNAPSHOTS):
                cursor.execute(statement)
            cursor.execute(f"VACUUM (ANALYZE) {_TABLES}")
        yield
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {_TABLES} RESTART IDENTITY")


class Reads:
    """What the statements of a block read of the log."""

    def __init__(self) -> None:
        #: Rows that scans have touched, those that a filter threw away included.
        self.rows = 0
        #: Pages of 8 kB that were touched, those inside functions included.
        self.pages = 0
        self.scans: set[str] = set()
        self.statements: list[str] = []
        #: Those that PostgreSQL compiled (JIT) before it ran them.
        self.compiled: list[str] = []


@contextmanager
def reads_of_the_log() -> Iterator[Reads]:
    """Run the block, then explain each of its statements that asked the log."""
    reads = Reads()
    executed: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        executed.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield reads
    for statement, params in executed:
        # What begins, holds to its scope and ends a transaction asks for nothing.
        if statement.startswith(("SAVEPOINT", "RELEASE")):
            continue
        if "set_config(" in statement:
            for state in ("off", "on"):
                if f"'enable_sort', '{state}'" in statement:
                    _set("enable_sort", state)
            continue
        reads.statements.append(statement)
        if any(table in statement for table in (*TABLES, "eventstore_contains_v1")):
            _explain(statement, params, reads)
    _set("enable_sort", "on")


def _set(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


def _explain(statement: str, params: Any, reads: Reads) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", params)
        answer = cursor.fetchone()[0]
    plans = json.loads(answer) if isinstance(answer, str) else answer
    if "JIT" in plans[0]:
        reads.compiled.append(statement)
    plan = plans[0]["Plan"]
    reads.pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    _walk(plan, reads)


def _walk(node: dict[str, Any], reads: Reads) -> None:
    if "Relation Name" in node or "Index Name" in node:
        reads.scans.add(f"{node['Node Type']} on {node.get('Relation Name', '')}")
        removed = sum(
            node.get(f"Rows Removed by {reason}", 0)
            for reason in ("Filter", "Index Recheck")
        )
        reads.rows += round((node["Actual Rows"] + removed) * node["Actual Loops"])
    for child in node.get("Plans", ()):
        _walk(child, reads)
