"""How far each partition has come: moved with its effect, and only forward."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from eventstore import reading, sql
from eventstore.conf import store_settings
from eventstore.exceptions import SubscriptionError
from eventstore.subscriptions.declaration import Subscription

#: A subscription over all tenants has one checkpoint for all of them.
ALL_TENANTS = ""
#: Seconds until a silent worker's partitions are free.
LEASE = 10.0


class LostLease(Exception):
    """Somebody else runs the partition now."""


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition that a worker holds."""

    id: int
    subscription: Subscription
    number: int
    owner: str


def create(subscription: Subscription) -> None:
    """Create the checkpoints of a subscription that is new.

    Raises:
        SubscriptionError: it exists with another number of partitions.
    """
    row = sql.fetch_one("subscription_partitions", (ALL_TENANTS, subscription.name))
    existing = row[0] if row else None
    if existing is None:
        sql.fetch_all(
            "subscription_create",
            {
                "tenant_id": ALL_TENANTS,
                "name": subscription.name,
                "partitions": subscription.partitions,
                "position": _start_of(subscription),
            },
        )
    elif existing != subscription.partitions:
        raise SubscriptionError(
            f"Subscription {subscription.name!r} exists with {existing} partitions and "
            f"is declared with {subscription.partitions}: aggregates would change "
            f"hands. Declare {existing}, or give it a new name and a start position."
        )


def load(partition: Partition) -> int | None:
    """Return the checkpoint, ``None`` when this worker may not run it any more.

    A checkpoint beyond the newest position means that the database was restored from
    an older copy: what was handled and what will come under those positions differ. The
    subscription is stopped with an alarm.

    Raises:
        SubscriptionError: the checkpoint lies beyond the log.
    """
    row = sql.fetch_one("subscription_checkpoint", (partition.id, partition.owner))
    if row is None:
        return None
    position, head = row
    if position > head:
        message = (
            f"The checkpoint {position} lies beyond the newest position {head}: the "
            "database seems to be restored from an older copy. Compare what the "
            "subscription did with the log, then set its checkpoint."
        )
        sql.fetch_all("subscription_alarm", (message, partition.id))
        raise SubscriptionError(f"{partition.subscription.name}: {message}")
    return int(position)


def lock(partition: Partition) -> int | None:
    """Hold the checkpoint until the transaction ends and return it.

    ``None`` when this worker may not run it any more.
    """
    row = sql.fetch_one("subscription_lock", (partition.id, partition.owner))
    return None if row is None else int(row[0])


def lock_owned(partition: Partition) -> None:
    """Hold a partition, running or paused, until the transaction ends.

    Raises:
        LostLease: somebody else runs the partition now.
    """
    if not sql.fetch_all("subscription_owned", (partition.id, partition.owner)):
        raise LostLease


def move(partition: Partition, old: int, new: int, handled: int) -> bool:
    """Move the checkpoint from ``old`` to ``new``; return whether it stood there.

    That prolongs the lease: while a batch is in hand the row is locked, and whoever
    renews the leases passes over it.
    """
    return bool(
        sql.fetch_all(
            "subscription_move",
            {
                "id": partition.id,
                "owner": partition.owner,
                "from": old,
                "position": new,
                "handled": handled,
                "seconds": LEASE,
            },
        )
    )


def set_state(name: str, state: str) -> int:
    """Pause (``paused``) or resume (``running``) a subscription.

    Raises:
        SubscriptionError: no worker has created it yet.
    """
    rows = sql.fetch_all("subscription_set_state", (state, state, ALL_TENANTS, name))
    if not rows:
        raise SubscriptionError(
            f"Subscription {name!r} has no checkpoint yet: a worker creates it."
        )
    return len(rows)


def lock_all(name: str) -> list[int]:
    """Hold all checkpoints of a subscription for a transaction and return them.

    Raises:
        SubscriptionError: no worker has created it yet.
    """
    rows = sql.fetch_all("subscription_lock_all", (ALL_TENANTS, name))
    if not rows:
        raise SubscriptionError(
            f"Subscription {name!r} has no checkpoint yet: a worker creates it."
        )
    return [row[0] for row in rows]


def move_all(name: str, position: int) -> int:
    """Have a paused or stopped subscription go on after ``position``.

    What lies between is handled again, or never: for after a restore. What has failed
    after ``position`` and is open is forgotten: it comes again in its turn.

    Raises:
        SubscriptionError: no worker has created it yet, it runs, or the position is
            none of the log.
    """
    with transaction.atomic(using=store_settings().DATABASE):
        lock_all(name)
        row = sql.fetch_one("subscription_moveable", (ALL_TENANTS, name))
        is_resting, head = row or (False, 0)
        if not is_resting:
            raise SubscriptionError(f"{name} runs: pause it before it is moved.")
        if not 0 <= position <= head:
            raise SubscriptionError(
                f"{position} is no position of this log; it ends at {head}."
            )
        sql.fetch_all("subscription_reopen", (ALL_TENANTS, name, position))
        rows = sql.fetch_all("subscription_set_position", (position, ALL_TENANTS, name))
    return len(rows)


def set_all(name: str, position: int) -> None:
    """Set all checkpoints to where a rebuild stands; it settled open failures."""
    sql.fetch_all("subscription_settle_failures", (ALL_TENANTS, name))
    sql.fetch_all("subscription_set_position", (position, ALL_TENANTS, name))


def discarded_positions(name: str) -> frozenset[int]:
    """Return the positions of the events that were discarded for a subscription."""
    return frozenset(
        row[0] for row in sql.fetch_all("subscription_discarded", (ALL_TENANTS, name))
    )


def _start_of(subscription: Subscription) -> int:
    if subscription.start == "beginning":
        return 0
    if subscription.start == "now":
        return reading.stable_position(strict=True)
    return subscription.start
