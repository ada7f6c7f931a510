"""A worker: takes its share of the partitions and runs each in a thread.

Ordered within an aggregate, parallel across partitions; two workers share the work,
and a dead one's share is taken over within the lease time.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Sequence

from django.db import DatabaseError, close_old_connections, connections

from eventstore import tenancy
from eventstore.exceptions import EventStoreError, SubscriptionError
from eventstore.subscriptions import checkpoints, leases, wakeup
from eventstore.subscriptions.checkpoints import LostLease, Partition
from eventstore.subscriptions.declaration import SubscriptionRegistry, subscriptions
from eventstore.subscriptions.delivery import deliver

logger = logging.getLogger(__name__)

#: Seconds between two looks at the leases.
_BALANCE = 1.0
#: Seconds to wait after an error of the database or of the subscription itself.
_PAUSE = 1.0
#: What makes a name a pattern.
_WILDCARDS = frozenset("*?[")


class Worker:
    """Runs subscriptions until it is told to stop.

    Args:
        names: which, or patterns such as ``webhook:*``; all by default.
        registry: where they are declared.
        owner: its name in leases; unique.
    """

    def __init__(
        self,
        names: Sequence[str] = (),
        *,
        registry: SubscriptionRegistry = subscriptions,
        owner: str = "",
    ) -> None:
        """Check the names.

        Raises:
            SubscriptionError: one of them is not declared.
        """
        self.registry = registry
        registry.refresh()
        self.patterns = [
            name if _WILDCARDS & set(name) else registry.get(name).name
            for name in names
        ]
        self.names = registry.names(self.patterns)
        self.owner = owner or _own_name()
        self.bell = wakeup.Bell()
        self._stopping = threading.Event()
        self._runners: dict[int, _Runner] = {}
        self._last_beat = time.monotonic()

    def stop(self) -> None:
        """Finish the events in hand and end; safe in a signal handler."""
        self._stopping.set()

    def run(self) -> None:
        """Work until ``stop()``.

        Raises:
            SubscriptionError: a subscription exists with other partitions.
            NotPermitted: row-level security would hide events from it.
        """
        tenancy.require_all_tenants("A worker")
        for name in self.names:
            checkpoints.create(self.registry.get(name))
        listener = threading.Thread(
            target=wakeup.listen, args=(self.bell.ring, self._stopping), daemon=True
        )
        listener.start()
        try:
            while not self._stopping.is_set():
                self._balance()
                self._stopping.wait(_BALANCE)
        finally:
            self._end()
            listener.join(timeout=2 * wakeup.POLL)

    def is_lapsed(self) -> bool:
        """Return whether the leases may have run out unnoticed."""
        return time.monotonic() - self._last_beat > leases.LEASE

    def is_stopping(self) -> bool:
        """Return whether no further event is to be begun."""
        return self._stopping.is_set() or self.is_lapsed()

    def _balance(self) -> None:
        """Renew the leases, and hold as many partitions as the share is."""
        try:
            close_old_connections()
            # It may have been switched on meanwhile: no beat, and the leases run out.
            tenancy.require_all_tenants("A worker")
            began = time.monotonic()
            leases.beat(self.owner, self.names)
            self._last_beat = began
            self._find_names()
            released = self._drop_lost(leases.held(self.owner))
            surplus = len(self._runners) - leases.fair_share(self.names)
            self._give_back(surplus)
            # One more than the share: what is still free then, nobody else may run.
            # Not what was given back just now: the others have yet to look.
            most = 0 if released else 1
            while surplus < most and self._take():
                surplus += 1
        except (DatabaseError, EventStoreError):
            logger.warning("The worker cannot reach its leases.", exc_info=True)

    def _find_names(self) -> None:
        """Ask the sources which subscriptions there are by now."""
        self.registry.refresh()
        found = self.registry.names(self.patterns)
        for name in set(found) - set(self.names):
            try:
                checkpoints.create(self.registry.get(name))
            except SubscriptionError:
                logger.exception(
                    "A subscription cannot be run.", extra={"subscription": name}
                )
                found.remove(name)
        self.names = found

    def _drop_lost(self, held: set[int]) -> bool:
        """End the runners of what is no longer to be run here, or not like this.

        Nobody waits for the event in hand: the lease is given back once it is done.

        Returns:
            Whether one was given back.
        """
        released = False
        for key, runner in list(self._runners.items()):
            if not runner.is_alive():
                leases.release(key, self.owner)
                released = True
                del self._runners[key]
            elif key not in held or not self._is_current(runner.partition):
                runner.end()
        # Taken, but the answer was lost: nobody would ever run it.
        for key in held - set(self._runners):
            leases.release(key, self.owner)
        return released

    def _is_current(self, partition: Partition) -> bool:
        name = partition.subscription.name
        return name in self.names and self.registry.get(name) == partition.subscription

    def _give_back(self, surplus: int) -> None:
        # Those that are ending already count as given back.
        runners = sorted(
            self._runners.values(), key=lambda runner: not runner.stopping.is_set()
        )
        for runner in runners[: max(surplus, 0)]:
            runner.end()

    def _take(self) -> bool:
        partition = leases.acquire(self.owner, self.names, self.registry)
        if partition is None:
            return False
        runner = _Runner(partition, self)
        self._runners[partition.id] = runner
        runner.start()
        return True

    def _end(self) -> None:
        runners = list(self._runners.values())
        for runner in runners:
            runner.stopping.set()
        self.bell.ring()
        try:
            while any(runner.is_alive() for runner in runners):
                # What is in hand stays this worker's until it is done.
                leases.beat(self.owner, self.names)
                self._last_beat = time.monotonic()
                self._await(runners)
            for runner in runners:
                leases.release(runner.partition.id, self.owner)
            leases.leave(self.owner)
        except (DatabaseError, EventStoreError):
            logger.warning("The leases run out by themselves.", exc_info=True)
            for runner in runners:
                runner.join()
        connections.close_all()

    def _await(self, runners: Sequence[_Runner]) -> None:
        """Give the runners until the next beat to end."""
        until = time.monotonic() + _BALANCE
        for runner in runners:
            runner.join(timeout=max(until - time.monotonic(), 0.0))


class _Runner(threading.Thread):
    """The thread of one partition."""

    def __init__(self, partition: Partition, worker: Worker) -> None:
        name = f"{partition.subscription.name}/{partition.number}"
        super().__init__(name=name, daemon=True)
        self.partition = partition
        self.worker = worker
        self.stopping = threading.Event()

    def end(self) -> None:
        """Stop after the event in hand, without waiting for it."""
        self.stopping.set()
        self.worker.bell.ring()

    def is_stopping(self) -> bool:
        return self.stopping.is_set() or self.worker.is_stopping()

    def run(self) -> None:
        bell = self.worker.bell
        ticket = bell.ticket()
        try:
            while not self.is_stopping():
                ticket.clear()
                if not self._work_off():
                    ticket.wait(wakeup.POLL)
        except LostLease:
            logger.info(
                "A partition has changed hands.", extra={"partition": self.name}
            )
        finally:
            bell.give_back(ticket)
            connections.close_all()

    def _work_off(self) -> bool:
        """Deliver until nothing came for a while; return whether to look again now."""
        quiet_since = time.monotonic()
        try:
            while not self.is_stopping():
                if deliver(self.partition, self.is_stopping):
                    quiet_since = time.monotonic()
                elif time.monotonic() - quiet_since > wakeup.LINGER:
                    return False
                else:
                    self.stopping.wait(wakeup.STEP)
        except (DatabaseError, EventStoreError):
            logger.warning(
                "A partition pauses.", extra={"partition": self.name}, exc_info=True
            )
            connections.close_all()
            self.stopping.wait(_PAUSE)
        return True


def _own_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
