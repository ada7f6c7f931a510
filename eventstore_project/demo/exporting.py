"""Finished exports, one for each who may have one, and who looked at what before."""

from __future__ import annotations

import uuid
from datetime import UTC, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from audit_console import access, queries
from audit_console.access import Act, Outcome
from audit_console.exports import making, queue, requests
from audit_console.exports.columns import COLUMNS
from audit_console.models import AccessRecord, Export
from audit_console.queries import ConsoleQuery
from audit_console.reading import look
from audit_console.scope import Scope
from eventstore.grants import permissions_of
from eventstore.models import StoredEvent
from eventstore.roles import Permission
from eventstore_project.demo import accounts

_TENANT = "tidewater-rail"
#: The decisions on requirements.
_LIST = "type=RequirementApproved&type=RequirementRejected"
_REFERENCE = "AUDIT-2026-3"
_WORKER = "demo"

#: Who looked at what, and how many hours ago.
_VISITS: tuple[tuple[int, str, Act, str], ...] = (
    (52, "auditor", Act.LIST_EVENTS, ""),
    (51, "auditor", Act.VIEW_AGGREGATE, "aggregate:Requirement:R-53"),
    (51, "auditor", Act.VIEW_STATE, "aggregate:Requirement:R-53"),
    (30, "privacy-officer", Act.LIST_EVENTS, ""),
    (30, "privacy-officer", Act.VIEW_AGGREGATE, "aggregate:Requirement:R-5"),
    (28, "dpo", Act.VIEW_AGGREGATE, "aggregate:Requirement:R-5"),
    (27, "security", Act.VIEW_ACCESS_LOG, ""),
    (6, "lead-auditor", Act.VIEW_ACCESS_LOG, ""),
    (5, "lead-auditor", Act.LIST_EVENTS, ""),
    (3, "operator", Act.OVERVIEW, ""),
)


def make() -> None:
    """Make the exports and the visits that are missing."""
    if not AccessRecord.objects.filter(is_demo=True).exists():
        _visit()
    for login in accounts.FOR_CONSOLE:
        user = User.objects.get(username=login.name)
        granted = permissions_of(user)
        may_export = Permission.EXPORT in granted.get(_TENANT, ())
        if may_export and not _of(login.name).exists():
            _request(user, Scope(user, granted, (_TENANT,), (_TENANT,)))
    while (export := queue.claim(_WORKER)) is not None:
        making.make(export, lambda: False)
    # A demo that is started next month still has its file.
    Export.objects.filter(is_demo=True).update(expires_at=None)


def find(name: str) -> Export:
    """Return the finished export of a user of the demo.

    Raises:
        Export.DoesNotExist: it was not made.
    """
    return _of(name).get(state=Export.State.READY)


def made() -> list[Export]:
    """Return the finished exports of all users of the demo."""
    return list(Export.objects.filter(is_demo=True, state=Export.State.READY))


def _of(name: str) -> QuerySet[Export]:
    return Export.objects.filter(is_demo=True, owner_name=name)


def _request(user: User, scope: Scope) -> None:
    with look(scope.tenants) as reading:
        asked = queries.read(QueryDict(f"tenant={_TENANT}&{_LIST}"), scope, UTC)
        pinned = requests.pinned(ConsoleQuery(asked, scope.tenants, reading))
        assert pinned is not None  # noqa: S101 - the story was told
    description = pinned.describe()
    key = uuid.uuid4()
    _record(user, Act.REQUEST_EXPORT, f"export:{key}", query=description)
    Export.objects.create(
        id=key,
        owner=user,
        owner_key=str(user.pk),
        owner_name=user.username,
        tenants=list(scope.tenants),
        description=description,
        zone="UTC",
        language="en",
        columns=list(COLUMNS),
        format=Export.Format.NDJSON,
        purpose="audit",
        reference=_REFERENCE,
        request_id="demo",
        is_demo=True,
        **requests.place_of(pinned),
    )


def _visit() -> None:
    """Let the last days have been quiet ones: a few looks, each for a reason."""
    users = {user.username: user for user in User.objects.all()}
    removed = StoredEvent.objects.filter(tenant_id=_TENANT, is_redacted=True)
    for hours, name, act, seen in _VISITS:
        at = timezone.now() - timedelta(hours=hours)
        _record(users[name], act, seen, at=at)
        if name == "dpo":
            for position in removed.values_list("position", flat=True):
                seen = f"event:{position}"  # noqa: PLW2901 - the same look goes on
                _record(users[name], Act.VIEW_EVENT, seen, at=at)


def _record(
    user: User, act: Act, seen: str, *, query: str = "", at: Any = None
) -> None:
    access.write(
        AccessRecord(
            at=at or timezone.now(),
            user_id=str(user.pk),
            user_name=user.username,
            act=act,
            outcome=Outcome.DONE if act == Act.REQUEST_EXPORT else Outcome.SHOWN,
            tenants=[_TENANT],
            objects_seen=[seen] if seen else [],
            query=query,
            purpose="audit",
            reference=_REFERENCE,
            request_id="demo",
            is_demo=True,
        )
    )
