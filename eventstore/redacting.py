"""The one act that may remove: a value goes, the event and a record of it stay."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING, Any

from eventstore import context, notifying, serialization, sql, validating
from eventstore.exceptions import (
    EventNotFound,
    IsolationLevelError,
    RedactionRefused,
)
from eventstore.types import Redaction, new_event_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: RFC 6901, beginning in one of the two documents of an event.
_POINTER = re.compile(r"/(?:data|metadata)(?:/(?:[^/~\x00]|~[01])*)*")


def redact(
    event_id: str,
    tenant_id: str,
    fields: Iterable[str] | None = None,
    *,
    reason: str = "",
    actor: Mapping[str, Any] | str | None = None,
    request_id: str | None = None,
) -> Redaction:
    """Remove the payload of an event, or the values that ``fields`` point to.

    In one transaction: the removal, its record, the end of the snapshots that contain
    the event, and ``eventstore.EventRedacted``. What is gone already stays gone, and
    the record of it is returned.

    Args:
        event_id: which event.
        tenant_id: whose; a foreign tenant's event is not found.
        fields: RFC 6901 pointers such as ``/data/email`` or ``/metadata/ip``; the
            whole payload, and nothing of the metadata, when there are none.
        reason: why, for the record; no personal data.
        actor: who; by default the actor of the context.
        request_id: the request that was approved, if there is such a workflow.

    Raises:
        EventNotFound: the tenant has no such event.
        RedactionRefused: a pointer is none or leads nowhere, or the event is the
            store's own.
        InvalidEvent: the reason, the actor or the request cannot be stored.
        IsolationLevelError: the transaction is not READ COMMITTED.
    """
    pointers = check_pointers(fields)
    metadata = context.complete_metadata(_actor_metadata(actor))
    validating.check_ids(metadata)
    validating.check_note("reason", reason)
    if request_id is not None:
        validating.check_text("request_id", request_id)
    if not validating.are_storable(tenant_id, event_id):
        raise EventNotFound(event_id, tenant_id)
    who = metadata.get("actor", {})
    redaction_id = new_event_id()
    row = sql.fetch_one(
        "redact_event",
        (
            tenant_id,
            event_id,
            pointers,
            reason,
            serialization.encode(who, "actor"),
            request_id,
            redaction_id,
            new_event_id(),
            serialization.encode(metadata, "metadata"),
        ),
    )
    outcome, detail, _ = row or ("not_found", None, None)
    match outcome:
        case "not_found":
            raise EventNotFound(event_id, tenant_id)
        case "isolation":
            raise IsolationLevelError
        case "missing":
            raise RedactionRefused(
                f"Event {event_id} has nothing at {detail!r}. Nothing was removed."
            )
        case "reserved":
            raise RedactionRefused(
                f"Event {event_id} is a record of the store itself and holds no "
                "personal data: it stays."
            )
    notifying.notify_on_commit()
    return redactions_of(event_id, tenant_id)[0]


def redactions_of(event_id: str, tenant_id: str) -> list[Redaction]:
    """Return the records of an event's redactions, newest first."""
    if not validating.are_storable(tenant_id, event_id):
        return []
    return [
        Redaction(
            redaction_id=row[0],
            tenant_id=row[1],
            event_id=row[2],
            position=row[3],
            fields=tuple(serialization.decode(row[4])),
            reason=row[5],
            actor=serialization.decode(row[6]),
            request_id=row[7],
            kind=row[8],
            recorded_at=row[9].astimezone(UTC),
        )
        for row in sql.fetch_all("read_redactions", (tenant_id, tenant_id, event_id))
    ]


def check_pointers(fields: Iterable[str] | None) -> list[str]:
    """Return ``fields`` as a list, if each can point into an event.

    Raises:
        RedactionRefused: one is no JSON pointer (RFC 6901) into payload or metadata.
    """
    if isinstance(fields, str):
        raise RedactionRefused(f"fields must be a list of pointers, not {fields!r}.")
    pointers = list(fields or ())
    for pointer in pointers:
        if not _is_pointer(pointer):
            raise RedactionRefused(
                f"{pointer!r} is no JSON pointer (RFC 6901) that begins with /data "
                "or /metadata: write /data/customer/email."
            )
    return pointers


def _is_pointer(given: Any) -> bool:
    try:
        return bool(_POINTER.fullmatch(given) and given.encode())
    except (TypeError, UnicodeEncodeError):
        return False


def _actor_metadata(actor: Mapping[str, Any] | str | None) -> dict[str, Any]:
    if actor is None:
        return {}
    return {"user_id": actor} if isinstance(actor, str) else {"actor": dict(actor)}
