"""Pieces of time for a chart: steps that people know, at most sixty of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

#: A chart has no more bars than these.
MOST = 60
_SECONDS = (1, 5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 86_400, 7 * 86_400)
_MONTHS = (1, 3, 12, 120)
_MONDAY = datetime(1970, 1, 5)  # noqa: DTZ001 - of any zone


@dataclass(frozen=True, slots=True)
class Step:
    """A length of time: of seconds, or of months."""

    seconds: int = 0
    months: int = 0

    @property
    def is_days(self) -> bool:
        """Return whether its pieces begin at midnight."""
        return self.months > 0 or self.seconds >= 86_400  # noqa: PLR2004 - a day

    def floor(self, moment: datetime, zone: tzinfo = UTC) -> datetime:
        """Return when the piece begins in which ``moment`` lies.

        Days and what is longer are those of ``zone``.
        """
        local = moment.astimezone(zone if self.is_days else UTC)
        if self.months:
            months = (local.year * 12 + local.month - 1) // self.months * self.months
            year, month = divmod(months, 12)
            return datetime(max(year, 1), month + 1, 1, tzinfo=local.tzinfo)
        size = timedelta(seconds=self.seconds)
        # Both by the clock on the wall, on which every day has 24 hours.
        monday = _MONDAY.replace(tzinfo=local.tzinfo)
        return monday + (local - monday) // size * size

    def after(self, begin: datetime) -> datetime:
        """Return when the piece ends that begins at ``begin``."""
        if not self.months:
            return begin + timedelta(seconds=self.seconds)
        years, month = divmod(begin.month - 1 + self.months, 12)
        return begin.replace(year=begin.year + years, month=month + 1)


STEPS = (
    *(Step(seconds=seconds) for seconds in _SECONDS),
    *(Step(months=months) for months in _MONTHS),
)


def cut(
    since: datetime, until: datetime, *, by_days: bool = False, zone: tzinfo = UTC
) -> tuple[Step, list[datetime]]:
    """Return the smallest step with at most ``MOST`` pieces, and where each begins.

    Args:
        since: lies in the first piece.
        until: no longer included; later than ``since``.
        by_days: nothing shorter than a day.
        zone: whose days, weeks, months they are.

    Returns:
        The step, and one moment more than there are pieces, in UTC: the last one ends
        there.
    """
    edges: list[datetime] = []
    for step in STEPS:
        if by_days and not step.is_days:
            continue
        if step.seconds and (until - since) / timedelta(seconds=step.seconds) > MOST:
            continue
        edges = [step.floor(since, zone)]
        while edges[-1] < until and len(edges) <= MOST + 1:
            edges.append(step.after(edges[-1]))
        if len(edges) <= MOST + 1:
            break
    return step, [edge.astimezone(UTC) for edge in edges]
