"""Remove what was approved, event by event; a run that broke off is taken up again."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eventstore.event_store import store
from eventstore.exceptions import (
    ConcurrencyError,
    EventNotFound,
    InvalidEvent,
    RedactionNotApproved,
    RedactionRefused,
)
from eventstore.grants import may
from eventstore.models import RedactionItem, RedactionRequest, RedactionStep
from eventstore.redaction.people import Person, person_of, require_approval
from eventstore.redaction.records import alias, locked, move, note, refuse_unless
from eventstore.roles import Permission

_Status = RedactionRequest.Status
#: What happens to one event and to no other.
_FAULTS = (EventNotFound, RedactionRefused, InvalidEvent, ConcurrencyError)


def execute(user: Any, request: RedactionRequest) -> RedactionRequest:
    """Remove what was approved and is not removed yet.

    Each event has a transaction of its own, in which the approval is asked for anew: a
    run that breaks off, or a grant that is taken away in its midst, ends it between two
    events. What is done is not done again.

    Args:
        user: who starts it, or goes on with it: anybody who may request or approve.
        request: what was approved, or failed in part.

    Returns:
        The request, executed or failed in part.

    Raises:
        RedactionRefused: the user may not, or it is not approved.
        RedactionNotApproved: whoever asked or approved no longer may; it waits for
            another approval now.
    """
    person = person_of(user)
    permissions = (Permission.REQUEST_REDACTION, Permission.APPROVE_REDACTION)
    if not any(may(user, each, request.tenant_id) for each in permissions):
        raise RedactionRefused(_("None of your grants in this tenant includes this."))
    try:
        for key in _left(request):
            _remove(request, key)
        return _finish(request, person)
    except RedactionNotApproved as error:
        _lapse(request, person, str(error))
        raise


def _left(request: RedactionRequest) -> list[int]:
    with locked(request) as current:
        refuse_unless(current, _Status.APPROVED, _Status.FAILED, _Status.EXECUTED)
        items = current.items.using(alias()).order_by("position")
        return [item.pk for item in items if not item.is_done]


def _remove(request: RedactionRequest, key: int) -> None:
    with locked(request) as current:
        refuse_unless(current, _Status.APPROVED, _Status.FAILED, _Status.EXECUTED)
        item = current.items.using(alias()).get(pk=key)
        if item.is_done:
            return
        require_approval(current)
        try:
            with transaction.atomic(using=alias()):
                item.outcome = _redact(current, item)
                item.failure = ""
                item.done_at = timezone.now()
        except _FAULTS as error:
            item.outcome = item.Outcome.FAILED
            item.failure = str(error)
        item.save(using=alias(), update_fields=["outcome", "failure", "done_at"])


def _redact(request: RedactionRequest, item: RedactionItem) -> RedactionItem.Outcome:
    case = f" · {request.case_number}" if request.case_number else ""
    record = store.redact_event(
        item.event_id,
        item.tenant_id,
        item.fields or None,
        reason=f"{request.reason}{case}",
        actor={
            "type": "user",
            "id": request.approver_id or request.requester_id,
            "name": request.approver_name or request.requester_name,
        },
        request_id=request.reference,
    )
    # What is gone already has the record of whoever removed it.
    is_ours = record.request_id == request.reference
    return item.Outcome.REDACTED if is_ours else item.Outcome.UNCHANGED


def _finish(request: RedactionRequest, person: Person) -> RedactionRequest:
    with locked(request) as current:
        if current.status == _Status.EXECUTED:
            return current
        refuse_unless(current, _Status.APPROVED, _Status.FAILED)
        items = list(current.items.using(alias()))
        done = sum(item.is_done for item in items)
        text = _("%(done)d of %(all)d events") % {"done": done, "all": len(items)}
        if done == len(items):
            move(current, _Status.EXECUTED)
            note(current, RedactionStep.Act.EXECUTED, person, text)
        else:
            move(current, _Status.FAILED)
            note(current, RedactionStep.Act.FAILED, person, text)
        return current


def _lapse(request: RedactionRequest, person: Person, why: str) -> None:
    """Have it wait for an approval that holds."""
    with locked(request) as current:
        if current.status in {_Status.APPROVED, _Status.FAILED}:
            current.approver_id, current.approver_name = None, ""
            current.needs_approval = True
            fields = ("approver_id", "approver_name", "needs_approval")
            move(current, _Status.SUBMITTED, *fields)
            note(current, RedactionStep.Act.LAPSED, person, why)
