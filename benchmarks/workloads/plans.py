"""The plans of the hot queries, as PostgreSQL runs them at this size."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg

from benchmarks import filling, raw, sides
from benchmarks.connecting import Connection, connect
from benchmarks.figures import Section
from benchmarks.stage import Stage
from eventstore.sql import query

TENANT, TYPE, KIND = filling.TENANT, filling.EVENT_TYPE, filling.AGGREGATE_TYPE
_END = (1 << 63) - 1


def measure(stage: Stage) -> Section:
    """Explain each hot query once, after the plans were kept (generic)."""
    stage.filled(stage.plan.stored)
    connection = connect()
    section = Section(
        "Query plans",
        f"EXPLAIN (ANALYZE, BUFFERS) at {stage.plan.stored:,} stored events; the "
        "append's by auto_explain from inside the function.",
    )
    for name, params in reads("A-0", stage.plan.stored // 2).items():
        lines = connection.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {query(name)}", params
        ).fetchall()
        section.notes.append(_block(name, [str(line) for (line,) in lines]))
    section.notes.append(_block("append_one", _append_plans(connection)))
    return section


def reads(aggregate_id: str, after: int, limit: int = 1_001) -> dict[str, Any]:
    """Return the parameters of each hot read.

    Args:
        aggregate_id: the aggregate that is read.
        after: the position after which a page begins.
        limit: how many events it has at most.
    """
    moment = datetime(2025, 1, 2, tzinfo=UTC)
    return {
        "read_aggregate": {
            "tenant_id": TENANT,
            "aggregate_id": aggregate_id,
            "aggregate_type": KIND,
            "after_version": 0,
            "after_snapshot": True,
            "up_to_version": _END,
            "stored_until": None,
            "occurred_until": None,
            "limit": limit,
        },
        "read_by_type": (TENANT, TYPE, after, _END, limit),
        "read_by_aggregate_type": (TENANT, KIND, after, _END, limit),
        "read_after": (TENANT, after, _END, limit),
        "read_since": (TENANT, moment, 0, _END, limit),
        "read_event": (TENANT, aggregate_id),
    }


def _append_plans(connection: Connection) -> list[str]:
    """Return the plans of the statements inside the function, of one append."""
    told: list[str] = []
    try:
        connection.execute("LOAD 'auto_explain'")
        connection.execute("SET auto_explain.log_min_duration = 0")
        connection.execute("SET auto_explain.log_nested_statements = on")
        connection.execute("SET auto_explain.log_analyze = on")
        connection.execute("SET auto_explain.log_buffers = on")
    except psycopg.errors.Error as error:
        return [f"auto_explain cannot be loaded: {error}".strip()]
    ids = sides.aggregate_ids("plans", sides.Client())
    append = raw.function_caller(connection, TENANT, ids)
    for _ in range(200):
        append()
    connection.add_notice_handler(lambda said: told.append(said.message_primary or ""))
    connection.execute("SET client_min_messages = log")
    append()
    connection.execute("RESET client_min_messages")
    return [line for text in told for line in text.splitlines() if line.strip()]


def _block(name: str, lines: list[str]) -> str:
    return "\n".join([f"`{name}`", "", "```text", *lines, "```"])
