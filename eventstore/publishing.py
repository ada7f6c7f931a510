"""Tell the process: deliver events to the subscribers that live in it."""

from __future__ import annotations

import abc
import logging
from typing import TYPE_CHECKING

from eventstore import context

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventstore.types import StoredDomainEvent

logger = logging.getLogger(__name__)


class DomainEventSubscriber(abc.ABC):
    """What wants to be told of events, in the process that published them."""

    @abc.abstractmethod
    def handle(self, event: StoredDomainEvent) -> None:
        """Act on ``event``; an error is logged and keeps nobody else from it."""

    @abc.abstractmethod
    def is_subscribed_to(self, event: StoredDomainEvent) -> bool:
        """Return whether ``event`` is to be handled."""


class DomainEventPublisher:
    """Delivers to the subscribers in this process, and does nothing else.

    What is published through it alone is **not stored**. Use ``EventStorePublisher``,
    which persists first and then delivers.
    """

    def __init__(self) -> None:
        """Begin without subscribers."""
        self._subscribers: list[DomainEventSubscriber] = []

    def subscribe(self, subscriber: DomainEventSubscriber) -> None:
        """Tell ``subscriber`` from now on; adding it twice changes nothing."""
        if subscriber not in self._subscribers:
            self._subscribers.append(subscriber)

    def unsubscribe(self, subscriber: DomainEventSubscriber) -> None:
        """Tell ``subscriber`` no more."""
        if subscriber in self._subscribers:
            self._subscribers.remove(subscriber)

    def publish(self, event: StoredDomainEvent) -> None:
        """Deliver ``event`` to all that are subscribed to it, one after another.

        What a subscriber publishes meanwhile is marked as caused by ``event``.
        """
        for subscriber in tuple(self._subscribers):
            try:
                if subscriber.is_subscribed_to(event):
                    with context.caused_by(event):
                        subscriber.handle(event)
            except Exception:
                logger.exception(
                    "A subscriber failed; the event is stored and the others are told.",
                    extra={
                        "subscriber": type(subscriber).__qualname__,
                        "event_id": event.event_id,
                        "event_type": event.event_type,
                    },
                )

    def publish_all(self, events: Iterable[StoredDomainEvent]) -> None:
        """Deliver ``events`` in order."""
        for event in events:
            self.publish(event)
