"""Concurrent clients: a process each, since threads would share one interpreter."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any, NamedTuple

from benchmarks.figures import Measured
from benchmarks.harness import turns

_START_SECONDS = 60


class Job(NamedTuple):
    """What one process does."""

    number: int
    database: str
    sides: tuple[str, ...]
    tenant: str
    is_hot: bool


class Clients:
    """Processes that run the sides in turn, all starting at one barrier.

    Attributes:
        failures: what calls raised, counted by text.
    """

    def __init__(
        self,
        sides: Sequence[str],
        count: int,
        *,
        tenants: int = 1,
        is_hot: bool = False,
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["benchmarks.ready", "benchmarks.sides"])
        self.sides = tuple(sides)
        self.failures: list[str] = []
        barrier = context.Barrier(count)
        self._pipes: list[Connection] = []
        self._processes = []
        for number in range(count):
            ours, theirs = context.Pipe()
            job = Job(
                number,
                os.environ["BENCHMARK_DATABASE"],
                self.sides,
                f"tenant-{number % tenants}",
                is_hot,
            )
            process = context.Process(target=serve, args=(theirs, barrier, job))
            process.start()
            self._pipes.append(ours)
            self._processes.append(process)
        for pipe in self._pipes:
            self._answer(pipe)

    def in_turn(self, *, rounds: int, seconds: float) -> Measured:
        """Return the rates of the sides, all clients together, round by round."""
        measured: Measured = {side: [] for side in self.sides}
        for counted, names in turns(list(self.sides), rounds):
            for side in names:
                rate = self.run(side, seconds)
                if counted:
                    measured[side].append(rate)
        return measured

    def run(self, side: str, seconds: float) -> float:
        """Return the rate of ``side``, all clients together."""
        for pipe in self._pipes:
            pipe.send((side, seconds))
        return float(sum(self._answer(pipe) for pipe in self._pipes))

    def close(self) -> None:
        """End the processes."""
        for pipe in self._pipes:
            pipe.send(None)
        for process in self._processes:
            process.join(_START_SECONDS)

    def _answer(self, pipe: Connection) -> Any:
        if not pipe.poll(_START_SECONDS):
            raise TimeoutError("A client process does not answer.")
        kind, value = pipe.recv()
        if kind == "failed":
            raise RuntimeError(f"A client process failed: {value}")
        return value


def serve(pipe: Connection, barrier: Barrier, job: Job) -> None:
    """Run one client: wait for a side, meet the others, work, answer the rate."""
    try:
        runners = _prepare(job)
        pipe.send(("ready", None))
        while (order := pipe.recv()) is not None:
            side, seconds = order
            barrier.wait(_START_SECONDS)
            pipe.send(("rate", runners[side].run_for(seconds)))
    except Exception as error:  # noqa: BLE001 - the parent must hear of anything
        barrier.abort()
        pipe.send(("failed", f"{type(error).__name__}: {error}"))
    time.sleep(0)


def _prepare(job: Job) -> dict[str, Any]:
    from django.db import connection  # noqa: PLC0415 - Django must be ready

    from benchmarks import sides  # noqa: PLC0415 - as above

    connection.settings_dict["NAME"] = job.database
    client = sides.Client(job.number, job.tenant, 1, job.is_hot)
    return {side: sides.make(side, client) for side in job.sides}
