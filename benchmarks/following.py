"""Who follows the log: listeners, and workers with one subscription.

Each is started and stopped in a process that is ready, so that no start-up is measured.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence

from django.db import connection

from benchmarks.connecting import Connection, connect
from benchmarks.models import Tally
from eventstore import Projection, StoredDomainEvent, subscribe
from eventstore.notifying import CHANNEL
from eventstore.subscriptions import leases, wakeup
from eventstore.subscriptions.declaration import SubscriptionRegistry
from eventstore.subscriptions.worker import Worker

_UPSERT = """
INSERT INTO benchmarks_tally AS t (tenant_id, aggregate_id, events)
VALUES (%s, %s, %s)
ON CONFLICT (tenant_id, aggregate_id) DO UPDATE SET events = t.events + EXCLUDED.events
"""
#: How far the slowest partition is behind the newest event.
_LAG = """
SELECT coalesce((SELECT max(position) FROM stored_domain_events), 0)
       - min(position)
  FROM event_subscriptions
"""
_PATIENCE_SECONDS = 120


class Tallies(Projection):
    """Counts the events of each aggregate, a batch at once."""

    name = "benchmark-tallies"
    models = (Tally,)
    copies_payload = False
    partitions = 2
    batch_size = 1000

    def project_batch(self, events: Sequence[StoredDomainEvent]) -> None:
        """Add what the batch has of each aggregate."""
        counts: dict[tuple[str, str], int] = {}
        for event in events:
            key = (event.tenant_id, event.aggregate_id)
            counts[key] = counts.get(key, 0) + 1
        with connection.cursor() as cursor:
            # In one order, so that no two transactions wait for each other in a circle.
            cursor.executemany(
                _UPSERT, [(*key, count) for key, count in sorted(counts.items())]
            )


class Following:
    """A worker that can be started and stopped, many times."""

    def __init__(self) -> None:
        self.registry = SubscriptionRegistry()
        self.owner = f"benchmark-{os.getpid()}"
        self._stop: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Work until ``stop()``; return when it holds one partition and waits."""
        worker = Worker(registry=self.registry, owner=self.owner)
        thread = threading.Thread(target=worker.run, daemon=True)
        thread.start()

        def stop() -> None:
            worker.stop()
            end(thread)

        self._stop = stop
        wait_until(lambda: len(leases.held(self.owner)) == 1)
        with connect() as raw:
            wait_until_level(raw)

    def stop(self) -> None:
        """End in order."""
        self._stop()


class Subscriber(Following):
    """Has a durable subscription whose handler notes the moment."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: dict[str, float] = {}

        @subscribe("benchmark-subscriber", registry=self.registry, start="now")
        def note(event: StoredDomainEvent) -> None:
            self.moments[event.event_id] = time.monotonic()

    def handled(self, count: int) -> dict[str, float]:
        """Return the moments of the next ``count`` events, once they were handled."""
        wait_until(lambda: len(self.moments) >= count)
        found, self.moments = self.moments, {}
        return found


class Projector(Following):
    """Keeps the tallies."""

    def __init__(self) -> None:
        super().__init__()
        Tallies.register(self.registry)


class Listeners:
    """Connections that wait for notifications, as each process with live feeds has."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Listen until ``stop()``; return when all do."""
        self._stopping = threading.Event()
        ready = threading.Semaphore(0)
        self._threads = [
            threading.Thread(
                target=wakeup.listen, args=(ready.release, self._stopping), daemon=True
            )
            for _ in range(self.count)
        ]
        for thread in self._threads:
            thread.start()
        for _ in self._threads:
            ready.acquire(timeout=_PATIENCE_SECONDS)

    def stop(self) -> None:
        """End in order."""
        self._stopping.set()
        for thread in self._threads:
            end(thread)


def end(thread: threading.Thread) -> None:
    """Wait for what was told to stop and may still wait for a notification."""
    with connect() as raw:
        while thread.is_alive():
            notify(raw)
            thread.join(0.05)


def notify(raw: Connection) -> None:
    """Wake who listens."""
    raw.execute(f"NOTIFY {CHANNEL}")


def wait_until_level(raw: Connection) -> None:
    """Wait until every partition has come to the newest event."""
    wait_until(lambda: raw.execute(_LAG).fetchone() == (0,))


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for something that another thread or process does."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError("A worker of the benchmark does not get there.")
        time.sleep(0.005)
