"""States: the fold of an aggregate's events, at a version or at a moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import QuerySet

from audit_console.presenters import merging
from audit_console.presenters.documents import REDACTED
from audit_console.presenters.masking import Mask
from audit_console.presenters.states import plain
from audit_console.queries import log_events
from audit_console.queries.aggregates import Key, events_of
from audit_console.queries.log_events import LogEvent
from audit_console.reading import Reading
from eventstore import snapshots
from eventstore.aggregates import Aggregate, registered_aggregate
from eventstore.models import StoredEvent
from eventstore.types import StoredDomainEvent
from eventstore.upcasting import event_migrations

#: A fold stops after so many events.
MAX_FOLDED = 10_000
_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class FoldFault:
    """An event that could not be folded: the state is that before it.

    Attributes:
        event: which one.
        error: what its code said.
    """

    event: LogEvent
    error: str


def as_code_may_meet(event: LogEvent, hidden: Mask) -> StoredDomainEvent:
    """Return an event for the host's code, without what its reader may not see.

    No migration can carry a value that is hidden to a place that is not, and no error
    can quote it.
    """
    met = event.as_code_meets_it()
    if not hidden:
        return met
    return met.from_fields(
        {
            **vars(met),
            "data": hidden.apply(met.data, "/data"),
            "metadata": hidden.apply(met.metadata, "/metadata"),
        }
    )


class Fold(Protocol):
    """A state that events are put into, one by one."""

    #: What hides in the state that comes out, and where the mask takes it to lie.
    mask: Mask
    base: str

    def put(self, event: LogEvent) -> None:
        """Fold one more event."""

    def state(self) -> Any:
        """Return the state as a JSON document of its own."""


class CodeFold:
    """The host's own ``Aggregate`` class.

    What the reader may not see is taken out of the payloads before they are folded, so
    that no attribute can hold it.
    """

    base = "/state"

    def __init__(self, kind: type[Aggregate], aggregate_id: str, hidden: Mask) -> None:
        """Begin as the class begins."""
        self.aggregate = kind(aggregate_id)
        self.mask = hidden

    def put(self, event: LogEvent) -> None:
        """Lift and fold one more event, as ``Aggregate.load()`` does."""
        lifted = event_migrations.migrate_if_needed(as_code_may_meet(event, self.mask))
        self.aggregate.apply_event(lifted)
        self.aggregate.version = event.aggregate_version

    def state(self) -> Any:
        """Return what a snapshot would hold."""
        return plain(self.aggregate.get_state())


class MergedFold:
    """No code: the last value of each payload path."""

    base = "/data"

    def __init__(self, hidden: Mask) -> None:
        """Begin with nothing."""
        self.mask = hidden
        self.merged: dict[str, Any] = {}

    def put(self, event: LogEvent) -> None:
        """Put the payload over what is known; lifted, where there are migrations."""
        data = event.data
        newest = event_migrations.newest_version(event.event_type, event.event_version)
        if newest != event.event_version and data != REDACTED:
            met = as_code_may_meet(event, self.mask)
            data = plain(event_migrations.migrate_if_needed(met).data)
        self.merged = merging.merge(self.merged, data)

    def state(self) -> Any:
        """Return the merged payloads; later ones leave this document as it is."""
        return self.merged


@dataclass(slots=True)
class Run:
    """A fold under way, and what can be said about it.

    Attributes:
        fold: the state.
        code: the name of the class that folds; "" for merged payloads.
        limit: how many events it folds at most.
        version: of the last event that was folded.
        applied: how many events were.
        snapshot_version: where a snapshot saved the way; 0 for none.
        fault: the event at which it had to stop.
        is_cut: whether it stopped because there were too many events.
    """

    fold: Fold
    code: str
    limit: int
    version: int = 0
    applied: int = 0
    snapshot_version: int = 0
    fault: FoldFault | None = None
    is_cut: bool = False

    def put(self, event: LogEvent) -> bool:
        """Fold one more event; return whether it went well."""
        if self.fault is not None:
            return False
        if self.applied >= self.limit:
            self.is_cut = True
            return False
        try:
            self.fold.put(event)
        except Exception as error:  # noqa: BLE001 - whatever the host's code raises
            self.fault = FoldFault(event, f"{type(error).__name__}: {error}")
            return False
        self.applied += 1
        self.version = event.aggregate_version
        return True

    def run(self, events: Iterator[LogEvent]) -> None:
        """Fold ``events`` until one fails or there are too many."""
        for event in events:
            if not self.put(event):
                return


def begin(
    key: Key, hidden: Mask, *, up_to_version: int, limit: int | None = None
) -> Run:
    """Return a fold of an aggregate, at its newest usable snapshot if there is one.

    Snapshots hold what was folded for everybody: one who may not see personal values
    gets a fold from the first event.

    Args:
        key: which aggregate.
        hidden: what the reader may not see; nothing for those who may see all.
        up_to_version: no snapshot beyond this version is of use; 0 for none at all.
        limit: how many events are folded at most; ``MAX_FOLDED`` by default.
    """
    most = MAX_FOLDED if limit is None else limit
    kind = registered_aggregate(key.aggregate_type)
    if kind is None:
        return Run(MergedFold(hidden), "", most)
    fold = CodeFold(kind, key.aggregate_id, hidden)
    run = Run(fold, f"{kind.__module__}.{kind.__qualname__}", most)
    if up_to_version < 1 or hidden:
        return run
    found = snapshots.find(
        key.aggregate_type,
        key.aggregate_id,
        key.tenant_id,
        fold_version=kind.fold_version,
        up_to_version=up_to_version,
    ).snapshot
    if found is not None and found.state is not None:
        fold.aggregate.set_state(found.state)
        fold.aggregate.version = found.aggregate_version
        run.version = run.snapshot_version = found.aggregate_version
    return run


def at_version(
    reading: Reading, key: Key, version: int, hidden: Mask, *, limit: int | None = None
) -> Run:
    """Return the state of an aggregate at a version; ``limit`` as of ``begin()``."""
    run = begin(key, hidden, up_to_version=version, limit=limit)
    advance(reading, key, run, version)
    return run


def advance(reading: Reading, key: Key, run: Run, version: int) -> None:
    """Go on with a fold up to a version."""
    run.run(_events(events_of(reading, key), run.version, version, run.limit))


def occurred_by(reading: Reading, key: Key, moment: datetime, hidden: Mask) -> Run:
    """Return the state by what had occurred at a moment, as claimed.

    Events are folded by version, without those that claim to have occurred later: a
    snapshot, which knows no such gaps, is of no use.
    """
    run = begin(key, hidden, up_to_version=0)
    own = events_of(reading, key).filter(occurred_at__lte=moment)
    run.run(_events(own, 0, None, run.limit))
    return run


def _events(
    own: QuerySet[StoredEvent], after: int, until: int | None, limit: int
) -> Iterator[LogEvent]:
    if until is not None:
        own = own.filter(aggregate_version__lte=until)
    own = own.order_by("aggregate_version")
    fetched = 0
    while fetched <= limit:
        # One more than may be folded: whether there are more must be known.
        size = min(_CHUNK, limit + 1 - fetched)
        asked = own.filter(aggregate_version__gt=after)
        chunk = log_events.fetch(asked[:size], with_payload=True)
        yield from chunk
        fetched += len(chunk)
        if len(chunk) < size:
            return
        after = chunk[-1].aggregate_version
