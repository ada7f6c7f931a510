"""Events that could not be handled: retried, held back, given up, decided upon.

A failed event holds the later events of its own aggregate, and of no other: its
subscription goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from eventstore import sql
from eventstore.conf import store_settings
from eventstore.exceptions import SubscriptionError
from eventstore.subscriptions import checkpoints
from eventstore.subscriptions.checkpoints import ALL_TENANTS, Partition
from eventstore.types import StoredDomainEvent

_MAX_ERROR = 2000

#: Whose event: tenant, aggregate type, aggregate id.
Held = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Due:
    """A failed event that is to be tried again now."""

    id: int
    tenant_id: str
    event_id: str
    attempts: int


def key_of(event: StoredDomainEvent) -> Held:
    """Return what a failure of ``event`` holds back."""
    return (event.tenant_id, event.aggregate_type, event.aggregate_id)


def held_back(partition: Partition, events: Iterable[StoredDomainEvent]) -> set[Held]:
    """Return which aggregates of ``events`` wait for an earlier event."""
    keys = sorted({key_of(event) for event in events})
    if not keys:
        return set()
    columns = [list(column) for column in zip(*keys, strict=True)]
    return {
        (row[0], row[1], row[2])
        for row in sql.fetch_all("failure_holds", (*columns, partition.id))
    }


def record(partition: Partition, event: StoredDomainEvent, error: Exception) -> None:
    """Record the first failure of ``event``.

    Raises:
        LostLease: somebody else runs the partition now.
    """
    subscription = partition.subscription
    is_last = subscription.max_attempts <= 1
    _insert(
        partition,
        event,
        state="dead" if is_last else "retrying",
        attempts=1,
        delay=subscription.delay(1, error),
        error=describe(error),
    )


def hold(partition: Partition, event: StoredDomainEvent) -> None:
    """Record that ``event`` waits behind an earlier one of its aggregate.

    Where that was decided upon meanwhile, it is due at once.

    Raises:
        LostLease: somebody else runs the partition now.
    """
    _insert(partition, event, state="held", attempts=0, delay=0.0, error="")


def next_due(partition: Partition) -> Due | None:
    """Return and lock the next event to be tried again, if one is due."""
    row = sql.fetch_one("failure_due", (partition.id,))
    return None if row is None else Due(row[0], row[1], row[2], row[5])


def resolve(partition: Partition, due: Due) -> None:
    """Strike out an event that is done; the next of its aggregate is due at once.

    Raises:
        LostLease: somebody else runs the partition now.
    """
    with transaction.atomic(using=store_settings().DATABASE):
        checkpoints.lock_owned(partition)
        sql.fetch_all("failure_resolve", (due.id,))


def retry_later(partition: Partition, due: Due, error: Exception) -> None:
    """Record another failure: wait longer, or give the event up."""
    attempts = due.attempts + 1
    subscription = partition.subscription
    sql.fetch_all(
        "failure_retry_later",
        {
            "id": due.id,
            "state": "dead" if attempts >= subscription.max_attempts else "retrying",
            "attempts": attempts,
            "delay": subscription.delay(attempts, error),
            "error": describe(error),
        },
    )


def requeue(name: str, *, event_id: str | None = None, actor: str = "") -> int:
    """Try the given-up events of a subscription again, or one; return how many.

    Raises:
        SubscriptionError: there is none.
    """
    return _decide("failure_requeue", name, event_id, actor)


def discard(name: str, *, event_id: str | None = None, actor: str = "") -> int:
    """Give the dead events of a subscription up for good; return how many.

    Their records stay. What waited behind them goes on.

    Raises:
        SubscriptionError: there is none.
    """
    return _decide("failure_discard", name, event_id, actor)


def describe(error: Exception) -> str:
    """Return the error for the record: its class and text, shortened."""
    text = f"{type(error).__name__}: {error}".replace("\x00", "")[:_MAX_ERROR]
    # Lone surrogates, as in names of files, are no text to the database.
    return text.encode("utf-8", "backslashreplace").decode()


def _decide(statement: str, name: str, event_id: str | None, actor: str) -> int:
    with transaction.atomic(using=store_settings().DATABASE):
        # After the batch in hand: what it holds behind the event must be seen.
        checkpoints.lock_all(name)
        rows = sql.fetch_all(
            statement,
            {
                "tenant_id": ALL_TENANTS,
                "name": name,
                "event_id": event_id,
                "actor": actor,
            },
        )
    if not rows:
        raise SubscriptionError(
            f"Subscription {name!r} has given up no event"
            + (f" {event_id}." if event_id else ".")
        )
    return len(rows)


def _insert(
    partition: Partition,
    event: StoredDomainEvent,
    *,
    state: str,
    attempts: int,
    delay: float,
    error: str,
) -> None:
    with transaction.atomic(using=store_settings().DATABASE):
        checkpoints.lock_owned(partition)
        sql.fetch_all(
            "failure_record",
            {
                "tenant_id": event.tenant_id,
                "subscription_id": partition.id,
                "position": event.position,
                "event_id": event.event_id,
                "event_type": event.event_type,
                "aggregate_type": event.aggregate_type,
                "aggregate_id": event.aggregate_id,
                "state": state,
                "attempts": attempts,
                "delay": delay,
                "error": error,
            },
        )
