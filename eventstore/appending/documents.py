"""The seam of what goes into the log: an event is checked, its documents are text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from operator import attrgetter
from typing import Any, NamedTuple

from eventstore import context, serialization, validating
from eventstore.conf import store_settings
from eventstore.exceptions import InvalidEvent
from eventstore.types import DomainEvent

_names_of = attrgetter(*validating.NAMES)


class Encoded(NamedTuple):
    """An event that may be stored, with its documents as text."""

    event: DomainEvent
    data: str
    metadata: str
    #: The metadata as stored, completed from the context.
    document: dict[str, Any]


def encode(event: DomainEvent) -> Encoded:
    """Check ``event`` and write out its documents.

    Raises:
        InvalidEvent: it cannot be stored.
    """
    validating.check_texts(validating.NAMES, _names_of(event))
    validating.check_moment(event.occurred_at)
    if not isinstance(event.metadata, dict):
        raise InvalidEvent("metadata", "must be a JSON object.")
    settings = store_settings()
    metadata = context.complete_metadata(event.metadata)
    validating.check_ids(metadata)
    return Encoded(
        event,
        serialization.encode(
            event.data,
            "data",
            max_bytes=settings.MAX_PAYLOAD_BYTES,
            max_depth=settings.MAX_DEPTH,
        ),
        serialization.encode(
            metadata,
            "metadata",
            max_bytes=settings.MAX_METADATA_BYTES,
            max_depth=settings.MAX_DEPTH,
        ),
        metadata,
    )


def values(encoded: Encoded) -> tuple[Any, ...]:
    """Return what the statements that store an event take of it, in their order."""
    event = encoded.event
    return (
        event.event_id,
        event.event_type,
        event.event_version,
        encoded.data,
        encoded.metadata,
        # A zone of its own may have what PostgreSQL does not read: parts of a second.
        event.occurred_at.astimezone(UTC),
    )


def columns(encoded: Sequence[Encoded]) -> list[list[Any]]:
    """Return the ``values`` of several events, a list for each of them."""
    return [list(column) for column in zip(*map(values, encoded), strict=True)]
