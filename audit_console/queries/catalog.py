"""What there is to ask for: event types, by hops along an index."""

from __future__ import annotations

from collections.abc import Sequence

from audit_console.queries.statements import Fetch

#: More names than these are no list to choose from.
MOST = 500

#: A loose index scan: each step asks for the next larger name.
_TYPES = """
WITH RECURSIVE names (tenant_id, name, n) AS (
    SELECT scope.tenant_id, first.event_type, 1
      FROM unnest(%s::text[]) AS scope (tenant_id)
     CROSS JOIN LATERAL (
           SELECT e.event_type FROM stored_domain_events AS e
            WHERE e.tenant_id = scope.tenant_id
            ORDER BY e.tenant_id, e.event_type LIMIT 1) AS first
    UNION ALL
    SELECT names.tenant_id, next.event_type, names.n + 1
      FROM names
     CROSS JOIN LATERAL (
           SELECT e.event_type FROM stored_domain_events AS e
            WHERE e.tenant_id = names.tenant_id AND e.event_type > names.name
            ORDER BY e.tenant_id, e.event_type LIMIT 1) AS next
     WHERE names.n < %s
)
SELECT DISTINCT name FROM names ORDER BY name
"""
_PAYLOAD_INDEX = """
SELECT 1 FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_am AS m ON m.oid = c.relam AND m.amname = 'gin'
 WHERE i.indrelid = to_regclass('stored_domain_events') AND i.indisvalid
   AND pg_catalog.pg_get_indexdef(i.indexrelid) LIKE '%%(event_data%%'
"""


def event_types(fetch: Fetch, tenants: Sequence[str]) -> list[str]:
    """Return the types of events that the tenants have, sorted."""
    rows = fetch((_TYPES, [list(tenants), MOST]))
    return [row["name"] for row in rows]


def has_payload_index(fetch: Fetch) -> bool:
    """Return whether the host has an index for containment in payloads."""
    return bool(fetch((_PAYLOAD_INDEX, [])))
