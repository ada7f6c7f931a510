"""Drafts: which events, what of each, and why."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from eventstore import sql, validating
from eventstore.exceptions import RedactionRefused
from eventstore.grants import tenants_of
from eventstore.models import (
    RedactionItem,
    RedactionRequest,
    RedactionStep,
    StoredEvent,
)
from eventstore.models.redaction_request import RedactionStatus
from eventstore.redacting import check_pointers
from eventstore.redaction.people import Person, require
from eventstore.redaction.records import alias, locked, note, refuse_unless
from eventstore.roles import Permission
from eventstore.tenancy import scoped
from eventstore.types import new_event_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

#: More events than these are not in one request; the database says so too.
MAX_EVENTS = 200


def draft(
    user: Any,
    positions: Iterable[int],
    *,
    reason: str = "",
    case_number: str = "",
    token: str = "",
) -> RedactionRequest:
    """Make a draft to remove the whole payloads of events.

    Args:
        user: who asks.
        positions: of the events, all of one tenant; 200 at most.
        reason: why, kept for good; no personal data.
        case_number: of the case behind it.
        token: of the form that was sent; the draft that it has made is returned.

    Raises:
        RedactionRefused: there are none, too many, of several tenants, or some that
            ``user`` may not ask for.
        InvalidEvent: a text cannot be stored.
    """
    wanted = set(positions)
    if not wanted:
        raise RedactionRefused(_("No event was chosen."))
    if len(wanted) > MAX_EVENTS:
        raise RedactionRefused(
            _("These are %(n)d events; one request has %(most)d at most.")
            % {"n": len(wanted), "most": MAX_EVENTS}
        )
    _check_texts(reason, case_number)
    events = _find(user, wanted)
    tenant_id = events[0].tenant_id
    person = require(user, Permission.REQUEST_REDACTION, tenant_id)
    token = token or new_event_id()
    validating.check_text("request_id", token)
    with scoped((tenant_id,)):
        made = RedactionRequest.objects.using(alias()).filter(
            tenant_id=tenant_id, token=token, requester_id=person.id
        )
        year = timezone.now().year
        sql.fetch_one("redaction_number", {"tenant_id": tenant_id, "year": year})
        if known := made.first():
            return known
        request = RedactionRequest.objects.using(alias()).create(
            tenant_id=tenant_id,
            year=year,
            number=_next_number(tenant_id, year),
            token=token,
            reason=reason.strip(),
            case_number=case_number.strip(),
            requester_id=person.id,
            requester_name=person.name,
        )
        RedactionItem.objects.using(alias()).bulk_create(
            RedactionItem(
                request=request,
                tenant_id=tenant_id,
                position=event.position,
                event_id=event.event_id,
                event_type=event.event_type,
            )
            for event in events
        )
        note(request, RedactionStep.Act.DRAFTED, person)
    return request


def describe(
    user: Any, request: RedactionRequest, *, reason: str, case_number: str
) -> None:
    """Say why, in a draft.

    Raises:
        RedactionRefused: it is no draft of this user.
        InvalidEvent: a text cannot be stored.
    """
    _check_texts(reason, case_number)
    with _own_draft(user, request) as current:
        current.reason = reason.strip()
        current.case_number = case_number.strip()
        current.save(using=alias(), update_fields=["reason", "case_number"])


def choose_fields(
    user: Any, request: RedactionRequest, fields: Mapping[int, Collection[str]]
) -> None:
    """Choose what of the events goes.

    Args:
        user: whose draft it is.
        request: the draft.
        fields: by position, RFC 6901 pointers; none for the whole payload.

    Raises:
        RedactionRefused: it is no draft of this user, or a pointer is none.
    """
    chosen = {
        position: check_pointers(dict.fromkeys(pointers))
        for position, pointers in fields.items()
    }
    with _own_draft(user, request) as current:
        items = current.items.using(alias()).filter(position__in=chosen)
        for item in items:
            item.fields = chosen[item.position]
            item.save(using=alias(), update_fields=["fields"])


def take_out(user: Any, request: RedactionRequest, position: int) -> None:
    """Take an event out of a draft; the last one stays.

    Raises:
        RedactionRefused: it is no draft of this user, or the event is its last.
    """
    with _own_draft(user, request) as current:
        others = current.items.using(alias()).exclude(position=position)
        if not others.exists():
            raise RedactionRefused(
                _("It is the last event of this draft: withdraw the draft instead.")
            )
        current.items.using(alias()).filter(position=position).delete()


def _own_draft(
    user: Any, request: RedactionRequest
) -> AbstractContextManager[RedactionRequest]:
    return own(user, request, RedactionRequest.Status.DRAFT)


def own(
    user: Any, request: RedactionRequest, *statuses: RedactionStatus
) -> AbstractContextManager[RedactionRequest]:
    """Lock the request for the one who asks, while it stands so.

    Raises:
        RedactionRefused: it is somebody else's, the grant has ended, or its status is
            none of ``statuses``.
    """
    person = require(user, Permission.REQUEST_REDACTION, request.tenant_id)
    return _own(person, request, statuses)


@contextlib.contextmanager
def _own(
    person: Person,
    request: RedactionRequest,
    statuses: tuple[RedactionStatus, ...],
) -> Iterator[RedactionRequest]:
    with locked(request) as current:
        if current.requester_id != person.id:
            raise RedactionRefused(
                _("Only %(person)s, who requested it, may do that.")
                % {"person": current.requester_name}
            )
        refuse_unless(current, *statuses)
        yield current


def _find(user: Any, wanted: set[int]) -> list[StoredEvent]:
    tenants = tenants_of(user, Permission.REQUEST_REDACTION)
    with scoped(tenants):
        found = list(
            StoredEvent.objects.using(alias())
            .filter(position__in=wanted, tenant_id__in=tenants)
            .only("position", "tenant_id", "event_id", "event_type", "aggregate_type")
            .order_by("position")
        )
    missing = len(wanted) - len(found)
    if missing:
        raise RedactionRefused(
            ngettext(
                "%(n)d of these events does not exist, or is none that you may request "
                "a redaction of.",
                "%(n)d of these events do not exist, or are none that you may request "
                "a redaction of.",
                missing,
            )
            % {"n": missing}
        )
    if len({event.tenant_id for event in found}) > 1:
        raise RedactionRefused(
            _("These events belong to several tenants: make a request for each.")
        )
    for event in found:
        if event.event_type.startswith("eventstore."):
            raise RedactionRefused(
                _("Event %(position)d is a record of the store itself: it stays.")
                % {"position": event.position}
            )
    return found


def _next_number(tenant_id: str, year: int) -> int:
    known = RedactionRequest.objects.using(alias()).filter(
        tenant_id=tenant_id, year=year
    )
    last: int | None = known.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _check_texts(reason: str, case_number: str) -> None:
    validating.check_note("case_number", case_number)
    # As the records of the removals will say it, in one.
    validating.check_note("reason", f"{reason} · {case_number}")
