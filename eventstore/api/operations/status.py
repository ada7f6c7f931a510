"""How subscriptions and workers stand, for whoever may see it in some tenants."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from eventstore import sql
from eventstore.subscriptions import leases
from eventstore.subscriptions.status import PartitionStatus, read

if TYPE_CHECKING:
    from collections.abc import Collection


class Workers(NamedTuple):
    """The worker processes.

    Attributes:
        alive: how many have said in time that they live.
        silent_seconds: since one of them last said so; ``None`` if none ever did.
    """

    alive: int
    silent_seconds: float | None


def workers() -> Workers:
    """Return how the workers stand."""
    row = sql.fetch_one("workers_alive", (leases.LEASE,))
    alive, silent = row or (0, None)
    return Workers(alive, None if silent is None else max(silent, 0.0))


def partitions(tenants: Collection[str]) -> list[PartitionStatus]:
    """Return the subscriptions of ``tenants`` and those of all tenants.

    The last error of the latter is left out: it may quote an event of anybody.
    """
    return [
        row if row.tenant_id else replace(row, last_error="")
        for row in read()
        if not row.tenant_id or row.tenant_id in tenants
    ]
