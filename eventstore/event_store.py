"""``EventStoreService``: append, read, snapshot, redact; each one call into a room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventstore import appending, reading, redacting, snapshots, upcasting
from eventstore.exceptions import EventNotFound
from eventstore.twins import async_iterator_twin, async_twin
from eventstore.types import (
    DomainEvent,
    Page,
    Redaction,
    Snapshot,
    StoredDomainEvent,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from eventstore.appending import ExpectedVersion
    from eventstore.upcasting import EventMigrationHandler


class EventStoreService:
    """The log of all tenants: what every call needs is the tenant.

    Every read takes ``limit`` (events a page), ``cursor`` (a page's ``next_cursor``)
    and ``upcast`` (lift payloads to their newest version); ``iter_events_...`` streams
    the same in constant memory. Reads across aggregates end at the stable position:
    what they return can never get a late arrival in its middle. A limit below 1 and a
    moment without a time zone are a ``ValueError``.

    Args:
        migrations: the registry for ``upcast=True``; the process's by default.
    """

    def __init__(self, migrations: EventMigrationHandler | None = None) -> None:
        """Use ``migrations``."""
        self.migrations = migrations or upcasting.event_migrations

    # Append

    def append_event(
        self,
        event: DomainEvent,
        tenant_id: str,
        expected_version: ExpectedVersion = None,
    ) -> StoredDomainEvent:
        """Append one event and return it as stored.

        Args:
            event: what happened.
            tenant_id: whose log.
            expected_version: the version at which its aggregate must stand; 0 for no
                events yet, ``None`` for any.

        Raises:
            InvalidEvent: it cannot be stored.
            ConcurrencyError: the aggregate stands at another version.
            DuplicateEventError: the event id is taken by another event.
            IsolationLevelError: the transaction is not READ COMMITTED.
        """
        return appending.append([event], tenant_id, expected_version)[0]

    def append_events(
        self,
        events: Iterable[DomainEvent],
        tenant_id: str,
        expected_version: ExpectedVersion = None,
    ) -> list[StoredDomainEvent]:
        """Append ``events``, over one or many aggregates, all or none.

        Args:
            events: in the order of their positions.
            tenant_id: whose log.
            expected_version: a number for every aggregate, a mapping
                ``{(type, id): n}`` for each, ``None`` for any.

        Raises:
            InvalidEvent: one of them cannot be stored.
            ConcurrencyError: an aggregate stands at another version, or a deadlock.
            DuplicateEventError: an event id is taken, or only a part is known.
            IsolationLevelError: the transaction is not READ COMMITTED.
        """
        return appending.append(list(events), tenant_id, expected_version)

    # Read one aggregate

    def get_events_for_aggregate(
        self,
        aggregate_id: str,
        tenant_id: str,
        aggregate_type: str | None = None,
        *,
        after_snapshot: bool = True,
        after_version: int = 0,
        up_to_version: int | None = None,
        as_of_stored: datetime | None = None,
        as_of_occurred: datetime | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        upcast: bool = False,
    ) -> Page:
        """Return the events of an aggregate, by version; all that is committed.

        Args:
            aggregate_id: which one.
            tenant_id: whose.
            aggregate_type: needed when several types use the id.
            after_snapshot: begin after the newest snapshot; ``False`` for all.
            after_version: begin after this version.
            up_to_version: end with this version.
            as_of_stored: only what had been recorded by then.
            as_of_occurred: only what had occurred by then, as claimed.
            limit: events a page; by default all.
            cursor: where the page begins.
            upcast: lift payloads to their newest version.

        Raises:
            AmbiguousAggregate: several types use the id and none was given.
            InvalidCursor: the cursor is none of this read.
            MigrationError: lifting a payload failed.
        """
        page = reading.read_aggregate(
            aggregate_id,
            tenant_id,
            aggregate_type,
            after_snapshot=after_snapshot,
            after_version=after_version,
            up_to_version=up_to_version,
            as_of_stored=as_of_stored,
            as_of_occurred=as_of_occurred,
            limit=limit,
            cursor=cursor,
        )
        return self._lift(page, upcast=upcast)

    def get_event(
        self, event_id: str, tenant_id: str, *, upcast: bool = False
    ) -> StoredDomainEvent:
        """Return one event.

        Raises:
            EventNotFound: the tenant has no such event.
            MigrationError: lifting its payload failed.
        """
        event = reading.read_event(event_id, tenant_id)
        return self.migrations.migrate_if_needed(event) if upcast else event

    def get_aggregate_version(
        self, aggregate_id: str, tenant_id: str, aggregate_type: str | None = None
    ) -> int:
        """Return the version at which an aggregate stands, 0 when it has no events.

        Raises:
            AmbiguousAggregate: several types use the id and none was given.
        """
        return reading.read_version(aggregate_id, tenant_id, aggregate_type)

    # Read across aggregates

    def get_events_by_type(
        self,
        tenant_id: str,
        event_type: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        upcast: bool = False,
    ) -> Page:
        """Return a page of the events of a type, in position order.

        Raises:
            InvalidCursor: the cursor is none of this read.
            MigrationError: lifting a payload failed.
            IsolationLevelError: the transaction is not READ COMMITTED.
        """
        page = reading.read_by_type(tenant_id, event_type, limit=limit, cursor=cursor)
        return self._lift(page, upcast=upcast)

    def get_events_by_aggregate_type(
        self,
        tenant_id: str,
        aggregate_type: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        upcast: bool = False,
    ) -> Page:
        """Return a page of the events of a type of aggregates, in position order.

        Raises:
            InvalidCursor: the cursor is none of this read.
            MigrationError: lifting a payload failed.
            IsolationLevelError: the transaction is not READ COMMITTED.
        """
        page = reading.read_by_aggregate_type(
            tenant_id, aggregate_type, limit=limit, cursor=cursor
        )
        return self._lift(page, upcast=upcast)

    def get_events_since(
        self,
        tenant_id: str,
        timestamp: datetime,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        upcast: bool = False,
    ) -> Page:
        """Return a page of what occurred at ``timestamp`` or later, by business time.

        Not for feeds: what is recorded late has an early time. Use
        ``get_events_after``.

        Raises:
            InvalidCursor: the cursor is none of this read.
            MigrationError: lifting a payload failed.
            IsolationLevelError: the transaction is not READ COMMITTED.
        """
        page = reading.read_since(tenant_id, timestamp, limit=limit, cursor=cursor)
        return self._lift(page, upcast=upcast)

    def get_events_after(
        self,
        tenant_id: str,
        position: int,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        upcast: bool = False,
    ) -> Page:
        """Return a page of a tenant's events after ``position``: what feeds use.

        Raises:
            InvalidCursor: the cursor is none of this read.
            MigrationError: lifting a payload failed.
            IsolationLevelError: the transaction is not READ COMMITTED.
        """
        page = reading.read_after(tenant_id, position, limit=limit, cursor=cursor)
        return self._lift(page, upcast=upcast)

    def stable_position(self, *, strict: bool = False) -> int:
        """Return the position up to which the log is final.

        Args:
            strict: count the caller's own open transaction too; for feeds.

        Raises:
            IsolationLevelError: the transaction is not READ COMMITTED.
        """
        return reading.stable_position(strict=strict)

    def wait_for(self, position: int, *, timeout: float = 10.0) -> int:
        """Wait until the reads across aggregates see the log up to ``position``.

        Args:
            position: that of an event that was appended.
            timeout: for how many seconds.

        Raises:
            PositionNotReached: the time ran out.
            IsolationLevelError: the transaction is not READ COMMITTED.
        """
        return reading.wait_for(position, timeout=timeout)

    # Stream

    def iter_events_for_aggregate(
        self,
        aggregate_id: str,
        tenant_id: str,
        aggregate_type: str | None = None,
        *,
        upcast: bool = False,
        **scope: Any,
    ) -> Iterator[StoredDomainEvent]:
        """Stream ``get_events_for_aggregate``; takes its ranges and moments."""
        found = reading.resolve_type(aggregate_id, tenant_id, aggregate_type)
        scope.setdefault("after_snapshot", True)
        return self._stream(
            reading.read_aggregate,
            aggregate_id,
            tenant_id,
            found,
            upcast=upcast,
            **scope,
        )

    def iter_events_by_type(
        self, tenant_id: str, event_type: str, *, upcast: bool = False
    ) -> Iterator[StoredDomainEvent]:
        """Stream ``get_events_by_type``."""
        return self._stream(reading.read_by_type, tenant_id, event_type, upcast=upcast)

    def iter_events_by_aggregate_type(
        self, tenant_id: str, aggregate_type: str, *, upcast: bool = False
    ) -> Iterator[StoredDomainEvent]:
        """Stream ``get_events_by_aggregate_type``."""
        return self._stream(
            reading.read_by_aggregate_type, tenant_id, aggregate_type, upcast=upcast
        )

    def iter_events_since(
        self, tenant_id: str, timestamp: datetime, *, upcast: bool = False
    ) -> Iterator[StoredDomainEvent]:
        """Stream ``get_events_since``."""
        return self._stream(reading.read_since, tenant_id, timestamp, upcast=upcast)

    def iter_events_after(
        self, tenant_id: str, position: int, *, upcast: bool = False
    ) -> Iterator[StoredDomainEvent]:
        """Stream ``get_events_after``."""
        return self._stream(reading.read_after, tenant_id, position, upcast=upcast)

    # Snapshots

    def record_snapshot(
        self,
        aggregate_id: str,
        tenant_id: str,
        snapshot_id: str,
        last_event_id: str,
        state: Mapping[str, Any] | None = None,
        *,
        aggregate_type: str | None = None,
        fold_version: str = "",
        redaction_mark: int | None = None,
    ) -> Snapshot:
        """Record that reading may begin after ``last_event_id``.

        Args:
            aggregate_id: of which aggregate.
            tenant_id: whose.
            snapshot_id: unique within the tenant.
            last_event_id: the last event that it contains.
            state: what folding gave; ``Aggregate.load`` needs it.
            aggregate_type: needed when several types use the id.
            fold_version: the version of the code that folded; other code ignores it.
            redaction_mark: the ``redaction_mark`` of before the fold.

        Raises:
            EventNotFound: the aggregate has no such event.
            DuplicateEventError: the snapshot id is taken by another snapshot.
            SnapshotOutdated: an event under it was redacted after the fold began.
            InvalidEvent: the state is no JSON object, or an id is too long.
            AmbiguousAggregate: several types use the id and none was given.
        """
        found = reading.resolve_type(aggregate_id, tenant_id, aggregate_type)
        if found is None:
            raise EventNotFound(last_event_id, tenant_id)
        return snapshots.record(
            found,
            aggregate_id,
            tenant_id,
            snapshot_id,
            last_event_id,
            state=state,
            fold_version=fold_version,
            redaction_mark=redaction_mark,
        )

    def get_snapshots(
        self,
        aggregate_id: str,
        tenant_id: str,
        aggregate_type: str | None = None,
        *,
        limit: int = 100,
    ) -> list[Snapshot]:
        """Return the snapshots of an aggregate, newest first.

        Raises:
            AmbiguousAggregate: several types use the id and none was given.
        """
        found = reading.resolve_type(aggregate_id, tenant_id, aggregate_type)
        if found is None:
            return []
        return snapshots.list_of(found, aggregate_id, tenant_id, limit=limit)

    def prune_snapshots(
        self,
        aggregate_id: str,
        tenant_id: str,
        aggregate_type: str | None = None,
        *,
        keep: int = 1,
    ) -> int:
        """Drop all but the ``keep`` newest snapshots of an aggregate; return how many.

        Raises:
            AmbiguousAggregate: several types use the id and none was given.
        """
        found = reading.resolve_type(aggregate_id, tenant_id, aggregate_type)
        return (
            snapshots.prune(found, aggregate_id, tenant_id, keep=keep) if found else 0
        )

    def redaction_mark(
        self, aggregate_id: str, tenant_id: str, aggregate_type: str
    ) -> int:
        """Return the newest redaction of an aggregate: read it before folding."""
        return snapshots.find(aggregate_type, aggregate_id, tenant_id).redaction_mark

    # Redaction

    def redact_event(
        self,
        event_id: str,
        tenant_id: str,
        fields: Sequence[str] | None = None,
        reason: str = "",
        actor: Mapping[str, Any] | str | None = None,
        request_id: str | None = None,
    ) -> Redaction:
        """Remove an event's payload, or single fields; the event stays.

        Args:
            event_id: which event.
            tenant_id: whose; a foreign tenant's event is not found.
            fields: RFC 6901 pointers, ``/data/...`` or ``/metadata/...``; the whole
                payload when there are none.
            reason: why, for the record.
            actor: who; by default the actor of the context.
            request_id: the approved request, if there is such a workflow.

        Raises:
            EventNotFound: the tenant has no such event.
            RedactionRefused: a pointer is none or leads nowhere.
            InvalidEvent: the reason, the actor or the request cannot be stored.
            IsolationLevelError: the transaction is not READ COMMITTED.
        """
        return redacting.redact(
            event_id,
            tenant_id,
            fields,
            reason=reason,
            actor=actor,
            request_id=request_id,
        )

    def get_redactions(self, event_id: str, tenant_id: str) -> list[Redaction]:
        """Return the records of an event's redactions, newest first."""
        return redacting.redactions_of(event_id, tenant_id)

    def _lift(self, page: Page, *, upcast: bool) -> Page:
        if not upcast:
            return page
        lift = self.migrations.migrate_if_needed
        return Page([lift(event) for event in page], page.next_cursor)

    def _stream(
        self, read: Callable[..., Page], *args: Any, upcast: bool, **scope: Any
    ) -> Iterator[StoredDomainEvent]:
        events = reading.stream(read, *args, **scope)
        return map(self.migrations.migrate_if_needed, events) if upcast else events

    # Async twins

    aappend_event = async_twin(append_event)
    aappend_events = async_twin(append_events)
    aget_events_for_aggregate = async_twin(get_events_for_aggregate)
    aget_event = async_twin(get_event)
    aget_aggregate_version = async_twin(get_aggregate_version)
    aget_events_by_type = async_twin(get_events_by_type)
    aget_events_by_aggregate_type = async_twin(get_events_by_aggregate_type)
    aget_events_since = async_twin(get_events_since)
    aget_events_after = async_twin(get_events_after)
    astable_position = async_twin(stable_position)
    await_for = async_twin(wait_for)
    aiter_events_for_aggregate = async_iterator_twin(iter_events_for_aggregate)
    aiter_events_by_type = async_iterator_twin(iter_events_by_type)
    aiter_events_by_aggregate_type = async_iterator_twin(iter_events_by_aggregate_type)
    aiter_events_since = async_iterator_twin(iter_events_since)
    aiter_events_after = async_iterator_twin(iter_events_after)
    arecord_snapshot = async_twin(record_snapshot)
    aget_snapshots = async_twin(get_snapshots)
    aprune_snapshots = async_twin(prune_snapshots)
    aredact_event = async_twin(redact_event)
    aget_redactions = async_twin(get_redactions)


#: The store of the process.
store = EventStoreService()
