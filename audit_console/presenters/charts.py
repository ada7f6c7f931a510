"""Charts as numbers: integer places of bars and ticks; the templates draw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 1200, 112
#: Room above and below the bars.
TOP, BOTTOM = 8, 2
_GAP = 2
_MOST_LABELS = 8
_NICE = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a bar stands for.

    Attributes:
        label: in words, with zone: ``14:00 to 15:00, UTC``.
        short: for the axis.
        value: how many.
        link: where the bar leads; "" for nowhere.
    """

    label: str
    short: str
    value: int
    link: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar and its entry; ``hit`` is the whole height, to be met by a finger."""

    entry: Entry
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis."""

    place: int
    text: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Upright bars; the table beside them is made of the very same entries.

    Attributes:
        x_ticks: one a bar, most without a text.
    """

    bars: tuple[Bar, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - BOTTOM

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return what the table shows."""
        return tuple(bar.entry for bar in self.bars)


def upright(entries: Sequence[Entry]) -> BarChart:
    """Return the chart of ``entries``, from left to right."""
    top = nice_top(max((entry.value for entry in entries), default=0))
    room = HEIGHT - BOTTOM - TOP
    count = max(len(entries), 1)
    edges = [WIDTH * n // count for n in range(count + 1)]
    bars = []
    for n, entry in enumerate(entries):
        # What is there is seen, however small it is beside the others.
        height = max(2, entry.value * room // top) if entry.value else 0
        bars.append(
            Bar(
                entry,
                x=edges[n],
                y=HEIGHT - BOTTOM - height,
                width=max(edges[n + 1] - edges[n] - _GAP, 1),
                height=height,
            )
        )
    each = -(-count // _MOST_LABELS)
    x_ticks = tuple(
        Tick(bar.x, "" if n % each else bar.entry.short) for n, bar in enumerate(bars)
    )
    y_ticks = tuple(
        Tick(HEIGHT - BOTTOM - room * part // 2, compact(top * part // 2))
        for part in (1, 2)
        if top * part % 2 == 0
    )
    return BarChart(tuple(bars), x_ticks, y_ticks)


@dataclass(frozen=True, slots=True)
class Row:
    """A bar that lies; ``percent`` of the longest one."""

    entry: Entry
    percent: int


def lying(entries: Sequence[Entry]) -> tuple[Row, ...]:
    """Return lying bars, as long as they are in relation to the longest."""
    longest = max((entry.value for entry in entries), default=0) or 1
    return tuple(
        Row(entry, max(1, entry.value * 100 // longest) if entry.value else 0)
        for entry in entries
    )


def nice_top(value: int) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, 50 ... that is not below ``value``."""
    power = 1
    while True:
        for step in _NICE:
            if step * power >= value:
                return step * power
        power *= 10


def compact(value: int) -> str:
    """Write a number as short as an axis needs it: 1500 as 1.5k."""
    for size, sign in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value / size:.1f}".removesuffix(".0") + sign
    return str(value)
