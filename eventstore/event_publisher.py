"""``EventStorePublisher``: persist first, then deliver; replay, upcast."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.db import transaction

from eventstore import redacting
from eventstore.conf import store_settings
from eventstore.event_store import EventStoreService
from eventstore.publishing import DomainEventPublisher
from eventstore.twins import async_twin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from eventstore.appending import ExpectedVersion
    from eventstore.publishing import DomainEventSubscriber, H
    from eventstore.types import DomainEvent, Page, Redaction, StoredDomainEvent


class EventStorePublisher:
    """Stores events and then tells the subscribers of this process.

    Delivery waits for the commit of the surrounding transaction and never happens
    after a roll-back. A retried call delivers again: the first may have been stored
    and cut off before it told anybody.

    Args:
        store: what stores and reads.
        deliver: what tells; its subscribers are this publisher's.
    """

    def __init__(
        self,
        store: EventStoreService | None = None,
        deliver: DomainEventPublisher | None = None,
    ) -> None:
        """Use ``store`` and ``deliver``, or new ones."""
        self.store = store or EventStoreService()
        self.deliver = deliver or DomainEventPublisher()

    def publish(
        self,
        event: DomainEvent,
        tenant_id: str,
        expected_version: ExpectedVersion = None,
    ) -> StoredDomainEvent:
        """Store one event, and deliver it once it is committed.

        Raises:
            EventStoreError: as ``EventStoreService.append_event``; nothing is
                delivered then.
        """
        return self.publish_all([event], tenant_id, expected_version)[0]

    def publish_all(
        self,
        events: Iterable[DomainEvent],
        tenant_id: str,
        expected_version: ExpectedVersion = None,
    ) -> list[StoredDomainEvent]:
        """Store ``events``, all or none, and deliver them once they are committed.

        Raises:
            EventStoreError: as ``EventStoreService.append_events``; nothing is
                delivered then.
        """
        stored = self.store.append_events(events, tenant_id, expected_version)
        if stored:
            self._deliver_on_commit(stored)
        return stored

    def replay_events(
        self, aggregate_id: str, tenant_id: str, aggregate_type: str | None = None
    ) -> list[StoredDomainEvent]:
        """Return the whole history of an aggregate, upcast to the newest versions.

        Raises:
            AmbiguousAggregate: several types use the id and none was given.
            MigrationError: lifting a payload failed.
        """
        return self.store.get_events_for_aggregate(
            aggregate_id,
            tenant_id,
            aggregate_type,
            after_snapshot=False,
            upcast=True,
        )

    def register_migration(
        self,
        event_type: str,
        from_version: str,
        to_version: str,
        fn: Callable[[dict[str, Any]], dict[str, Any]],
    ) -> None:
        """Lift old payloads of ``event_type`` with ``fn``.

        Raises:
            MigrationRegistryError: the version has a step already, or a cycle.
        """
        self.store.migrations.register_migration(
            event_type, from_version, to_version, fn
        )

    def subscribe(self, subscriber: DomainEventSubscriber) -> None:
        """Tell ``subscriber`` of what is published here from now on."""
        self.deliver.subscribe(subscriber)

    def unsubscribe(self, subscriber: DomainEventSubscriber) -> None:
        """Tell ``subscriber`` no more."""
        self.deliver.unsubscribe(subscriber)

    def on_event(self, *event_types: str) -> Callable[[H], H]:
        """Tell the decorated function of these event types, or of all when none.

        Raises:
            TypeError: the decorator was used without parentheses.
        """
        return self.deliver.on_event(*event_types)

    def strict(self) -> AbstractContextManager[None]:
        """Raise the errors of subscribers inside the block, for tests.

        They come out of the commit: the events are stored by then.
        """
        return self.deliver.strict()

    def redact_event(
        self,
        event_id: str,
        tenant_id: str,
        fields: Sequence[str] | None = None,
        reason: str = "",
        actor: Mapping[str, Any] | str | None = None,
        request_id: str | None = None,
    ) -> Redaction:
        """Redact as the store does, and deliver ``eventstore.EventRedacted``.

        Raises:
            EventStoreError: as ``EventStoreService.redact_event``.
        """
        done = redacting.redact(
            event_id,
            tenant_id,
            fields,
            reason=reason,
            actor=actor,
            request_id=request_id,
        )
        notice = self.store.get_events_for_aggregate(
            done.redaction_id, tenant_id, "eventstore.Redaction"
        )
        self._deliver_on_commit(notice)
        return done

    def get_events_by_type(
        self,
        tenant_id: str,
        event_type: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page:
        """Return a page of the events of a type, upcast, in position order."""
        return self.store.get_events_by_type(
            tenant_id, event_type, limit=limit, cursor=cursor, upcast=True
        )

    def get_events_by_aggregate_type(
        self,
        tenant_id: str,
        aggregate_type: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page:
        """Return a page of the events of a type of aggregates, upcast, in order."""
        return self.store.get_events_by_aggregate_type(
            tenant_id, aggregate_type, limit=limit, cursor=cursor, upcast=True
        )

    def get_events_since(
        self,
        tenant_id: str,
        timestamp: datetime,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page:
        """Return a page of what occurred since, upcast, by business time."""
        return self.store.get_events_since(
            tenant_id, timestamp, limit=limit, cursor=cursor, upcast=True
        )

    def _deliver_on_commit(self, events: Sequence[StoredDomainEvent]) -> None:
        transaction.on_commit(
            functools.partial(self.deliver.publish_all, events),
            using=store_settings().DATABASE,
        )

    apublish = async_twin(publish)
    apublish_all = async_twin(publish_all)
    areplay_events = async_twin(replay_events)
    aredact_event = async_twin(redact_event)
    aget_events_by_type = async_twin(get_events_by_type)
    aget_events_by_aggregate_type = async_twin(get_events_by_aggregate_type)
    aget_events_since = async_twin(get_events_since)


#: The publisher of the process.
publisher = EventStorePublisher()
#: Its decorator, for functions in ``subscribers.py`` of an app.
on_event = publisher.on_event
