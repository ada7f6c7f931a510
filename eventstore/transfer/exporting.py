"""Write the log out: each event exactly as stored, up to where the log is final."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from eventstore import reading, tenancy
from eventstore.sql import copying

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

#: Events of one statement: no snapshot of the database is held longer than for these.
PAGE = 20_000


@dataclass(frozen=True, kw_only=True)
class ExportFilters:
    """What to export; what is ``None`` does not matter.

    Attributes:
        tenant_id: whose events; ``None`` for those of all tenants.
        event_type: of which type.
        aggregate_type: of which kind of aggregate.
        aggregate_id: of which one.
        after_position: from the position that follows on.
        until_position: up to this position, itself included.
        occurred_since: what occurred at this moment or later.
        occurred_until: what occurred before this moment.
    """

    tenant_id: str | None
    event_type: str | None = None
    aggregate_type: str | None = None
    aggregate_id: str | None = None
    after_position: int = 0
    until_position: int | None = None
    occurred_since: datetime | None = None
    occurred_until: datetime | None = None


def export_log(
    target: IO[bytes],
    filters: ExportFilters,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> int:
    """Write events as JSON Lines in the order of their positions; return their number.

    Only up to the stable position: nothing can appear below it any more, so that the
    next export goes on where this one ended.

    Args:
        target: takes the bytes, UTF-8.
        filters: which events.
        progress: is told now and then: how many, up to which position.

    Raises:
        IsolationLevelError: the connection is not READ COMMITTED.
        NotPermitted: row-level security would leave events out.
    """
    tenancy.require_all_tenants("An export")
    until = reading.stable_position(strict=True)
    if filters.until_position is not None:
        until = min(until, filters.until_position)
    params: dict[str, Any] = {
        **vars(filters),
        "after": filters.after_position,
        "until": until,
        "limit": PAGE,
    }
    count, size = 0, PAGE
    while size == PAGE:
        size = 0
        for position, line in copying.stream("export_events", params):
            target.write(line.encode() + b"\n")
            params["after"] = position
            size += 1
        count += size
        progress(count, params["after"])
    return count
