"""One event as the JSON of the API writes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from eventstore.api.appending.faults import check_event
from eventstore.exceptions import InvalidEvent
from eventstore.transfer.lines import parse_moment
from eventstore.types import DomainEvent, new_event_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventstore.api.appending.faults import Faults, Place

#: The fields of an event, and those that say how to append it.
EVENT_FIELDS = frozenset(
    {
        "event_id",
        "event_type",
        "event_version",
        "aggregate_type",
        "aggregate_id",
        "occurred_at",
        "data",
        "metadata",
    }
)
_REQUIRED = ("event_type", "aggregate_type", "aggregate_id")


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that is to be appended.

    Attributes:
        event: it, complete.
        place: says where in the request its parts stand.
        expected_version: where its aggregate must stand before, if that was said.
    """

    event: DomainEvent
    place: Place
    expected_version: int | None = None


def read_draft(
    document: Any,
    place: Place,
    faults: Faults,
    *,
    known: Mapping[str, str],
    allowed: frozenset[str] = frozenset(),
) -> Draft | None:
    """Return what ``document`` says; ``None`` when it has faults, which are noted.

    Args:
        document: a JSON object.
        place: says where it stands.
        faults: takes the faults.
        known: what the address says already: ``aggregate_type`` and ``aggregate_id``.
        allowed: further fields, which are the caller's to read.
    """
    if not isinstance(document, dict):
        faults.add(place(()), "must be a JSON object: an event.")
        return None
    for name in document.keys() - EVENT_FIELDS - allowed - {"expected_version"}:
        faults.add(
            place((name,)),
            f"is unknown; known are {', '.join(sorted(EVENT_FIELDS | allowed))}, "
            "expected_version.",
        )
    for name, value in known.items():
        if document.get(name, value) != value:
            faults.add(place((name,)), f"is not {value!r}, which the address names.")
    values = {**document, **known}
    for name in _REQUIRED:
        if name not in values:
            faults.add(place((name,)), "is missing.")
    event = _event(values, place, faults)
    check_event(event, place, faults)
    expected = check_version(values.get("expected_version"), place, faults)
    return Draft(event, place, expected)


def check_version(version: Any, place: Place, faults: Faults) -> int | None:
    """Return an expected version; a fault is noted, and none returned."""
    if version is None:
        return None
    if type(version) is int and 0 <= version < 1 << 62:
        return version
    faults.add(
        place(("expected_version",)),
        f"is {version!r}; it must be a whole number from 0 (no events yet) up.",
    )
    return None


def _event(values: Mapping[str, Any], place: Place, faults: Faults) -> DomainEvent:
    return DomainEvent(
        # What is missing is told already: here it stands for anything lawful.
        event_type=values.get("event_type", "?"),
        aggregate_type=values.get("aggregate_type", "?"),
        aggregate_id=values.get("aggregate_id", "?"),
        data=values.get("data", {}),
        metadata=values.get("metadata", {}),
        event_version=values.get("event_version", "v1"),
        event_id=values["event_id"] if "event_id" in values else new_event_id(),
        occurred_at=_moment(values, place, faults),
    )


def _moment(values: Mapping[str, Any], place: Place, faults: Faults) -> datetime:
    now = datetime.now(UTC)
    if "occurred_at" not in values:
        return now
    try:
        return parse_moment("occurred_at", values["occurred_at"])
    except InvalidEvent as fault:
        faults.take(place, fault)
        return now
