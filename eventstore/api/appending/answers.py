"""What an append is answered with: where the events stand, and no part of a payload.

The caller knows what they sent. So an answer can be kept for a retry, and a redaction
needs to look for payloads in the log alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import status

from eventstore.api.idempotency import Answer
from eventstore.api.preconditions import etag_of
from eventstore.api.serializers import EventSerializer, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rest_framework.request import Request

    from eventstore.types import StoredDomainEvent


def answer_of(
    stored: Sequence[StoredDomainEvent], request: Request, *, is_batch: bool
) -> Answer:
    """Return the answer to an append.

    ``ETag`` is where the aggregate stands now, for the next ``If-Match``; over several
    aggregates there is none.
    """
    addresses = EventSerializer(context={"request": request})
    events = [_receipt(event, addresses.get_url(event)) for event in stored]
    headers = {}
    if len({event.aggregate for event in stored}) == 1:
        headers["ETag"] = etag_of(stored[-1].aggregate_version)
    if is_batch:
        return Answer(status.HTTP_201_CREATED, headers, {"events": events})
    headers["Location"] = events[0]["url"]
    return Answer(status.HTTP_201_CREATED, headers, events[0])


def _receipt(event: StoredDomainEvent, url: str) -> dict[str, Any]:
    return {
        "url": url,
        "position": event.position,
        "event_id": event.event_id,
        "tenant_id": event.tenant_id,
        "aggregate_type": event.aggregate_type,
        "aggregate_id": event.aggregate_id,
        "aggregate_version": event.aggregate_version,
        "stored_at": written(event.stored_at),
    }
