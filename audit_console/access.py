"""The access log: written before anything is shown, or nothing is shown."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import DatabaseError, router, transaction
from django.http import HttpRequest

from audit_console import purposes
from audit_console.models import AccessRecord
from audit_console.scope import roles_held
from eventstore.context import current_metadata
from eventstore.grants import roles_of
from eventstore.keys.networks import client_address
from eventstore.types import new_event_id

_AGENT_LENGTH = 400
_QUERY_LENGTH = 4000
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/-]{1,200}")


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
    DECIDE_EXPORT = "decide on export"
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
    user: Any = None,
) -> AccessRecord:
    """Write one record in a transaction of its own.

    Nothing else may be open: a transaction around it could take the record back.

    Args:
        request: where it comes from, in which session, for which purpose.
        act: what is done.
        outcome: how that ends.
        tenants: whose log it is about, if ``seen`` does not say.
        seen: what is about to be shown.
        user: who; by default whoever is logged in.

    Raises:
        AccessNotRecordedError: the database did not take it; show nothing.
    """
    seen = seen or Seen()
    whose = set(tenants if seen.tenants is None else seen.tenants)
    held = roles_held(request) if user is None else roles_of(user)
    user = user or request.user
    purpose = purposes.active(request)
    row = AccessRecord(
        user_id=str(user.pk or ""),
        user_name=user.get_username(),
        roles=sorted(set().union(*(held.get(each, ()) for each in whose))),
        act=act,
        outcome=outcome,
        tenants=sorted(whose),
        objects_seen=seen.objects,
        query=_cut(_storable(seen.query), _QUERY_LENGTH),
        result_count=seen.count,
        purpose=purpose.code if purpose else "",
        reference=purpose.reference if purpose else "",
        session=_digest(request.session.session_key),
        ip=_text(client_address(request)),
        user_agent=_cut(
            _storable(request.headers.get("User-Agent", "")), _AGENT_LENGTH
        ),
        request_id=request_id_of(request),
    )
    return write(row)


def request_id_of(request: HttpRequest) -> str:
    """Return the number of a request: the one that its events have, or a new one."""
    known: str = getattr(request, "console_request_id", "")
    if not known:
        given = str(current_metadata().get("correlation_id", ""))
        known = given if _REQUEST_ID.fullmatch(given) else new_event_id()
        request.console_request_id = known  # type: ignore[attr-defined]  # ours
    return known


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


def _text(address: Any) -> str | None:
    return None if address is None else str(address)


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return f"{text[:most]} … ({len(text)} characters)"


def _storable(text: str) -> str:
    """Return ``text`` as PostgreSQL takes it: without NUL and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
