"""Snapshots: recorded, listed, found, pruned; always disposable."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, NamedTuple

from eventstore import serialization, sql, validating
from eventstore.conf import store_settings
from eventstore.exceptions import (
    DuplicateEventError,
    EventNotFound,
    SnapshotOutdated,
)
from eventstore.types import Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

_NEWEST = (1 << 63) - 1


class FoldStart(NamedTuple):
    """Where a fold of an aggregate begins.

    Attributes:
        snapshot: the newest usable one, ``None`` to begin with the first event.
        redaction_mark: the newest redaction that the fold will have seen; give it to
            ``record()``, which refuses a state that a later redaction has outdated.
    """

    snapshot: Snapshot | None
    redaction_mark: int


def record(
    aggregate_type: str,
    aggregate_id: str,
    tenant_id: str,
    snapshot_id: str,
    last_event_id: str,
    *,
    state: Mapping[str, Any] | None = None,
    fold_version: str = "",
    redaction_mark: int | None = None,
) -> Snapshot:
    """Record a snapshot that ends with ``last_event_id``; repeating it is harmless.

    Raises:
        InvalidEvent: the state is not a JSON object within the limits, or an id is no
            text within its own.
        EventNotFound: the aggregate has no such event.
        DuplicateEventError: the snapshot id is taken by another snapshot.
        SnapshotOutdated: an event under it was redacted after the fold began.
    """
    validating.check_text("snapshot_id", snapshot_id)
    validating.check_note("fold_version", fold_version)
    text = None if state is None else encode_state(state)
    row = sql.fetch_one(
        "record_snapshot",
        (
            tenant_id,
            aggregate_type,
            aggregate_id,
            snapshot_id,
            last_event_id,
            text,
            fold_version,
            redaction_mark,
        ),
    )
    outcome, version, created_at = row or ("no_event", None, None)
    match outcome:
        case "no_event":
            raise EventNotFound(last_event_id, tenant_id)
        case "outdated":
            raise SnapshotOutdated(
                f"An event of {aggregate_type} {aggregate_id} was redacted and the "
                "state may still hold what was removed. Load the aggregate again, or "
                "pass redaction_mark= as read before the events."
            )
        case "duplicate":
            raise DuplicateEventError(
                snapshot_id, f"Snapshot id {snapshot_id!r} is taken by another one."
            )
    return Snapshot(
        snapshot_id=snapshot_id,
        tenant_id=tenant_id,
        aggregate_type=aggregate_type,
        aggregate_id=aggregate_id,
        aggregate_version=version,
        last_event_id=last_event_id,
        state=None if state is None else dict(state),
        fold_version=fold_version,
        created_at=created_at.astimezone(UTC),
    )


def encode_state(state: Mapping[str, Any]) -> str:
    """Return a state as JSON text.

    Raises:
        InvalidEvent: it is not a JSON object within the limits.
    """
    settings = store_settings()
    return serialization.encode(
        dict(state),
        "state",
        max_bytes=settings.MAX_PAYLOAD_BYTES,
        max_depth=settings.MAX_DEPTH,
    )


def find(
    aggregate_type: str,
    aggregate_id: str,
    tenant_id: str,
    *,
    fold_version: str = "",
    up_to_version: int | None = None,
) -> FoldStart:
    """Return the newest snapshot with a state that this code's fold can use."""
    if not validating.are_storable(aggregate_type, aggregate_id, tenant_id):
        return FoldStart(None, 0)
    bound = _NEWEST if up_to_version is None else up_to_version
    row = sql.fetch_one(
        "newest_snapshot",
        (tenant_id, aggregate_id, aggregate_type, fold_version, bound),
    )
    if row is None:
        return FoldStart(None, 0)
    snapshot_id, version, last_event_id, state, created_at, mark = row
    if snapshot_id is None:
        return FoldStart(None, mark)
    found = Snapshot(
        snapshot_id=snapshot_id,
        tenant_id=tenant_id,
        aggregate_type=aggregate_type,
        aggregate_id=aggregate_id,
        aggregate_version=version,
        last_event_id=last_event_id,
        state=_decode(state),
        fold_version=fold_version,
        created_at=created_at.astimezone(UTC),
    )
    return FoldStart(found, mark)


def list_of(
    aggregate_type: str, aggregate_id: str, tenant_id: str, *, limit: int = 100
) -> list[Snapshot]:
    """Return the snapshots of an aggregate, newest first, at most ``limit``."""
    if not validating.are_storable(aggregate_type, aggregate_id, tenant_id):
        return []
    rows = sql.fetch_all(
        "list_snapshots", (tenant_id, aggregate_id, aggregate_type, limit)
    )
    return [
        Snapshot(
            snapshot_id=row[0],
            tenant_id=row[1],
            aggregate_type=row[2],
            aggregate_id=row[3],
            aggregate_version=row[4],
            last_event_id=row[5],
            state=None if row[6] is None else _decode(row[6]),
            fold_version=row[7],
            created_at=row[8].astimezone(UTC),
        )
        for row in rows
    ]


def prune(aggregate_type: str, aggregate_id: str, tenant_id: str, *, keep: int) -> int:
    """Drop all but the ``keep`` newest snapshots of an aggregate; return how many.

    Raises:
        ValueError: ``keep`` is no number of snapshots.
    """
    if type(keep) is not int or keep < 0:
        raise ValueError(f"keep is {keep!r}; it must be a whole number from 0 up.")
    rows = sql.fetch_all(
        "prune_snapshots", (tenant_id, aggregate_id, aggregate_type, keep, tenant_id)
    )
    return len(rows)


def _decode(state: str) -> Any:
    return serialization.decode(state, decimals=store_settings().DECIMAL_NUMBERS)
