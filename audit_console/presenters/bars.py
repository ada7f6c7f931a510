"""Charts as numbers: whole units in a view box, which a template draws as SVG.

Pure functions: the same values are drawn and told in the table beside the drawing, so
that the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: The size of a drawing in its own units; the page scales it.
WIDTH, HEIGHT = 1120, 160
_GAP = 4
#: Steps of intensity of a heat table, beside 0 for nothing.
_STEPS = 5


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a column: where it lies and which of the stacked names it is."""

    y: int
    height: int
    series: int


@dataclass(frozen=True, slots=True)
class Column:
    """A column of stacked parts."""

    x: int
    width: int
    segments: tuple[Segment, ...]


def columns(stacks: Sequence[Sequence[int]]) -> list[Column]:
    """Return a column for each stack of numbers, the highest as high as the drawing."""
    highest = max((sum(parts) for parts in stacks), default=0)
    if not stacks or not highest:
        return []
    step = WIDTH // len(stacks)
    return [
        Column(n * step, max(step - _GAP, 1), _stacked(parts, highest))
        for n, parts in enumerate(stacks)
    ]


def widths(numbers: Sequence[int], width: int = 100) -> list[int]:
    """Return the length of a bar for each number; one of 1 is still to be seen."""
    largest = max(numbers, default=0)
    return [max(1, number * width // largest) if number else 0 for number in numbers]


def heat(table: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the intensity of each number, from 0 for nothing to 5 for the most."""
    largest = max((number for row in table for number in row), default=0)
    return [
        [-(-number * _STEPS // largest) if number else 0 for number in row]
        for row in table
    ]


def _stacked(parts: Sequence[int], highest: int) -> tuple[Segment, ...]:
    segments = []
    below = 0
    for series, number in enumerate(parts):
        if number:
            # From the sum, not from rounded heights: the top is where it must be.
            top = (below + number) * HEIGHT // highest
            start = below * HEIGHT // highest
            height = max(top - start, 1)
            segments.append(Segment(HEIGHT - start - height, height, series))
        below += number
    return tuple(segments)
