"""A redaction that somebody has asked for, and that nobody has decided on yet."""

from __future__ import annotations

from django.contrib.auth.models import User

from eventstore.models import RedactionRequest, StoredEvent
from eventstore.redaction import choose_fields, draft, submit

#: What the request is known by, so that it is made once.
_TOKEN = "demo"  # noqa: S105 - a name
_TENANT, _REQUIREMENT = "aurora-health", "R-7"


def ask() -> None:
    """Let the privacy officer ask for the removal of a name; once."""
    if RedactionRequest.objects.filter(tenant_id=_TENANT, token=_TOKEN).exists():
        return
    officer = User.objects.get(username="privacy-officer")
    event = StoredEvent.objects.get(
        tenant_id=_TENANT,
        aggregate_id=_REQUIREMENT,
        event_type="RequirementCreated",
    )
    request = draft(
        officer,
        [event.position],
        reason="Erasure request of the requester.",
        case_number="DSR-2058",
        token=_TOKEN,
    )
    names = ["/data/requester/name", "/data/requester/email"]
    choose_fields(officer, request, {event.position: names})
    submit(officer, request)


def find() -> RedactionRequest:
    """Return the request.

    Raises:
        RedactionRequest.DoesNotExist: it was not made.
    """
    return RedactionRequest.objects.get(tenant_id=_TENANT, token=_TOKEN)
