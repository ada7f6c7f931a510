"""Tell the process: deliver events to the subscribers that live in it."""

from __future__ import annotations

import abc
import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from inspect import isawaitable, iscoroutinefunction
from typing import TYPE_CHECKING, Any, TypeVar

from asgiref.sync import async_to_sync
from django.db import connections, transaction

from eventstore import context
from eventstore.conf import store_settings
from eventstore.twins import async_twin

if TYPE_CHECKING:
    from eventstore.types import StoredDomainEvent

logger = logging.getLogger(__name__)

H = TypeVar("H", bound="Callable[[StoredDomainEvent], Awaitable[None] | None]")


class DomainEventSubscriber(abc.ABC):
    """What wants to be told of events, in the process that published them."""

    @abc.abstractmethod
    def handle(self, event: StoredDomainEvent) -> Awaitable[None] | None:
        """Act on ``event``; an error is logged and keeps nobody else from it.

        May be an ``async def``: it is run to its end before the next is told.
        """

    @abc.abstractmethod
    def is_subscribed_to(self, event: StoredDomainEvent) -> bool:
        """Return whether ``event`` is to be handled."""


class FunctionSubscriber(DomainEventSubscriber):
    """A function that wants to be told of some event types, or of all.

    Args:
        function: synchronous or not.
        event_types: only these; all when there are none.
    """

    def __init__(
        self,
        function: Callable[[StoredDomainEvent], Any],
        event_types: Iterable[str] = (),
    ) -> None:
        """Keep what to call and when."""
        self.function = function
        self._is_async = iscoroutinefunction(function)
        self.event_types = frozenset(event_types)

    def handle(self, event: StoredDomainEvent) -> None:
        """Call the function, and run it to its end."""
        if self._is_async:
            async_to_sync(self.function)(event)
        else:
            self.function(event)

    def is_subscribed_to(self, event: StoredDomainEvent) -> bool:
        """Return whether the type of ``event`` is one of those asked for."""
        return not self.event_types or event.event_type in self.event_types

    def __eq__(self, other: object) -> bool:
        """Be the same subscriber as another of the same function and types."""
        return (
            isinstance(other, FunctionSubscriber)
            and self.function == other.function
            and self.event_types == other.event_types
        )

    def __hash__(self) -> int:
        """Hash by function and types."""
        return hash((self.function, self.event_types))


class DomainEventPublisher:
    """Delivers to the subscribers in this process, and does nothing else.

    What is published through it alone is **not stored**. Use ``EventStorePublisher``,
    which persists first and then delivers.
    """

    def __init__(self) -> None:
        """Begin without subscribers."""
        self._subscribers: list[DomainEventSubscriber] = []
        self._is_strict = False

    def subscribe(self, subscriber: DomainEventSubscriber) -> None:
        """Tell ``subscriber`` from now on; adding it twice changes nothing."""
        if subscriber not in self._subscribers:
            self._subscribers.append(subscriber)

    def unsubscribe(self, subscriber: DomainEventSubscriber) -> None:
        """Tell ``subscriber`` no more."""
        if subscriber in self._subscribers:
            self._subscribers.remove(subscriber)

    def on_event(self, *event_types: str) -> Callable[[H], H]:
        """Tell the decorated function of these event types, or of all when none.

        The function may be an ``async def``. It stays what it is, and can be called
        by itself.

        Raises:
            TypeError: the decorator was used without parentheses.
        """
        if not all(isinstance(name, str) for name in event_types):
            raise TypeError(
                'on_event takes names of types: @on_event("UserRegistered")'
            )

        def register(function: H) -> H:
            self.subscribe(FunctionSubscriber(function, event_types))
            return function

        return register

    @contextlib.contextmanager
    def strict(self) -> Iterator[None]:
        """Raise the errors of subscribers inside the block, for tests.

        All subscribers are told first. A single error is raised as it is, several as
        an ``ExceptionGroup``. The setting ``STRICT_DELIVERY`` does so everywhere.
        """
        before, self._is_strict = self._is_strict, True
        try:
            yield
        finally:
            self._is_strict = before

    def publish(self, event: StoredDomainEvent) -> None:
        """Deliver ``event`` to all that are subscribed to it, one after another.

        What a subscriber publishes meanwhile is marked as caused by ``event``.
        """
        self.publish_all((event,))

    def publish_all(self, events: Iterable[StoredDomainEvent]) -> None:
        """Deliver ``events`` in order."""
        errors = [error for event in events for error in self._deliver(event)]
        if errors and (self._is_strict or store_settings().STRICT_DELIVERY):
            _raise(errors)

    def _deliver(self, event: StoredDomainEvent) -> list[Exception]:
        """Tell everybody of ``event``; return what went wrong."""
        errors: list[Exception] = []
        # After a commit there is no transaction that one of them could break.
        apart = _apart if _is_any_open() else contextlib.nullcontext
        for subscriber in tuple(self._subscribers):
            try:
                with apart():
                    _tell(subscriber, event)
            except (Exception, asyncio.CancelledError) as error:
                logger.exception(
                    "A subscriber failed; the event is stored and the others are told.",
                    extra={
                        "subscriber": _name_of(subscriber),
                        "event_id": event.event_id,
                        "event_type": event.event_type,
                    },
                )
                errors.append(_as_error(error))
        return errors

    apublish = async_twin(publish)
    apublish_all = async_twin(publish_all)


def _tell(subscriber: DomainEventSubscriber, event: StoredDomainEvent) -> None:
    if not subscriber.is_subscribed_to(event):
        return
    with context.caused_by(event):
        answer = subscriber.handle(event)
        if answer is not None and isawaitable(answer):
            async_to_sync(_wait_for)(answer)


async def _wait_for(answer: Awaitable[None]) -> None:
    await answer


def _is_any_open() -> bool:
    """Return whether what runs now is part of a transaction, of whatever database."""
    return any(
        connection.in_atomic_block
        for connection in connections.all(initialized_only=True)
    )


@contextlib.contextmanager
def _apart() -> Iterator[None]:
    """Keep what a subscriber breaks in an open transaction from the others.

    There is one where the caller delivers by hand, and in tests that run in a
    transaction: a statement that fails would end it for all.
    """
    with contextlib.ExitStack() as stack:
        for connection in connections.all(initialized_only=True):
            if connection.in_atomic_block and not connection.needs_rollback:
                stack.enter_context(transaction.atomic(using=connection.alias))
        yield


def _raise(errors: list[Exception]) -> None:
    if len(errors) == 1:
        raise errors[0]
    raise ExceptionGroup("Several subscribers failed.", errors)


def _as_error(error: BaseException) -> Exception:
    """Return ``error`` as one that a group can hold."""
    if isinstance(error, Exception):
        return error
    return RuntimeError("A subscriber was cancelled.")


def _name_of(subscriber: DomainEventSubscriber) -> str:
    if isinstance(subscriber, FunctionSubscriber):
        return getattr(subscriber.function, "__qualname__", repr(subscriber.function))
    return type(subscriber).__qualname__
