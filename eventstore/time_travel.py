"""States of the past: an aggregate folded up to a version, or as of a moment.

For reading alone: what comes out are values, never an aggregate that could be saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventstore import serialization, snapshots, sql
from eventstore.event_store import store
from eventstore.exceptions import FoldError, FoldTooLong

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from eventstore.aggregates import Aggregate
    from eventstore.types import StoredDomainEvent

#: How many events are folded for one state; beyond it the aggregate needs snapshots.
MAX_EVENTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StateAt:
    """The state of an aggregate, folded by today's code of today's events.

    What was redacted since is redacted in it.

    Attributes:
        version: that of the last event in it; 0 before the first.
        state: what the class's ``get_state`` gives, as JSON.
        events_folded: how many events were folded for it.
        snapshot_version: where folding began; 0 with the first event.
    """

    version: int
    state: dict[str, Any]
    events_folded: int
    snapshot_version: int


def version_at(
    aggregate_type: str, aggregate_id: str, tenant_id: str, moment: datetime
) -> int:
    """Return the version at which an aggregate stood at a moment of stored time.

    Exact: within an aggregate stored time never falls. 0 before the first event.
    """
    row = sql.fetch_one(
        "version_at",
        {
            "tenant_id": tenant_id,
            "aggregate_id": aggregate_id,
            "aggregate_type": aggregate_type,
            "moment": moment,
        },
    )
    return int(row[0]) if row else 0


def state_at(
    cls: type[Aggregate], aggregate_id: str, tenant_id: str, version: int
) -> StateAt:
    """Return the state of an aggregate at ``version``, from a snapshot where one is.

    Raises:
        FoldError: the class failed on an event.
        FoldTooLong: too many events lie after the snapshot.
        MigrationError: lifting a payload failed.
    """
    return _Fold(cls, aggregate_id, tenant_id).begin(version).advance(version).state()


def states_at(
    cls: type[Aggregate], aggregate_id: str, tenant_id: str, earlier: int, later: int
) -> tuple[StateAt, StateAt]:
    """Return the states at two versions; the events between them are folded once.

    Raises:
        FoldError: as ``state_at``, which also says when.
        FoldTooLong: likewise.
        MigrationError: likewise.
    """
    fold = _Fold(cls, aggregate_id, tenant_id).begin(earlier).advance(earlier)
    before = fold.state()
    return before, fold.advance(later).state()


def state_as_occurred(
    cls: type[Aggregate], aggregate_id: str, tenant_id: str, moment: datetime
) -> StateAt:
    """Return the state of what had occurred by ``moment``, in the order of versions.

    Business time is claimed and need not rise with the versions: an event that was
    recorded late counts from when it occurred. No snapshot knows that, so folding
    begins with the first event.

    Raises:
        FoldError: as ``state_at``, which also says when.
        FoldTooLong: likewise.
        MigrationError: likewise.
    """
    return (
        _Fold(cls, aggregate_id, tenant_id).advance(None, as_of_occurred=moment).state()
    )


class _Fold:
    """An aggregate on its way through its history."""

    def __init__(self, cls: type[Aggregate], aggregate_id: str, tenant_id: str) -> None:
        self._cls = cls
        self._aggregate = cls(aggregate_id)
        self._tenant_id = tenant_id
        self._version = self._snapshot_version = self._folded = 0

    def begin(self, version: int) -> _Fold:
        """Start with the newest snapshot that is not newer than ``version``."""
        found = snapshots.find(
            self._cls.aggregate_type,
            self._aggregate.aggregate_id,
            self._tenant_id,
            fold_version=self._cls.fold_version,
            up_to_version=version,
        ).snapshot
        if found is not None and found.state is not None:
            self._aggregate.set_state(found.state)
            self._version = self._snapshot_version = found.aggregate_version
        return self

    def advance(self, version: int | None, **scope: Any) -> _Fold:
        """Fold what comes up to ``version``."""
        if version is not None:
            self._refuse_beyond(version - self._version + self._folded)
        self._fold(
            store.iter_events_for_aggregate(
                self._aggregate.aggregate_id,
                self._tenant_id,
                self._cls.aggregate_type,
                after_snapshot=False,
                after_version=self._version,
                up_to_version=version,
                upcast=True,
                **scope,
            )
        )
        return self

    def state(self) -> StateAt:
        """Return where it stands; a copy, which later events do not change."""
        text = snapshots.encode_state(self._aggregate.get_state())
        return StateAt(
            version=self._version,
            state=serialization.decode(text, decimals=True),
            events_folded=self._folded,
            snapshot_version=self._snapshot_version,
        )

    def _fold(self, events: Iterable[StoredDomainEvent]) -> None:
        for event in events:
            self._folded += 1
            self._refuse_beyond(self._folded)
            try:
                self._aggregate.apply_event(event)
            except Exception as error:
                raise FoldError(
                    f"{self._cls.__qualname__} cannot fold version "
                    f"{event.aggregate_version} ({event.event_type}): "
                    f"{type(error).__name__}.",
                    event_id=event.event_id,
                    aggregate_version=event.aggregate_version,
                ) from error
            self._version = event.aggregate_version
            self._aggregate.version = event.aggregate_version

    def _refuse_beyond(self, events: int) -> None:
        if events > MAX_EVENTS:
            raise FoldTooLong(
                f"{events:,} events or more lie after the snapshot, and {MAX_EVENTS:,} "
                "are folded at once: take a snapshot, or ask for a version near one.",
                events=events,
                limit=MAX_EVENTS,
            )
