"""One batch of one partition: read, handle, and move the checkpoint with the effect."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from django.db import connections, transaction

from eventstore import context, reading, sql, upcasting
from eventstore.conf import store_settings
from eventstore.exceptions import EventNotFound
from eventstore.subscriptions import checkpoints, failures
from eventstore.subscriptions.checkpoints import LostLease, Partition
from eventstore.subscriptions.declaration import NotNow, Subscription
from eventstore.types import StoredDomainEvent

logger = logging.getLogger(__name__)

#: How many positions one read may pass over: with a narrow filter a step stays short.
STRIDE = 50_000


def deliver(partition: Partition, is_stopping: Callable[[], bool]) -> bool:
    """Handle what is due; return whether there was anything that could be done.

    Args:
        partition: what this worker holds.
        is_stopping: asked between two events; what is in hand is finished.

    Raises:
        LostLease: somebody else runs the partition now.
        SubscriptionError: the checkpoint lies beyond the log.
    """
    try:
        return _deliver(partition, is_stopping)
    except NotNow:
        return False


def _deliver(partition: Partition, is_stopping: Callable[[], bool]) -> bool:
    retried = _retry_due(partition, is_stopping) or _tick(partition)
    start = checkpoints.load(partition)
    if start is None:
        raise LostLease
    # Before the events, in a statement of its own: what lies up to it is final.
    stable = reading.stable_position(strict=True)
    if stable <= start:
        return retried
    up_to = min(stable, start + STRIDE)
    subscription = partition.subscription
    events = read(subscription, partition.number, start, up_to)
    full = len(events) == subscription.batch_size
    end = events[-1].position if full else up_to
    if subscription.is_transactional:
        _handle_in_transaction(partition, events, start, end)
        return True
    return _handle(partition, events, start, end, is_stopping) or retried


def read(
    subscription: Subscription, number: int, after: int, up_to: int
) -> list[StoredDomainEvent]:
    """Return the next events of a partition, at most a batch, as they are stored."""
    return sql.fetch_events(
        "subscription_read",
        {
            "after": after,
            "up_to": up_to,
            "event_types": _as_list(subscription.event_types),
            "aggregate_types": _as_list(subscription.aggregate_types),
            "tenants": _as_list(subscription.tenants),
            "partitions": subscription.partitions,
            "partition": number,
            "limit": subscription.batch_size,
        },
    )


def _as_list(names: frozenset[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)


def _handle(
    partition: Partition,
    events: Sequence[StoredDomainEvent],
    start: int,
    end: int,
    is_stopping: Callable[[], bool],
) -> bool:
    """Handle ``events`` at least once: the checkpoint follows when they are done.

    Returns:
        Whether it moved.
    """
    done = _handle_each(partition, events, is_stopping)
    if done < len(events):
        end = events[done - 1].position if done else start
    if end > start and not checkpoints.move(partition, start, end, done):
        raise LostLease
    return end > start


def _handle_each(
    partition: Partition,
    events: Sequence[StoredDomainEvent],
    is_stopping: Callable[[], bool],
) -> int:
    """Handle ``events`` one by one; return how many were done when it had to end."""
    held = failures.held_back(partition, events)
    for done, event in enumerate(events):
        if is_stopping():
            return done
        try:
            _handle_or_record(partition, event, held)
        except NotNow:
            return done
    return len(events)


def _handle_in_transaction(
    partition: Partition, events: Sequence[StoredDomainEvent], start: int, end: int
) -> None:
    """Handle ``events`` exactly once: effect and checkpoint are one transaction."""
    alias = store_settings().DATABASE
    with transaction.atomic(using=alias):
        if checkpoints.lock(partition) != start:
            raise LostLease
        held = failures.held_back(partition, events)
        free = [event for event in events if failures.key_of(event) not in held]
        if len(free) < len(events) or not _handled_at_once(partition, free):
            for event in events:
                _handle_or_record(partition, event, held)
        if not checkpoints.move(partition, start, end, len(events)):
            raise LostLease


def _handled_at_once(partition: Partition, events: Sequence[StoredDomainEvent]) -> bool:
    """Handle all of ``events``, or undo it and say so."""
    subscription = partition.subscription
    try:
        with transaction.atomic(using=store_settings().DATABASE):
            if subscription.handle_batch is not None:
                lift = upcasting.event_migrations.migrate_if_needed
                subscription.handle_batch([lift(event) for event in events])
            else:
                for event in events:
                    _call(partition, event)
    except Exception:  # noqa: BLE001 - found again, and recorded, one by one
        return False
    return True


def _handle_or_record(
    partition: Partition, event: StoredDomainEvent, held: set[failures.Held]
) -> None:
    """Handle one event; record it where it fails or must wait."""
    key = failures.key_of(event)
    if key in held:
        failures.hold(partition, event)
        return
    error = _attempt(partition, event)
    if error is not None:
        failures.record(partition, event, error)
        held.add(key)


def _attempt(partition: Partition, event: StoredDomainEvent) -> Exception | None:
    """Handle one event; return what went wrong, with its effects undone if it can."""
    try:
        if partition.subscription.is_transactional:
            with transaction.atomic(using=store_settings().DATABASE):
                _call(partition, event)
        else:
            _call(partition, event)
    except NotNow:
        raise
    except Exception as error:
        logger.exception(
            "A subscription could not handle an event.",
            extra={
                "subscription": partition.subscription.name,
                "event_id": event.event_id,
                "event_type": event.event_type,
                "position": event.position,
            },
        )
        _close_broken()
        return error
    return None


def _close_broken() -> None:
    """Let go of connections that broke under a handler; the next use makes them anew.

    Django does so between requests; here they would fail every further event.
    """
    for connection in connections.all(initialized_only=True):
        if (
            connection.errors_occurred
            and not connection.in_atomic_block
            and not connection.is_usable()
        ):
            connection.close()


def _call(partition: Partition, event: StoredDomainEvent) -> None:
    lifted = upcasting.event_migrations.migrate_if_needed(event)
    with context.caused_by(lifted):
        if partition.subscription.handle_batch is not None:
            partition.subscription.handle_batch([lifted])
        else:
            partition.subscription.handle(lifted)


def _retry_due(partition: Partition, is_stopping: Callable[[], bool]) -> bool:
    """Try the failed events again that are due; return whether there were any."""
    tried = False
    while not is_stopping() and _retry_one(partition):
        tried = True
    return tried


def _retry_one(partition: Partition) -> bool:
    if not partition.subscription.is_transactional:
        # Not in a transaction: the handler may take its time, and what it writes
        # elsewhere cannot be taken back anyway.
        return _retry(partition)
    with transaction.atomic(using=store_settings().DATABASE):
        if checkpoints.lock(partition) is None:
            raise LostLease
        return _retry(partition)


def _retry(partition: Partition) -> bool:
    due = failures.next_due(partition)
    if due is None:
        return False
    try:
        event = reading.read_event(due.event_id, due.tenant_id)
    except EventNotFound as error:
        failed: Exception | None = error
    else:
        failed = _attempt(partition, event)
    if failed is None:
        failures.resolve(partition, due)
    else:
        failures.retry_later(partition, due, failed)
    return True


def _tick(partition: Partition) -> bool:
    """Do one thing that is due by the clock; return whether there was any."""
    on_tick = partition.subscription.on_tick
    if on_tick is None:
        return False
    try:
        with transaction.atomic(using=store_settings().DATABASE):
            if checkpoints.lock(partition) is None:
                raise LostLease
            return on_tick()
    except LostLease:
        raise
    except Exception:
        # It stays due: it is tried again at the next look.
        logger.exception(
            "What a subscription had to do by the clock failed.",
            extra={"subscription": partition.subscription.name},
        )
        return False
