"""What the overview shows: all of it from the rollups, never from a scan of the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from statistics import median

from audit_console.queries import rollups
from audit_console.queries.asked import begin_text, end_text
from audit_console.reading import Reading

#: How many weeks back the same weekday is compared.
_WEEKS = 8
#: How many types have a part of their own in a stack.
_STACKED = 5


@dataclass(frozen=True, slots=True)
class DayCard:
    """The events of 24 hours, and what is usual on such a day.

    Attributes:
        usual: the median of the same weekday in the eight weeks before.
    """

    since: datetime
    until: datetime
    events: int
    usual: float

    @property
    def change(self) -> int | None:
        """Return the difference from what is usual, in per cent."""
        if not self.usual:
            return None
        return round((self.events - self.usual) * 100 / self.usual)

    @property
    def link(self) -> str:
        """Return the explorer's parameters for the very same events."""
        return f"?from={begin_text(self.since)}&to={end_text(self.until)}"


@dataclass(frozen=True, slots=True)
class Stack:
    """One piece of time, its events by type; the rest under ``""``."""

    begin: datetime
    end: datetime
    parts: tuple[tuple[str, int], ...]

    @property
    def events(self) -> int:
        """Return the events of all parts."""
        return sum(number for _, number in self.parts)


@dataclass(frozen=True, slots=True)
class Overview:
    """What to ask for one overview.

    Attributes:
        reading: the page's look at the log.
        tenants: whose events.
        until: where the charts end: at the newest event, so that none is empty.
    """

    reading: Reading
    tenants: tuple[str, ...]
    until: datetime
    fresh: rollups.Freshness

    @classmethod
    def of(cls, reading: Reading, tenants: Sequence[str], newest: datetime) -> Overview:
        """Return the overview that ends with the hour of the ``newest`` event."""
        until = rollups.floor(newest, rollups.HOUR) + rollups.HOUR
        return cls(reading, tuple(tenants), until, rollups.freshness(reading))

    def day_card(self) -> DayCard:
        """Return the events of the last 24 hours, and the usual number.

        Of long ago, those of the last day.
        """
        step = rollups.HOUR if self.has_hours(7 * _WEEKS + 1) else rollups.DAY
        until = rollups.ceiling(self.until, step)
        since = until - rollups.DAY
        totals = self._totals(since - timedelta(weeks=_WEEKS), step)
        days = [
            sum(
                number
                for moment, number in totals.items()
                if since - timedelta(weeks=week)
                <= moment
                < until - timedelta(weeks=week)
            )
            for week in range(_WEEKS + 1)
        ]
        return DayCard(since, until, days[0], median(days[1:]))

    def stacks(self) -> list[Stack]:
        """Return 7 days in pieces of 3 hours, by the most frequent types.

        Of long ago, 28 days by the day.
        """
        days, step, size = 7, rollups.HOUR, timedelta(hours=3)
        if not self.has_hours(days):
            days, step, size = 28, rollups.DAY, rollups.DAY
        until = rollups.ceiling(self.until, step)
        since = until - timedelta(days=days)
        found = self._counts(since, step)
        top = [name for name, _ in _by_type(found).most_common(_STACKED)]
        stacks = []
        for n in range((until - since) // size):
            begin = since + n * size
            parts = Counter(dict.fromkeys((*top, ""), 0))
            for (moment, name), number in found.items():
                if begin <= moment < begin + size:
                    parts[name if name in top else ""] += number
            stacks.append(Stack(begin, begin + size, tuple(parts.items())))
        return stacks

    def top_types(self, days: int = 30, limit: int = 10) -> list[tuple[str, int]]:
        """Return the most frequent event types of the last days."""
        found = self._counts(self._day(days), rollups.DAY)
        return _by_type(found).most_common(limit)

    def top_actors(self, days: int = 30, limit: int = 10) -> list[tuple[str, str, int]]:
        """Return the most frequent actors of the last days: id, kind, events."""
        until = rollups.ceiling(self.until, rollups.DAY)
        return rollups.actors(self.reading, self.tenants, self._day(days), until, limit)

    def weekday_hours(self, days: int = 28, zone: tzinfo = UTC) -> list[list[int]]:
        """Return the events of each hour of each weekday, Monday first.

        Args:
            days: how many, up to the end of the charts.
            zone: of the clock; one that is apart from UTC by whole hours.
        """
        table = [[0] * 24 for _ in range(7)]
        since = self.until - timedelta(days=days)
        for moment, number in self._totals(since, rollups.HOUR).items():
            local = moment.astimezone(zone)
            table[local.weekday()][local.hour] += number
        return table

    def has_hours(self, days: int) -> bool:
        """Return whether the hours of the last ``days`` are known.

        The rollups keep them for a while only; what no rollup has is counted live.
        """
        begin = self.until - timedelta(days=days)
        return not self.fresh.position or begin >= self.reading.at - rollups.HOURS_KEPT

    def _day(self, days: int) -> datetime:
        return rollups.floor(self.until - timedelta(days=days), rollups.DAY)

    def _counts(self, since: datetime, step: timedelta) -> rollups.Counts:
        until = rollups.ceiling(self.until, step)
        return rollups.counts(
            self.reading, self.fresh, self.tenants, "occurred", step, since, until
        )

    def _totals(self, since: datetime, step: timedelta) -> Counter[datetime]:
        totals: Counter[datetime] = Counter()
        for (moment, _name), number in self._counts(since, step).items():
            totals[moment] += number
        return totals


def _by_type(found: rollups.Counts) -> Counter[str]:
    totals: Counter[str] = Counter()
    for (_moment, name), number in found.items():
        totals[name] += number
    return totals
