"""Run subscriptions by hand, batch by batch, without threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection

from eventstore.subscriptions import checkpoints, leases
from eventstore.subscriptions.checkpoints import Partition
from eventstore.subscriptions.declaration import Subscription, SubscriptionRegistry
from eventstore.subscriptions.delivery import deliver
from eventstore.types import StoredDomainEvent


class Bench:
    """One subscription in a registry of its own, and one worker that holds it."""

    def __init__(self, subscription: Subscription, owner: str = "bench") -> None:
        self.registry = SubscriptionRegistry()
        self.subscription = self.registry.add(subscription)
        self.owner = owner
        checkpoints.create(subscription)
        self.partitions: list[Partition] = []
        while (
            found := leases.acquire(owner, [subscription.name], self.registry)
        ) is not None:
            self.partitions.append(found)

    def run(self) -> None:
        """Deliver until nothing is due."""
        for partition in self.partitions:
            while deliver(partition, never):
                pass

    def make_due(self) -> None:
        """Let the time until the next attempts pass."""
        self._sql("UPDATE event_failures SET next_attempt_at = now() - interval '1 s'")

    def failures(self) -> list[tuple[str, str, int]]:
        """Return aggregate, state and attempts of what is recorded, in order."""
        return self._sql(
            "SELECT aggregate_id, state, attempts FROM event_failures ORDER BY position"
        )

    def positions(self) -> list[int]:
        rows = self._sql(
            "SELECT position FROM event_subscriptions WHERE name = %s "
            "ORDER BY partition",
            [self.subscription.name],
        )
        return [row[0] for row in rows]

    def _sql(self, statement: str, params: list[Any] | None = None) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall() if cursor.description else []


class Collector:
    """A handler that keeps what it is given, and fails where it is told to."""

    def __init__(self) -> None:
        self.seen: list[StoredDomainEvent] = []
        self.fails: Callable[[StoredDomainEvent], bool] = lambda _: False

    def __call__(self, event: StoredDomainEvent) -> None:
        if self.fails(event):
            raise ValueError(f"cannot handle {event.aggregate_id}")
        self.seen.append(event)

    @property
    def story(self) -> list[tuple[str, int]]:
        return [(event.aggregate_id, event.aggregate_version) for event in self.seen]


def never() -> bool:
    return False
