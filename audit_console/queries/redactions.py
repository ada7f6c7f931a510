"""Requests for redactions, their events, and what may be requested."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from audit_console.queries import log_events
from audit_console.queries.aggregates import Key
from audit_console.queries.log_events import LogEvent
from audit_console.reading import Reading
from eventstore.models import (
    EventRedaction,
    RedactionItem,
    RedactionRequest,
    RedactionStep,
)
from eventstore.redaction import MAX_EVENTS

PAGE_SIZE = 50
#: How many events of a request a page shows with what goes.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class RequestList:
    """Requests, newest first, and whether there are more on either side."""

    rows: Sequence[RedactionRequest]
    has_newer: bool = False
    has_older: bool = False

    @property
    def first(self) -> int | None:
        """The key of the newest."""
        return self.rows[0].pk if self.rows else None

    @property
    def last(self) -> int | None:
        """The key of the oldest."""
        return self.rows[-1].pk if self.rows else None


def listing(
    reading: Reading,
    tenants: Collection[str],
    *,
    status: str = "",
    before: int | None = None,
    after: int | None = None,
) -> RequestList:
    """Return the page before or after a key, else the newest."""
    rows = _requests(reading, tenants).annotate(events=Count("items"))
    if status:
        rows = rows.filter(status=status)
    if before is not None:
        rows = rows.filter(id__lt=before)
    elif after is not None:
        rows = rows.filter(id__gt=after)
    upwards = before is None and after is not None
    found = list(rows.order_by("id" if upwards else "-id")[: PAGE_SIZE + 1])
    has_more = len(found) > PAGE_SIZE
    shown = found[:PAGE_SIZE]
    if upwards:
        shown.reverse()
    return RequestList(
        shown,
        has_newer=has_more if upwards else before is not None,
        has_older=upwards or has_more,
    )


def waiting(reading: Reading, tenants: Collection[str]) -> list[tuple[str, str]]:
    """Return the requests that wait for a second person: tenant and requester's id."""
    rows = _requests(reading, tenants).filter(status=RedactionRequest.Status.SUBMITTED)
    return list(rows.values_list("tenant_id", "requester_id"))


def find(
    reading: Reading, key: int, tenants: Collection[str]
) -> RedactionRequest | None:
    """Return a request, if it is of ``tenants``."""
    return _requests(reading, tenants).filter(pk=key).first()


def by_reference(
    reading: Reading, tenant_id: str, references: Sequence[str | None]
) -> dict[str, int]:
    """Return the keys of a tenant's requests by their numbers."""
    if not any(references):
        return {}
    named = RedactionRequest.named(tenant_id, references)
    rows = RedactionRequest.objects.using(reading.database).filter(named)
    return {row.reference: row.pk for row in rows}


def items_of(reading: Reading, request: RedactionRequest) -> list[RedactionItem]:
    """Return all events of a request, by position: 200 at most."""
    rows = RedactionItem.objects.using(reading.database).filter(request=request)
    return list(rows.order_by("position"))


def steps_of(reading: Reading, request: RedactionRequest) -> list[RedactionStep]:
    """Return the timeline of a request, oldest first."""
    rows = RedactionStep.objects.using(reading.database).filter(request=request)
    return list(rows.order_by("id"))


def events_at(
    reading: Reading,
    tenants: Collection[str],
    positions: Collection[int],
    *,
    with_payload: bool = False,
) -> dict[int, LogEvent]:
    """Return the events at these positions, if they are of ``tenants``."""
    rows = log_events.events(reading).filter(
        position__in=positions, tenant_id__in=tenants
    )
    found = log_events.fetch(rows.order_by("position"), with_payload=with_payload)
    return {event.position: event for event in found}


def records_of(
    reading: Reading, request: RedactionRequest, items: Sequence[RedactionItem]
) -> dict[int, EventRedaction]:
    """Return the records of what is done, by position.

    That of the request itself, else the newest: what was gone already has the record
    of whoever removed it.
    """
    done = [item.position for item in items if item.is_done]
    rows = EventRedaction.objects.using(reading.database).filter(
        tenant_id=request.tenant_id, position__in=done
    )
    ours = request.reference
    ranked = sorted(rows, key=lambda row: (row.request_id == ours, row.pk))
    return {row.position: row for row in ranked}


def positions_of(reading: Reading, key: Key) -> list[int]:
    """Return where the events of an aggregate stand: one more than a request takes."""
    rows = log_events.events(reading).filter(
        tenant_id=key.tenant_id,
        aggregate_id=key.aggregate_id,
        aggregate_type=key.aggregate_type,
    )
    positions = rows.order_by("aggregate_version").values_list("position", flat=True)
    return list(positions[: MAX_EVENTS + 1])


def _requests(reading: Reading, tenants: Collection[str]) -> QuerySet[RedactionRequest]:
    rows = RedactionRequest.objects.using(reading.database)
    return rows.filter(tenant_id__in=tenants)
