"""How subscriptions stand: checkpoint, lag, failures, and who holds the log back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from eventstore import sql

Key = tuple[str, str, int]

#: Waiting events are counted up to here.
COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class PartitionStatus:
    """One partition of a subscription.

    Attributes:
        waiting: events after the checkpoint, any type, counted up to ``COUNTED``.
        lag_seconds: how long the oldest of them has waited; 0 when there is none.
        retrying: events that are retried or wait behind such.
        dead: events that were given up and wait for a decision.
    """

    tenant_id: str
    name: str
    partition: int
    partitions: int
    position: int
    handled: int
    state: str
    last_error: str
    moved_at: datetime | None
    worker: str
    is_run: bool
    waiting: int
    lag_seconds: float
    retrying: int
    dead: int


@dataclass(frozen=True, slots=True)
class OpenAppend:
    """A transaction that has appended and not ended: it holds the log back."""

    pid: int
    application: str
    state: str
    since: datetime
    seconds: float


def read(names: Sequence[str] | None = None) -> list[PartitionStatus]:
    """Return every partition of the named subscriptions, or of all."""
    given = list(names) if names else None
    now = datetime.now(UTC)
    return [
        PartitionStatus(
            tenant_id=row[0],
            name=row[1],
            partition=row[2],
            partitions=row[3],
            position=row[4],
            handled=row[5],
            state=row[6],
            last_error=row[7],
            moved_at=row[8],
            worker=row[9],
            is_run=row[10],
            waiting=row[11],
            lag_seconds=max((now - row[12]).total_seconds(), 0.0) if row[12] else 0.0,
            retrying=row[13],
            dead=row[14],
        )
        for row in sql.fetch_all("subscription_status", (given, given))
    ]


def key_of(row: PartitionStatus) -> Key:
    """Return what names a partition: tenant, subscription, number."""
    return (row.tenant_id, row.name, row.partition)


def rates(
    before: Sequence[PartitionStatus], after: Sequence[PartitionStatus], seconds: float
) -> dict[Key, float]:
    """Return the events a second that each partition handled between two readings."""
    handled = {key_of(row): row.handled for row in before}
    return {
        key_of(row): (row.handled - handled[key_of(row)]) / seconds
        for row in after
        if key_of(row) in handled
    }


def open_appends() -> list[OpenAppend]:
    """Return the transactions that hold the stable position back, oldest first."""
    return [OpenAppend(*row) for row in sql.fetch_all("open_appends")]
