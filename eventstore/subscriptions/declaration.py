"""What a subscription is: a name, a filter, a handler and how to fail."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from inspect import iscoroutinefunction
from typing import Literal, TypeVar

from asgiref.sync import async_to_sync

from eventstore.exceptions import SubscriptionError
from eventstore.types import StoredDomainEvent

Handler = Callable[[StoredDomainEvent], None]
BatchHandler = Callable[[Sequence[StoredDomainEvent]], None]
Start = Literal["beginning", "now"] | int
H = TypeVar("H", bound=Callable[[StoredDomainEvent], Awaitable[None] | None])


class RetryLater(Exception):
    """A handler raises it where it knows how long to wait before the next attempt.

    Attributes:
        seconds: at least so many; the subscription's own back-off when it is longer.
    """

    def __init__(self, message: str, seconds: float = 0.0) -> None:
        """Say what failed, and how long to wait."""
        super().__init__(message)
        self.seconds = seconds


class NotNow(Exception):
    """A handler raises it where nothing can be handled at the moment.

    It is no failure of the event: nothing is recorded, and the event and those after
    it are given to the handler again.
    """


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """A durable subscription, as declared in code.

    Attributes:
        name: the key of its checkpoint; never reuse it for something else.
        handle: is called with each event, upcast, in order within each aggregate.
        handle_batch: is called with many events at once instead, where
            ``is_transactional``; when it fails, they are handled one by one.
        event_types: only these; all by default.
        aggregate_types: only these; all by default.
        tenants: only these; all by default.
        start: where a new subscription begins: with the first event, with what comes
            from now on, or after a position.
        partitions: how many workers can share it; aggregates keep their order. Fixed
            once the subscription exists.
        batch_size: events fetched at once.
        max_attempts: after so many failures an event is given up and waits for a
            person; its aggregate waits with it, and no other.
        backoff: seconds before the second attempt; doubled each time, with jitter.
        max_backoff: seconds between two attempts at most.
        is_transactional: whether the handler writes only to the store's database: then
            its rows and the checkpoint are committed together, exactly once. Otherwise
            an event can be handled again after a crash.
        on_tick: is called in a transaction when there is time, and again while it
            returns true; for what is due by the clock.
    """

    name: str
    handle: Handler
    handle_batch: BatchHandler | None = None
    event_types: frozenset[str] | None = None
    aggregate_types: frozenset[str] | None = None
    tenants: frozenset[str] | None = None
    start: Start = "beginning"
    partitions: int = 1
    batch_size: int = 500
    max_attempts: int = 8
    backoff: float = 1.0
    max_backoff: float = 300.0
    is_transactional: bool = False
    on_tick: Callable[[], bool] | None = None

    def delay(self, attempts: int, error: Exception | None = None) -> float:
        """Return the seconds to wait after so many failed attempts, with jitter."""
        # Bounded: without end of attempts the power would leave what a float holds.
        doubled = self.backoff * 2.0 ** min(attempts - 1, 60)
        longest = min(self.max_backoff, doubled)
        own = longest * random.uniform(0.5, 1.0)  # noqa: S311 - to spread retries
        return max(own, error.seconds) if isinstance(error, RetryLater) else own


#: What names further subscriptions when it is asked, such as rows of a table.
Source = Callable[[], Iterable[Subscription]]


class SubscriptionRegistry:
    """The subscriptions of a process, by name: declared in code, or by sources."""

    def __init__(self) -> None:
        """Begin with none."""
        self._by_name: dict[str, Subscription] = {}
        self._sources: list[Source] = []
        self._from_sources: dict[str, Subscription] = {}

    def add(self, subscription: Subscription) -> Subscription:
        """Register ``subscription``.

        Raises:
            SubscriptionError: the name is empty or taken, or a number makes no sense.
        """
        if not subscription.name:
            raise SubscriptionError("A subscription needs a name.")
        if subscription.name in self._by_name:
            raise SubscriptionError(
                f"Two subscriptions are called {subscription.name!r}: they would share "
                "a checkpoint. Rename one."
            )
        if min(subscription.partitions, subscription.batch_size) < 1:
            raise SubscriptionError(
                f"{subscription.name}: partitions and batch_size begin at 1."
            )
        self._by_name[subscription.name] = subscription
        return subscription

    def add_source(self, source: Source) -> None:
        """Ask ``source`` for further subscriptions at each ``refresh()``.

        What a source does not name any more is dropped by running workers, and what
        it names anew is run, within seconds.
        """
        if source not in self._sources:
            self._sources.append(source)

    def refresh(self) -> None:
        """Ask the sources again; what is declared in code wins."""
        self._from_sources = {
            found.name: found for source in self._sources for found in source()
        }

    def get(self, name: str) -> Subscription:
        """Return the subscription of that name.

        Raises:
            SubscriptionError: there is none.
        """
        known = self._from_sources | self._by_name
        if name not in known:
            raise SubscriptionError(
                f"No subscription is called {name!r}; declared are: "
                f"{', '.join(sorted(known)) or 'none'}."
            )
        return known[name]

    def names(self, patterns: Sequence[str] = ()) -> list[str]:
        """Return all names, or those that match a pattern (``webhook:*``), sorted."""
        known = sorted(self._from_sources | self._by_name)
        if not patterns:
            return known
        return [
            name for name in known if any(fnmatchcase(name, item) for item in patterns)
        ]

    def remove(self, name: str) -> None:
        """Forget a subscription; its checkpoint stays in the database."""
        self._by_name.pop(name, None)


#: The registry of the process.
subscriptions = SubscriptionRegistry()


def subscribe(
    name: str,
    *,
    event_types: Sequence[str] | None = None,
    aggregate_types: Sequence[str] | None = None,
    tenants: Sequence[str] | None = None,
    registry: SubscriptionRegistry = subscriptions,
    start: Start = "beginning",
    partitions: int = 1,
    batch_size: int = 500,
    max_attempts: int = 8,
    backoff: float = 1.0,
    is_transactional: bool = False,
) -> Callable[[H], H]:
    """Subscribe the decorated function, synchronous or not, durably under ``name``.

    Takes what ``Subscription`` takes. In a module ``subscribers.py`` of an installed
    app it is found at start-up; ``manage.py eventstore_worker`` runs it.

    Raises:
        SubscriptionError: the name is empty or taken.
    """

    def register(function: H) -> H:
        registry.add(
            Subscription(
                name=name,
                handle=_as_handler(function),
                event_types=_as_set(event_types),
                aggregate_types=_as_set(aggregate_types),
                tenants=_as_set(tenants),
                start=start,
                partitions=partitions,
                batch_size=batch_size,
                max_attempts=max_attempts,
                backoff=backoff,
                is_transactional=is_transactional,
            )
        )
        return function

    return register


def _as_handler(function: H) -> Handler:
    return async_to_sync(function) if iscoroutinefunction(function) else function  # type: ignore[return-value]  # narrowed by the test


def _as_set(names: Sequence[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)
