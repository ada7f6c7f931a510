"""The access log: written before anything is shown, or nothing is shown."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.db import DatabaseError, router, transaction
from django.http import HttpRequest

from audit_console import purposes
from audit_console.models import AccessRecord

_AGENT_LENGTH = 400
_QUERY_LENGTH = 4000


class Act(StrEnum):
    """What somebody did. A page declares one of these; add a member for a new act."""

    OVERVIEW = "overview"
    LIST_EVENTS = "list events"
    VIEW_EVENT = "view event"
    COMPARE_EVENTS = "compare events"
    LIST_AGGREGATES = "list aggregates"
    VIEW_AGGREGATE = "view aggregate"
    VIEW_STATE = "view state"
    VIEW_CORRELATION = "view correlation"
    FOLLOW_LIVE = "follow live"
    STOP_LIVE = "stop live"
    LIST_REDACTIONS = "list redactions"
    VIEW_REDACTION = "view redaction"
    DRAFT_REDACTION = "draft redaction"
    DECIDE_REDACTION = "decide on redaction"
    LIST_EXPORTS = "list exports"
    VIEW_EXPORT = "view export"
    REQUEST_EXPORT = "request export"
    BEGIN_EXPORT = "begin export"
    END_EXPORT = "end export"
    CANCEL_EXPORT = "cancel export"
    DOWNLOAD = "download"
    PRINT = "print"
    VIEW_ACCESS_LOG = "view access log"
    STATE_PURPOSE = "state purpose"
    LOG_IN = "log in"
    LOG_OUT = "log out"
    OPEN_PAGE = "open page"


class Outcome(StrEnum):
    """How it ended."""

    SHOWN = "shown"
    DONE = "done"
    DENIED = "denied"
    NOT_FOUND = "not found"
    FAILED = "failed"


class AccessNotRecordedError(Exception):
    """Reading is disabled because access cannot be recorded."""


@dataclass(slots=True)
class Seen:
    """What a page is about to show; the page fills it in.

    Attributes:
        objects: ``event:<position>``, ``aggregate:<type>:<id>`` and the like.
        query: what was asked, without declared personal values.
        count: how many rows.
        tenants: whose; by default those of the scope.
    """

    objects: list[str] = field(default_factory=list)
    query: str = ""
    count: int | None = None
    tenants: Sequence[str] | None = None


def record(
    request: HttpRequest,
    act: Act,
    outcome: Outcome,
    *,
    tenants: Sequence[str] = (),
    seen: Seen | None = None,
) -> AccessRecord:
    """Write one record in a transaction of its own.

    Nothing else may be open: a transaction around it could take the record back.

    Raises:
        AccessNotRecordedError: the database did not take it; show nothing.
    """
    seen = seen or Seen()
    purpose = purposes.active(request)
    row = AccessRecord(
        user_id=str(request.user.pk or ""),
        user_name=request.user.get_username(),
        act=act,
        outcome=outcome,
        tenants=sorted(set(tenants if seen.tenants is None else seen.tenants)),
        objects_seen=seen.objects,
        query=_cut(_storable(seen.query), _QUERY_LENGTH),
        result_count=seen.count,
        purpose=purpose.code if purpose else "",
        reference=purpose.reference if purpose else "",
        session=_digest(request.session.session_key),
        ip=_address(request.META.get("REMOTE_ADDR")),
        user_agent=_cut(
            _storable(request.headers.get("User-Agent", "")), _AGENT_LENGTH
        ),
        request_id=getattr(request, "console_request_id", ""),
    )
    return write(row)


def write(row: AccessRecord) -> AccessRecord:
    """Write a record that no request makes, as :func:`record` does.

    Raises:
        AccessNotRecordedError: the database did not take it; show nothing.
    """
    try:
        with transaction.atomic(using=router.db_for_write(AccessRecord), durable=True):
            row.save(force_insert=True)
    except DatabaseError as error:
        raise AccessNotRecordedError from error
    return row


def _digest(key: str | None) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16] if key else ""


def _address(text: str | None) -> str | None:
    try:
        return str(ipaddress.ip_address(text or ""))
    except ValueError:
        return None


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return f"{text[:most]} … ({len(text)} characters)"


def _storable(text: str) -> str:
    """Return ``text`` as PostgreSQL takes it: without NUL and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
