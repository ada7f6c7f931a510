"""What a run yields: medians with their spread, ratios, tables."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

#: Rates of the sides, one a round.
Measured = dict[str, list[float]]


class Spread(NamedTuple):
    """A median between the quartiles."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """Return the median and the quartiles of ``values``."""
    if len(values) < 2:
        return Spread(values[0], values[0], values[0])
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(statistics.median(values), low, high)


def ratio(above: Sequence[float], below: Sequence[float]) -> Spread:
    """Return the spread of the ratios, round by round."""
    return spread([a / b for a, b in zip(above, below, strict=True)])


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One figure that has a target."""

    work: str
    against: str
    value: Spread
    target: float
    unit: str = "x"
    #: Whether the target is the most that it may be.
    at_most: bool = False

    @property
    def is_met(self) -> bool:
        """Return whether the median meets the target."""
        if self.at_most:
            return self.value.median <= self.target
        return self.value.median >= self.target


@dataclass(frozen=True)
class Table:
    """Rows of text under their heads."""

    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass
class Section:
    """What one workload found."""

    title: str
    about: str
    tables: list[Table] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    #: Rates for the chart: the limit first.
    bars: list[tuple[str, float]] = field(default_factory=list)

    def add_rates(
        self, measured: Measured, limit: str, *, unit: str, absent: Sequence[str] = ()
    ) -> None:
        """Add a table of the sides' rates and of their ratios to ``limit``."""
        rows = []
        for side, rates in measured.items():
            rate, part = spread(rates), ratio(rates, measured[limit])
            rows.append((side, number(rate.median), between(rate), of(part)))
            self.bars.append((side, rate.median))
        rows += [(side, "not installed", "", "") for side in absent]
        self.tables.append(Table(("side", unit, "quartiles", f"of {limit}"), rows))

    def compare(
        self,
        work: str,
        measured: Measured,
        side: str,
        against: str,
        target: float,
    ) -> None:
        """Hold ``side`` against ``against``, if both were measured."""
        if side in measured and against in measured:
            value = ratio(measured[side], measured[against])
            self.comparisons.append(
                Comparison(work=work, against=against, value=value, target=target)
            )


def number(value: float) -> str:
    """Return ``value`` with as many digits as mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def between(value: Spread) -> str:
    """Return the quartiles of ``value``."""
    return f"{number(value.low)} - {number(value.high)}"


def of(value: Spread) -> str:
    """Return a ratio with its quartiles."""
    return f"{value.median:.2f} ({value.low:.2f} - {value.high:.2f})"
