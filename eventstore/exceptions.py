"""Every error of the store, on one screen.

::

    EventStoreError
    ├── InvalidEvent                what cannot be stored: where, why, which limit
    ├── ConcurrencyError            somebody else was first; retry with the new version
    ├── DuplicateEventError         the event id is taken by another event
    ├── AppendOnlyViolation         history cannot be changed
    ├── EventNotFound               no such event for this tenant
    ├── AmbiguousAggregate          the id names aggregates of several types
    ├── MigrationError              an event migration failed or cannot be reached
    ├── MigrationRegistryError      chains that cannot work: gap, cycle, duplicate
    ├── FoldError                   the code of an aggregate cannot fold an event
    ├── FoldTooLong                 more events than a state is folded of at once
    ├── RedactionRefused            a redaction that would not only remove
    │   └── RedactionNotApproved    it needs an approval that is not there
    ├── SnapshotOutdated            the state was folded before a redaction
    ├── IsolationLevelError         the transaction is not READ COMMITTED
    ├── InvalidCursor               the cursor is not one that this read has given
    ├── PositionNotReached          wait_for() ran out of time
    ├── NotPermitted                this connection's role may not do that
    ├── SubscriptionError           a subscription that cannot be run as it is declared
    ├── WebhookError                an endpoint that cannot be used as it is given
    ├── GrantError                  a grant or a key that cannot be as it is asked for
    └── NotInstalled                the database lacks the store's functions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class EventStoreError(Exception):
    """The root of all errors that the store raises."""


class InvalidEvent(EventStoreError):
    """An event that cannot be stored; nothing was written.

    Attributes:
        where: the place of the fault, as ``data.items[3].price`` or ``event_type``.
        what: the fault, in words.
        limit: the limit that was passed, in the unit that ``what`` names, or ``None``.
    """

    def __init__(self, where: str, what: str, *, limit: int | None = None) -> None:
        """Name the place, the fault and the limit."""
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what
        self.limit = limit


class ConcurrencyError(EventStoreError):
    """The aggregate does not stand at the expected version; nothing was written.

    Attributes:
        aggregate_type: whose version it is, ``""`` when a deadlock was the reason.
        aggregate_id: likewise.
        expected: the version that the caller expected, ``None`` after a deadlock.
        actual: the version at which the aggregate stands, ``None`` after a deadlock.
        retryable: whether repeating this call alone can succeed. Inside an
            ``atomic()`` block a deadlock has ended the whole transaction: retry that.
    """

    def __init__(
        self,
        message: str,
        *,
        aggregate_type: str = "",
        aggregate_id: str = "",
        expected: int | None = None,
        actual: int | None = None,
        retryable: bool = True,
    ) -> None:
        """Keep the facts beside the sentence."""
        super().__init__(message)
        self.aggregate_type = aggregate_type
        self.aggregate_id = aggregate_id
        self.expected = expected
        self.actual = actual
        self.retryable = retryable


class DuplicateEventError(EventStoreError):
    """The event id is already taken by an event that differs; nothing was written.

    Attributes:
        event_id: the id in question.
    """

    def __init__(self, event_id: str, message: str) -> None:
        """Name the event id."""
        super().__init__(message)
        self.event_id = event_id


class AppendOnlyViolation(EventStoreError):
    """History cannot be changed: append a new event, or redact this one."""


class EventNotFound(EventStoreError):
    """No such event for this tenant; a foreign tenant's event is not found either.

    Attributes:
        event_id: the id that was asked for.
    """

    def __init__(self, event_id: str, tenant_id: str) -> None:
        """Name the event and the tenant that was searched."""
        super().__init__(f"Event {event_id!r} does not exist in tenant {tenant_id!r}.")
        self.event_id = event_id


class AmbiguousAggregate(EventStoreError):
    """The aggregate id alone names several aggregates; give the type too.

    Attributes:
        aggregate_id: the id that was asked for.
        aggregate_types: the types that use it in this tenant.
    """

    def __init__(self, aggregate_id: str, aggregate_types: Sequence[str]) -> None:
        """Name the id and the types that share it."""
        super().__init__(
            f"Aggregate id {aggregate_id!r} exists with the types "
            f"{', '.join(aggregate_types)}: pass aggregate_type=."
        )
        self.aggregate_id = aggregate_id
        self.aggregate_types = tuple(aggregate_types)


class MigrationError(EventStoreError):
    """An event migration failed, or leads nowhere, while an event was upcast.

    Attributes:
        event_id: the event whose payload could not be lifted.
        event_type: its type.
        from_version: the version of the payload that went into the step.
        to_version: the version that should have come out.
    """

    def __init__(
        self,
        message: str,
        *,
        event_id: str,
        event_type: str,
        from_version: str,
        to_version: str,
    ) -> None:
        """Name event, type and versions; the cause is chained."""
        super().__init__(message)
        self.event_id = event_id
        self.event_type = event_type
        self.from_version = from_version
        self.to_version = to_version


class MigrationRegistryError(EventStoreError):
    """The registered event migrations cannot form chains: duplicate, fork, cycle."""


class FoldError(EventStoreError):
    """The code of an aggregate failed on one of its events; the cause is chained.

    Attributes:
        event_id: the event.
        aggregate_version: its version.
    """

    def __init__(self, message: str, *, event_id: str, aggregate_version: int) -> None:
        """Name the event beside the sentence."""
        super().__init__(message)
        self.event_id = event_id
        self.aggregate_version = aggregate_version


class FoldTooLong(EventStoreError):
    """Between the snapshot and the version lie more events than are folded at once.

    Attributes:
        events: how many, at least.
        limit: how many are folded.
    """

    def __init__(self, message: str, *, events: int, limit: int) -> None:
        """Keep the numbers beside the sentence."""
        super().__init__(message)
        self.events = events
        self.limit = limit


class RedactionRefused(EventStoreError):
    """The redaction is not possible as asked; nothing was removed."""


class RedactionNotApproved(RedactionRefused):
    """The redaction needs an approval that does not exist."""


class SnapshotOutdated(EventStoreError):
    """The state was folded before a redaction and must not be saved: load again."""


class IsolationLevelError(EventStoreError):
    """The transaction is not READ COMMITTED: order could not be guaranteed."""

    def __init__(self) -> None:
        """Say what is needed and why."""
        super().__init__(
            "The event store needs READ COMMITTED transactions: under REPEATABLE READ "
            "and SERIALIZABLE a reader cannot know which positions are final. Set the "
            "connection's isolation_level, or give the store an alias of its own."
        )


class InvalidCursor(EventStoreError):
    """The cursor is not one that this read has given."""

    def __init__(self, cursor: str) -> None:
        """Quote the cursor."""
        super().__init__(f"{cursor!r} is no cursor of this read: start without one.")


class PositionNotReached(EventStoreError):
    """The stable position did not reach the one waited for in time.

    Attributes:
        position: the position that was waited for.
        stable_position: how far the log was stable when the time ran out.
    """

    def __init__(self, position: int, stable_position: int, seconds: float) -> None:
        """Name both positions and the time spent, in seconds."""
        super().__init__(
            f"The log is stable up to position {stable_position}, not {position}, "
            f"after {seconds:g} s: a transaction that has appended is still open."
        )
        self.position = position
        self.stable_position = stable_position


class NotPermitted(EventStoreError):
    """The role of this connection may not do that in the database."""


class SubscriptionError(EventStoreError):
    """A subscription cannot be run as it is declared, or as it stands."""


class WebhookError(EventStoreError):
    """A webhook endpoint cannot be used as it is given, or as it stands."""


class GrantError(EventStoreError):
    """A grant or an API key cannot be as it is asked for."""


class NotInstalled(EventStoreError):
    """The database lacks the store's functions: run ``manage.py migrate``."""
