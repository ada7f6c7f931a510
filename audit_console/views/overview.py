"""The first page: full at once, and every number leads to what it counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit_console.access import Act
from audit_console.language import Clause, Exact
from audit_console.links import event_url
from audit_console.presenters import bars
from audit_console.queries import access_log, log_events
from audit_console.queries.asked import begin_text, end_text
from audit_console.queries.log_events import LogEvent
from audit_console.queries.overview import Overview, Stack
from audit_console.queries.permitted import is_personal
from audit_console.views import work
from audit_console.views.base import Page
from audit_console.views.saved import visible
from eventstore.roles import Permission

_DAYS = 30
#: Days of which the weekdays and hours are shown.
_FOUR_WEEKS = 28
#: Seconds for each chart: they are what the page is for, unlike a count beside a list.
_SECONDS = 1.0


class OverviewPage(Page):
    """What there is, at a glance, ending with the newest event."""

    act = Act.OVERVIEW
    template_name = "audit_console/overview/page.html"
    title = gettext_lazy("Overview")
    room = "overview"

    def context(self) -> dict[str, Any]:
        """Return the cards and charts; each chart may be missing, never the page."""
        shared = {
            "pinned": list(
                visible(self.request, self.scope.mine).filter(is_pinned=True)
            ),
            "looks": self.reading.part(self._looks),
            "sees_all": bool(self._everybody_in()),
            "work": work.cards(self.request.user, self.scope, self.reading),
        }
        newest = self._newest()
        if newest is None:
            return {**shared, "newest": None}
        overview = Overview.of(self.reading, self.scope.tenants, newest.occurred_at)
        return {
            **shared,
            "newest": newest,
            "newest_url": event_url(newest.position),
            "behind": overview.fresh.text,
            "day": self._day(overview),
            "week": self._week(overview),
            "types": self._types(overview),
            "actors": self._actors(overview),
            "hours": self._hours(overview),
        }

    def _newest(self) -> LogEvent | None:
        found = [
            log_events.fetch_one(
                log_events.events(self.reading)
                .filter(tenant_id=tenant)
                .order_by("-occurred_at", "-position"),
                with_payload=False,
            )
            for tenant in self.scope.tenants
        ]
        return max(filter(None, found), key=lambda e: e.occurred_at, default=None)

    def _day(self, overview: Overview) -> dict[str, Any] | None:
        card = self.reading.part(overview.day_card, seconds=_SECONDS)
        if card is None:
            return None
        return {"card": card, "url": self._explorer(card.since, card.until)}

    def _week(self, overview: Overview) -> dict[str, Any] | None:
        stacks = self.reading.part(overview.stacks, seconds=_SECONDS)
        if not stacks:
            return None
        names = [name for name, _number in stacks[0].parts]
        queries = [_only(name, names) for name in names]
        drawn: list[bars.Column | None] = [None] * len(stacks)
        drawn[:] = bars.columns([_numbers(stack) for stack in stacks]) or drawn
        return {
            "series": [
                (name or _("others"), self._explorer(*_ends(stacks), q=query))
                for name, query in zip(names, queries, strict=True)
            ],
            "days": (stacks[-1].end - stacks[0].begin).days,
            "by_days": stacks[0].end - stacks[0].begin == timedelta(days=1),
            "top": max(stack.events for stack in stacks),
            "width": bars.WIDTH,
            "height": bars.HEIGHT,
            "total": sum(stack.events for stack in stacks),
            "url": self._explorer(*_ends(stacks)),
            "rows": [
                {
                    "stack": stack,
                    "numbers": _numbers(stack),
                    "column": column,
                    "url": self._explorer(stack.begin, stack.end),
                    "cells": [
                        (number, self._explorer(stack.begin, stack.end, q=query))
                        for number, query in zip(_numbers(stack), queries, strict=True)
                    ],
                }
                for stack, column in zip(stacks, drawn, strict=True)
            ],
        }

    def _types(self, overview: Overview) -> list[dict[str, Any]]:
        found = self.reading.part(overview.top_types, seconds=_SECONDS) or []
        widths = bars.widths([number for _name, number in found])
        since = overview.until - timedelta(days=_DAYS)
        return [
            {
                "name": name,
                "events": number,
                "width": width,
                "url": self._explorer(_midnight(since), None, type=name),
            }
            for (name, number), width in zip(found, widths, strict=True)
        ]

    def _actors(self, overview: Overview) -> list[dict[str, Any]] | None:
        if is_personal(Clause("actor", Exact(""))):
            # A list of people, and links that would name them.
            return None
        found = self.reading.part(overview.top_actors, seconds=_SECONDS) or []
        widths = bars.widths([number for _id, _kind, number in found])
        since = overview.until - timedelta(days=_DAYS)
        return [
            {
                "actor": {"id": identity, "type": kind},
                "events": number,
                "width": width,
                "url": self._explorer(_midnight(since), None, actor=identity),
            }
            for (identity, kind, number), width in zip(found, widths, strict=True)
        ]

    def _hours(self, overview: Overview) -> dict[str, Any] | None:
        """Return the weekdays by hours, by the clock of the page if that is possible.

        What is counted are whole hours of UTC: in a zone that is apart from it by
        half an hour they are no hours of the clock.
        """
        if not overview.has_hours(_FOUR_WEEKS):
            return None
        since, until = overview.until - timedelta(days=_FOUR_WEEKS), overview.until
        zone: tzinfo = timezone.get_current_timezone()
        if not (_is_by_hours(since, zone) and _is_by_hours(until, zone)):
            zone = UTC
        table = self.reading.part(
            lambda: overview.weekday_hours(_FOUR_WEEKS, zone), seconds=_SECONDS
        )
        if table is None:
            return None
        monday = date(2024, 1, 1)  # of no zone: it only lends its name
        rows = enumerate(zip(table, bars.heat(table), strict=True))
        return {
            "days": _FOUR_WEEKS,
            "zone": zone,
            "rows": [
                {
                    "day": monday + timedelta(days=day),
                    "cells": [
                        (number, step, self._hour(since, until, zone, day, hour))
                        for hour, (number, step) in enumerate(
                            zip(numbers, steps, strict=True)
                        )
                    ],
                }
                for day, (numbers, steps) in rows
            ],
        }

    def _hour(
        self, since: datetime, until: datetime, zone: tzinfo, day: int, hour: int
    ) -> str:
        query = f"weekday:{day + 1} hour:{hour}"
        return self._explorer(since, until, q=query, tz=str(zone))

    def _looks(self) -> list[access_log.Entry]:
        query = access_log.AccessQuery(
            own=str(self.request.user.pk),
            tenants=self._everybody_in(),
            known=frozenset(self.scope.mine),
        )
        return query.page().entries[:6]

    def _everybody_in(self) -> list[str]:
        return [
            tenant
            for tenant in self.scope.tenants
            if self.scope.may(Permission.VIEW_ALL_ACCESS_LOG, tenant)
        ]

    def _explorer(self, since: datetime, until: datetime | None, **filters: str) -> str:
        query = {"tenant": self.scope.values, **filters, "from": begin_text(since)}
        if until is not None:
            query["to"] = end_text(until)
        return f"{reverse('audit_console:events')}?{urlencode(query, doseq=True)}"


def _only(name: str, names: Sequence[str]) -> str:
    """Return the query for one of the stacked types, or for all the others."""
    if name:
        return str(Clause("type", Exact(name)))
    others = (Clause("type", Exact(each)).negation for each in names if each)
    return " ".join(map(str, others))


def _ends(stacks: Sequence[Stack]) -> tuple[datetime, datetime]:
    return stacks[0].begin, stacks[-1].end


def _is_by_hours(moment: datetime, zone: tzinfo) -> bool:
    offset = moment.astimezone(zone).utcoffset() or timedelta()
    return offset % timedelta(hours=1) == timedelta()


def _numbers(stack: Stack) -> Sequence[int]:
    return [number for _name, number in stack.parts]


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
