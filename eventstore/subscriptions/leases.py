"""Which worker runs which partition: leases in a table, by the database's clock.

Session-level advisory locks would do the same and break behind a pooler.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventstore import sql
from eventstore.subscriptions import checkpoints
from eventstore.subscriptions.checkpoints import Partition
from eventstore.subscriptions.declaration import SubscriptionRegistry

#: Seconds until a silent worker's partitions are free.
LEASE = checkpoints.LEASE


def beat(owner: str, names: Sequence[str]) -> None:
    """Say that ``owner`` lives and runs ``names``, and prolong what it holds."""
    sql.fetch_all(
        "worker_beat", {"owner": owner, "names": list(names), "seconds": LEASE}
    )
    sql.fetch_all("lease_renew", {"owner": owner, "seconds": LEASE})


def fair_share(names: Sequence[str]) -> int:
    """Return how many partitions of ``names`` a living worker should hold."""
    row = sql.fetch_one("worker_share", (list(names),))
    return int(row[0]) if row else 0


def acquire(
    owner: str, names: Sequence[str], registry: SubscriptionRegistry
) -> Partition | None:
    """Take a partition that nobody holds, if there is one."""
    row = sql.fetch_one(
        "lease_acquire", {"owner": owner, "names": list(names), "seconds": LEASE}
    )
    if row is None:
        return None
    partition_id, _, name, number = row
    return Partition(partition_id, registry.get(name), number, owner)


def held(owner: str) -> set[int]:
    """Return the ids of the partitions that ``owner`` holds and is to run."""
    return {row[0] for row in sql.fetch_all("lease_held", (owner,))}


def release(partition_id: int, owner: str) -> None:
    """Give a partition back."""
    sql.fetch_all("lease_release", (partition_id, owner))


def leave(owner: str) -> None:
    """Say that ``owner`` has ended: the others may take over at once."""
    sql.fetch_all("worker_gone", (owner,))
