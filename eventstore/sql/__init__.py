"""The room of SQL: statements by name, run on Django's connection."""

from __future__ import annotations

from eventstore.sql.cursor import fetch_all, fetch_one
from eventstore.sql.rows import fetch_events
from eventstore.sql.statements import query, schema_object

__all__ = ["fetch_all", "fetch_events", "fetch_one", "query", "schema_object"]
