"""Aggregates: state folded from events, rebuilt from a snapshot and what came after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from eventstore import snapshots
from eventstore.event_publisher import publisher as default_publisher
from eventstore.exceptions import SnapshotOutdated
from eventstore.types import DomainEvent, new_event_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventstore.event_publisher import EventStorePublisher
    from eventstore.types import StoredDomainEvent

    AnyEvent = DomainEvent | StoredDomainEvent

F = TypeVar("F", bound="Callable[..., None]")
A = TypeVar("A", bound="type[Aggregate]")

_registered: dict[str, type[Aggregate]] = {}


def applies(*event_types: str) -> Callable[[F], F]:
    """Mark a method of an ``Aggregate`` as the one that folds these event types."""

    def mark(method: F) -> F:
        method.event_types = event_types  # type: ignore[attr-defined]  # functions take attributes
        return method

    return mark


def register_aggregate(cls: A) -> A:
    """Register the decorated class as the one that folds its ``aggregate_type``.

    The REST API and the console show states by it. Modules named ``aggregates`` of all
    installed apps are imported at start-up.

    Raises:
        ValueError: the class names no type, or another class has it.
    """
    known = _registered.get(cls.aggregate_type)
    if not cls.aggregate_type:
        raise ValueError(f"{cls.__qualname__} has no aggregate_type.")
    if known is not None and known.__qualname__ != cls.__qualname__:
        raise ValueError(
            f"Aggregates of type {cls.aggregate_type} are folded by "
            f"{known.__qualname__} already."
        )
    _registered[cls.aggregate_type] = cls
    return cls


def registered_aggregate(aggregate_type: str) -> type[Aggregate] | None:
    """Return the class that folds aggregates of this type, if one is registered."""
    return _registered.get(aggregate_type)


class Aggregate:
    """A thing whose state is the fold of its events.

    Subclasses name their type, fold with ``@applies`` methods (or an ``apply_event``
    of their own), and act with methods that call ``record``::

        class Requirement(Aggregate):
            aggregate_type = "Requirement"
            snapshot_every = 100

            def approve(self, by: str) -> None:
                self.record("RequirementApproved", {"approver": by})

            @applies("RequirementApproved")
            def _approved(self, event):
                self.status = "approved"

    Folding must not fail on a redacted payload: it meets ``{"redacted": True}``.
    """

    #: The aggregate type of the events.
    aggregate_type: ClassVar[str] = ""
    #: Record a snapshot when a save crosses a multiple of this version; 0: never.
    snapshot_every: ClassVar[int] = 0
    #: Raise it when the fold or the state changes: older snapshots are then ignored.
    fold_version: ClassVar[str] = "1"

    _appliers: ClassVar[dict[str, str]] = {}

    def __init__(self, aggregate_id: str) -> None:
        """Begin without history."""
        self.aggregate_id = aggregate_id
        #: The version of the last event that was loaded or saved.
        self.version = 0
        self._pending: list[DomainEvent] = []
        self._redaction_mark = 0

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Collect the ``@applies`` methods."""
        super().__init_subclass__(**kwargs)
        cls._appliers = dict(cls._appliers)
        for name, member in vars(cls).items():
            for event_type in getattr(member, "event_types", ()):
                cls._appliers[event_type] = name

    def apply_event(self, event: AnyEvent) -> None:
        """Fold ``event``; a type without an ``@applies`` method changes nothing."""
        name = self._appliers.get(event.event_type)
        if name is not None:
            getattr(self, name)(event)

    def record(
        self, event_type: str, data: dict[str, Any] | None = None, **more: Any
    ) -> DomainEvent:
        """Fold a new event and keep it for ``save``.

        Args:
            event_type: what happened.
            data: its payload.
            more: further fields of ``DomainEvent``.
        """
        event = DomainEvent(
            event_type=event_type,
            aggregate_type=self.aggregate_type,
            aggregate_id=self.aggregate_id,
            data=data or {},
            **more,
        )
        self.apply_event(event)
        self._pending.append(event)
        return event

    def get_domain_events(self) -> list[DomainEvent]:
        """Return the events that are not saved yet, in order."""
        return list(self._pending)

    def clear_domain_events(self) -> None:
        """Forget the unsaved events; what they did to the state stays."""
        self._pending.clear()

    def get_state(self) -> dict[str, Any]:
        """Return the state for a snapshot: JSON; by default the public attributes."""
        own = ("aggregate_id", "version")
        return {
            name: value
            for name, value in vars(self).items()
            if not name.startswith("_") and name not in own
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Take over the state of a snapshot."""
        vars(self).update(state)

    @classmethod
    def load(
        cls,
        aggregate_id: str,
        tenant_id: str,
        *,
        up_to_version: int | None = None,
        publisher: EventStorePublisher | None = None,
    ) -> Self:
        """Return the aggregate as its history says; at version 0 when it has none.

        Args:
            aggregate_id: which one.
            tenant_id: whose.
            up_to_version: as it was at this version; as it is now by default.
            publisher: whose store and migrations; the process's by default.

        Raises:
            MigrationError: lifting a payload failed.
        """
        store = (publisher or default_publisher).store
        start = snapshots.find(
            cls.aggregate_type,
            aggregate_id,
            tenant_id,
            fold_version=cls.fold_version,
            up_to_version=up_to_version,
        )
        self = cls(aggregate_id)
        self._redaction_mark = start.redaction_mark
        if start.snapshot is not None and start.snapshot.state is not None:
            self.set_state(start.snapshot.state)
            self.version = start.snapshot.aggregate_version
        for event in store.iter_events_for_aggregate(
            aggregate_id,
            tenant_id,
            cls.aggregate_type,
            after_snapshot=False,
            after_version=self.version,
            up_to_version=up_to_version,
            upcast=True,
        ):
            self.apply_event(event)
            self.version = event.aggregate_version
        return self

    def save(
        self, tenant_id: str, *, publisher: EventStorePublisher | None = None
    ) -> list[StoredDomainEvent]:
        """Publish the new events if nobody was first; take a snapshot if it is due.

        Raises:
            ConcurrencyError: somebody appended since the load; load again and repeat.
            InvalidEvent: an event cannot be stored, or a snapshot is due and the state
                is no JSON; nothing was stored.
        """
        if not self._pending:
            return []
        is_due = self._is_snapshot_due()
        if is_due:
            # Now: after the append its refusal would look as if nothing was stored.
            snapshots.encode_state(self.get_state())
        stored = (publisher or default_publisher).publish_all(
            self._pending, tenant_id, expected_version=self.version
        )
        self.version = stored[-1].aggregate_version
        self.clear_domain_events()
        if is_due:
            self._take_snapshot(tenant_id, stored[-1])
        return stored

    def _is_snapshot_due(self) -> bool:
        every, version = self.snapshot_every, self.version
        return (
            bool(every) and version // every < (version + len(self._pending)) // every
        )

    def _take_snapshot(self, tenant_id: str, last: StoredDomainEvent) -> None:
        try:
            snapshots.record(
                self.aggregate_type,
                self.aggregate_id,
                tenant_id,
                new_event_id(),
                last.event_id,
                state=self.get_state(),
                fold_version=self.fold_version,
                redaction_mark=self._redaction_mark,
            )
        except SnapshotOutdated:
            # Redacted since the load: the events are saved, and the next load, which
            # folds what is left, may take the snapshot.
            return
