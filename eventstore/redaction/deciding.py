"""From a draft to a decision: whoever asks does not also approve."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from eventstore import validating
from eventstore.conf import store_settings
from eventstore.exceptions import RedactionNotApproved, RedactionRefused
from eventstore.models import RedactionRequest, RedactionStep
from eventstore.redaction.drafting import MAX_EVENTS, own
from eventstore.redaction.people import (
    Person,
    person_of,
    require,
    require_second_person,
)
from eventstore.redaction.records import alias, locked, move, note, refuse_unless
from eventstore.roles import Permission

_Status = RedactionRequest.Status
_Act = RedactionStep.Act


def submit(user: Any, request: RedactionRequest) -> None:
    """Ask for the approval of a draft, which is not changed from now on.

    Raises:
        RedactionRefused: it is no draft of this user, says no reason or has no event.
        RedactionNotApproved: nobody else in the tenant could approve it.
    """
    needs_approval = store_settings().REDACTION_SECOND_PERSON
    with own(user, request, _Status.DRAFT, _Status.SUBMITTED) as current:
        if current.status == _Status.SUBMITTED:
            return
        if not current.reason:
            raise RedactionRefused(_("Say why: the reason is missing."))
        if not 0 < current.items.using(alias()).count() <= MAX_EVENTS:
            raise RedactionRefused(_("A request has 1 to 200 events."))
        if needs_approval:
            require_second_person(current.requester_id, current.tenant_id)
        current.needs_approval = needs_approval
        move(current, _Status.SUBMITTED, "needs_approval")
        note(current, _Act.SUBMITTED, person_of(user))


def withdraw(user: Any, request: RedactionRequest, *, why: str = "") -> None:
    """Give the request up; what has been removed already stays so.

    Raises:
        RedactionRefused: it is not this user's, or nothing is left to withdraw.
        InvalidEvent: the text cannot be stored.
    """
    validating.check_note("reason", why)
    with own(
        user,
        request,
        _Status.DRAFT,
        _Status.SUBMITTED,
        _Status.APPROVED,
        _Status.FAILED,
        _Status.WITHDRAWN,
    ) as current:
        if current.status != _Status.WITHDRAWN:
            move(current, _Status.WITHDRAWN)
            note(current, _Act.WITHDRAWN, person_of(user), why)


def reject(user: Any, request: RedactionRequest, *, why: str) -> None:
    """Refuse the approval.

    Raises:
        RedactionRefused: the user may not, no reason is given, or it does not wait.
        InvalidEvent: the text cannot be stored.
    """
    validating.check_note("reason", why)
    person = require(user, Permission.APPROVE_REDACTION, request.tenant_id)
    if not why.strip():
        raise RedactionRefused(_("Say why: the reason is missing."))
    with locked(request) as current:
        if current.requester_id == person.id:
            raise RedactionRefused(
                _("Withdraw your own request, with the same effect.")
            )
        refuse_unless(current, _Status.SUBMITTED)
        move(current, _Status.REJECTED)
        note(current, _Act.REJECTED, person, why.strip())


def approve(user: Any, request: RedactionRequest, *, events: int) -> None:
    """Approve what was submitted. It is executed separately.

    Args:
        user: somebody else than the requester, unless no second person is asked for.
        request: what waits.
        events: how many it removes from, as the approver has read it.

    Raises:
        RedactionRefused: the user may not, the number is wrong, or it does not wait.
        RedactionNotApproved: it is the user's own request.
    """
    with locked(request) as current:
        person = _judge(user, current)
        if current.status == _Status.APPROVED and current.approver_id == person.id:
            return
        refuse_unless(current, _Status.SUBMITTED)
        if events != current.items.using(alias()).count():
            raise RedactionRefused(
                _("That is not the number of events. Nothing was approved.")
            )
        is_second = person.id != current.requester_id
        current.approver_id = person.id if is_second else None
        current.approver_name = person.name if is_second else ""
        move(current, _Status.APPROVED, "approver_id", "approver_name")
        note(current, _Act.APPROVED, person)


def _judge(user: Any, request: RedactionRequest) -> Person:
    """Return who approves, if that is somebody who may."""
    person = person_of(user)
    if person.id != request.requester_id:
        return require(user, Permission.APPROVE_REDACTION, request.tenant_id)
    if request.needs_approval or store_settings().REDACTION_SECOND_PERSON:
        raise RedactionNotApproved(
            _("You requested it yourself: somebody else must approve it.")
        )
    return require(user, Permission.REQUEST_REDACTION, request.tenant_id)
