"""The room of SQL: statements by name, run on Django's connection."""

from __future__ import annotations

from eventstore.sql.cursor import (
    Row,
    fetch_all,
    fetch_alone,
    fetch_one,
    in_atomic_block,
    is_autocommitting,
    run_script,
    standing_alone,
)
from eventstore.sql.rows import fetch_events
from eventstore.sql.statements import function_names, query, schema_object

__all__ = [
    "Row",
    "fetch_all",
    "fetch_alone",
    "fetch_events",
    "fetch_one",
    "function_names",
    "in_atomic_block",
    "is_autocommitting",
    "query",
    "run_script",
    "schema_object",
    "standing_alone",
]
