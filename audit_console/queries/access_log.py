"""Who looked at what: pages of the access log, as far as the reader may see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from audit_console.conf import console_settings
from audit_console.models import AccessRecord
from audit_console.queries import working_hours
from eventstore.roles import Role

PAGE_SIZE = 50
#: How many of the newest looks are counted, and by what.
SAMPLE = 5000
TALLIED = ("user_name", "act", "purpose", "outcome")


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as one reader may see it.

    Attributes:
        record: the row.
        tenants: those of its tenants that the reader may see.
        is_whole: whether these are all; else objects and query stay hidden, for they
            may tell of the others.
    """

    record: AccessRecord
    tenants: Sequence[str]
    is_whole: bool

    @property
    def purpose(self) -> str:
        """What the record's purpose is called today."""
        code = self.record.purpose
        return str(console_settings().PURPOSES.get(code, code))

    @property
    def roles(self) -> list[str]:
        """What the reader was then, in words; a role that is no more by its code."""
        words = dict(Role.choices)
        return [str(words.get(role, role)) for role in self.record.roles]


@dataclass(frozen=True, slots=True)
class AccessPage:
    """Entries, newest first, and whether there are more on either side."""

    entries: list[Entry] = field(default_factory=list)
    has_newer: bool = False
    has_older: bool = False

    @property
    def first(self) -> int | None:
        """The id of the newest."""
        return self.entries[0].record.pk if self.entries else None

    @property
    def last(self) -> int | None:
        """The id of the oldest."""
        return self.entries[-1].record.pk if self.entries else None


@dataclass(frozen=True, slots=True)
class Tallies:
    """What the newest looks have in common, the most frequent first.

    Attributes:
        looks: how many were counted.
        is_all: whether there are no more.
        columns: for each column its values, and how many looks have each.
        times: when each of them was.
        off_hours: how many were outside working hours, by the clock of the page.
    """

    looks: int
    is_all: bool
    columns: Mapping[str, Sequence[tuple[str, int]]]
    times: Sequence[datetime]
    off_hours: int

    @property
    def readers(self) -> int:
        """How many people looked."""
        return len(self.columns["user_name"])

    @property
    def refused(self) -> int:
        """How many looks were refused."""
        return dict(self.columns["outcome"]).get("denied", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessQuery:
    """What is asked of the access log.

    Attributes:
        own: the id of the reader, whose own records are always among them.
        tenants: where the records of everybody are asked for.
        known: all tenants that the reader may know of.
        filters: exact values by column.
        object_seen: only records that showed this, as ``event:12``.
        since: from this moment on.
        until: before this moment.
        is_off_hours: only outside working hours, by the clock of the page.
        with_strangers: whether attempts of people without a grant are asked for, too:
            they belong to no tenant.
    """

    own: str
    tenants: Sequence[str]
    known: frozenset[str]
    filters: dict[str, Any] = field(default_factory=dict)
    object_seen: str = ""
    since: datetime | None = None
    until: datetime | None = None
    is_off_hours: bool = False
    with_strangers: bool = False

    def page(
        self, *, before: int | None = None, after: int | None = None
    ) -> AccessPage:
        """Return the page before or after a record's id, else the newest."""
        rows = self._rows()
        if before is not None:
            rows = rows.filter(id__lt=before)
        elif after is not None:
            rows = rows.filter(id__gt=after)
        upwards = before is None and after is not None
        found = list(rows.order_by("id" if upwards else "-id")[: PAGE_SIZE + 1])
        has_more = len(found) > PAGE_SIZE
        shown = found[:PAGE_SIZE]
        if upwards:
            shown.reverse()
        return AccessPage(
            [self._entry(row) for row in shown],
            has_newer=has_more if upwards else before is not None,
            has_older=upwards or has_more,
        )

    def tallies(self) -> Tallies:
        """Count the values of the newest looks that match."""
        rows = self._rows().order_by("-id").values_list("at", *TALLIED)
        found = list(rows[: SAMPLE + 1])
        counted = found[:SAMPLE]
        times, *columns = (
            zip(*counted, strict=True) if counted else ((),) * (1 + len(TALLIED))
        )
        return Tallies(
            len(counted),
            is_all=len(found) <= SAMPLE,
            columns={
                name: Counter(values).most_common()
                for name, values in zip(TALLIED, columns, strict=True)
            },
            times=times,
            off_hours=working_hours.count_outside(times),
        )

    def _rows(self) -> QuerySet[AccessRecord]:
        scope = Q(user_id=self.own)
        if self.tenants:
            scope |= Q(tenants__overlap=list(self.tenants))
        if self.with_strangers:
            scope |= Q(tenants=[])
        rows = AccessRecord.objects.filter(scope, **self.filters)
        if self.object_seen:
            # Whose objects are hidden, because they may be of other tenants, is not
            # found by them either.
            whole = Q(user_id=self.own) | Q(tenants__contained_by=sorted(self.known))
            rows = rows.filter(whole, objects_seen__contains=[self.object_seen])
        if self.since:
            rows = rows.filter(at__gte=self.since)
        if self.until:
            rows = rows.filter(at__lt=self.until)
        if self.is_off_hours:
            rows = rows.filter(working_hours.outside("at"))
        return rows

    def _entry(self, row: AccessRecord) -> Entry:
        visible = [tenant for tenant in row.tenants if tenant in self.known]
        is_whole = row.user_id == self.own or len(visible) == len(row.tenants)
        return Entry(row, visible, is_whole)
