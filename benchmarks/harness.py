"""Measure sides in turn: A B B A, after a round that warms up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from benchmarks.figures import Measured


class Runner(Protocol):
    """A side that is ready to run."""

    def run_for(self, seconds: float) -> float:
        """Work for ``seconds`` and return calls a second."""
        ...


class Loop:
    """A side that is a function: called until the time is over."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.call = call

    def run_for(self, seconds: float) -> float:
        """Call it for ``seconds`` and return calls a second."""
        call, clock, count = self.call, time.perf_counter, 0
        started = clock()
        end = started + seconds
        while (now := clock()) < end:
            call()
            count += 1
        return count / (now - started)


def in_turn(
    runners: Mapping[str, Runner], *, rounds: int, seconds: float, factor: int = 1
) -> Measured:
    """Return the rates of ``runners``, each round all of them in alternating order.

    Args:
        runners: by name.
        rounds: that count; one more goes before them.
        seconds: of each runner in each round.
        factor: events of one call.
    """
    measured: Measured = {name: [] for name in runners}
    for counted, names in turns(list(runners), rounds):
        for name in names:
            rate = runners[name].run_for(seconds) * factor
            if counted:
                measured[name].append(rate)
    return measured


def turns(names: list[str], rounds: int) -> Iterable[tuple[bool, list[str]]]:
    """Yield each round's order, and whether it counts."""
    for number in range(rounds + 1):
        yield number > 0, names if number % 2 else names[::-1]


def seconds_of(call: Callable[[], object], times: int) -> list[float]:
    """Return how long each of ``times`` calls took."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return taken
