"""How an export is asked for: a list of the screen, pinned so that it stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet

from audit_console.models import Export
from audit_console.queries import Asked, ConsoleQuery, Row
from audit_console.queries.asked import begin_text, end_text
from audit_console.scope import Scope
from eventstore.roles import Permission

#: How many exports of one person may wait or run together.
ACTIVE_AT_ONCE = 5
_MICROSECOND = timedelta(microseconds=1)


def pinned(query: ConsoleQuery) -> Asked | None:
    """Return the list of ``query`` with both ends of its range and its last position.

    Returns:
        ``None`` when the tenants have no events.
    """
    asked = query.asked
    newest, oldest = query.newest(), query.oldest()
    if newest is None or oldest is None:
        return None
    since = asked.since or _moment(oldest, asked)
    until = asked.until or max(_moment(newest, asked), since) + _MICROSECOND
    return replace(
        asked.between(since, until),
        upto=query.horizon,
        zone_name="",
    )


def is_pinned(asked: Asked, horizon: int) -> bool:
    """Return whether what ``asked`` asks for cannot change any more.

    Args:
        asked: the list.
        horizon: the position up to which the log is complete: beyond it, events come.
    """
    return (
        asked.upto is not None
        and asked.upto <= horizon
        and asked.since is not None
        and asked.until is not None
        and asked.since_text == begin_text(asked.since)
        and asked.until_text == end_text(asked.until)
    )


def place_of(asked: Asked) -> dict[str, Any]:
    """Return a pinned list as an export keeps it."""
    return {
        "parameters": urlencode(asked.pairs(with_page=False)),
        "since": asked.since,
        "until": asked.until,
        "upto": asked.upto,
    }


def visible(user_key: str, scope: Scope) -> QuerySet[Export]:
    """Return one's own exports, and those of others where one sees the access log."""
    everywhere = [
        tenant
        for tenant in scope.mine
        if scope.may(Permission.VIEW_ALL_ACCESS_LOG, tenant)
    ]
    own = Export.objects.filter(owner_key=user_key)
    return own | Export.objects.filter(tenants__contained_by=everywhere)


def active(user_key: str) -> int:
    """Return how many exports of a person wait or run."""
    states = (Export.State.WAITING, Export.State.QUEUED, Export.State.RUNNING)
    return Export.objects.filter(owner_key=user_key, state__in=states).count()


def _moment(row: Row, asked: Asked) -> Any:
    return row.occurred_at if asked.basis == "occurred" else row.stored_at
