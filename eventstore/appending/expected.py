"""At which version the aggregates of a call must stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventstore.exceptions import InvalidEvent
from eventstore.types import AggregateKey, DomainEvent

#: A number for every aggregate, one for each, or ``None`` for any.
ExpectedVersion = int | Mapping[tuple[str, str], int] | None


def expected_versions(
    events: Sequence[DomainEvent], expected: ExpectedVersion
) -> list[int | None]:
    """Return the version that each event's aggregate must have, ``None`` for any.

    Raises:
        InvalidEvent: one is no whole number from 0 up, or is of another aggregate.
    """
    if not isinstance(expected, Mapping):
        _check_version(expected)
        return [expected] * len(events)
    keys = [AggregateKey(event.aggregate_type, event.aggregate_id) for event in events]
    known = set(keys)
    for key, version in expected.items():
        _check_version(version)
        if key not in known:
            raise InvalidEvent(
                "expected_version",
                f"names {key!r}, of which the batch has no event: the keys are "
                "(aggregate_type, aggregate_id).",
            )
    return [expected.get(key) for key in keys]


def _check_version(version: Any) -> None:
    if version is None:
        return
    if type(version) is not int or not 0 <= version < 1 << 62:
        raise InvalidEvent(
            "expected_version",
            f"is {version!r}; it must be a whole number from 0 (no events yet) up.",
        )
