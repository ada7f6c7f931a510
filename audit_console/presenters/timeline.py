"""The history of an aggregate: the time between its steps, and steps in groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Generic, TypeVar

T = TypeVar("T")

#: A longer time without events is shown as a line of its own.
LONG_GAP = timedelta(days=1)
_UNITS = (
    ("d", timedelta(days=1)),
    ("h", timedelta(hours=1)),
    ("min", timedelta(minutes=1)),
    ("s", timedelta(seconds=1)),
    ("ms", timedelta(milliseconds=1)),
    ("µs", timedelta(microseconds=1)),
)


@dataclass(frozen=True, slots=True)
class Gap:
    """The time between two steps.

    Attributes:
        text: the two largest units of it, ``3 d 4 h``; units are those of the SI.
        is_backward: whether the later step claims the earlier time.
        is_long: whether it deserves a line of its own.
    """

    text: str
    is_backward: bool = False
    is_long: bool = False


def gap(earlier: datetime, later: datetime) -> Gap:
    """Return the time from one moment to the next."""
    span = later - earlier
    return Gap(duration(abs(span)), span < timedelta(0), span >= LONG_GAP)


def duration(span: timedelta) -> str:
    """Return a length of time in its two largest units, rounded down."""
    for place, (unit, size) in enumerate(_UNITS):
        if span < size:
            continue
        count, rest = divmod(span, size)
        text = f"{count} {unit}"
        if place + 1 < len(_UNITS) and place < 3:  # noqa: PLR2004 - parts of a second are one number
            smaller, smaller_size = _UNITS[place + 1]
            more = rest // smaller_size
            text += f" {more} {smaller}" if more else ""
        return text
    return "0 s"


@dataclass(frozen=True, slots=True)
class Group(Generic[T]):
    """Neighbouring steps of one actor in one conversation.

    Attributes:
        steps: these, in the order they were given.
        span: the time from the first to the last, "" for a single one.
    """

    steps: tuple[T, ...]
    span: str


def group(
    steps: Sequence[T],
    key: Callable[[T], object],
    time: Callable[[T], datetime],
) -> list[Group[T]]:
    """Return ``steps`` with neighbours of the same key taken together.

    Args:
        steps: in the order they are shown.
        key: what must be equal; steps whose key is ``None`` stay alone.
        time: when a step happened.
    """
    groups: list[list[T]] = []
    for step in steps:
        if groups and key(step) is not None and key(groups[-1][-1]) == key(step):
            groups[-1].append(step)
        else:
            groups.append([step])
    return [Group(tuple(one), _span(one, time)) for one in groups]


def _span(steps: list[T], time: Callable[[T], datetime]) -> str:
    return duration(abs(time(steps[-1]) - time(steps[0]))) if steps[1:] else ""


def gaps(times: Sequence[datetime]) -> list[Gap]:
    """Return the time between each two neighbours of ``times``, earliest first."""
    return [gap(earlier, later) for earlier, later in pairwise(times)]
