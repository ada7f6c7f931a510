"""What became of a pinned list: redactions since change what it shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from audit_console.queries import doors
from audit_console.queries.conditions import Compiled, Condition
from audit_console.queries.question import Question
from audit_console.queries.statements import Walk

#: Up to where they are counted.
COUNTED = 1_000

_SINCE = (
    "EXISTS (SELECT 1 FROM event_redactions AS since"
    " WHERE since.tenant_id = e.tenant_id AND since.position = e.position"
    " AND since.recorded_at > %s)"
)


def redacted_since(query: Question) -> int:
    """Return how many events of a pinned list were redacted after it was pinned.

    Each redaction stores an event of its own: what was recorded later than the last
    event up to which the list goes, happened after the link was made.

    Returns:
        At most ``COUNTED + 1``; 0 for a list that is not pinned, and when counting took
        too long.
    """
    if query.asked.upto is None:
        return 0
    return query.reading.part(lambda: _count(query)) or 0


def _count(query: Question) -> int:
    moment = _stored_at_end(query)
    if moment is None:
        return 0
    compiled = replace(
        query.compiled,
        residual=[*query.compiled.residual, Condition(_SINCE, (moment,))],
        doors=[doors.redactions()],
    )
    walk = Walk(query.tenants, query.asked.basis, compiled, query.horizon)
    return len(query.fetch(walk.every("e.position", COUNTED + 1)))


def _stored_at_end(query: Question) -> datetime | None:
    last = Walk(query.tenants, "stored", Compiled(), query.horizon)
    rows = query.fetch(last.page("e.stored_at, e.position", 1))
    return rows[0]["stored_at"] if rows else None
