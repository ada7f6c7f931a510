"""Objects in processes of their own: made there once, called from here."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

_PATIENCE_SECONDS = 120


class Task:
    """A process that makes an object and calls its methods when it is told to.

    Args:
        factory: makes the object in the process, once Django is ready there.
        args: what it is given.
    """

    def __init__(self, factory: Callable[..., object], *args: object) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["benchmarks.ready", "benchmarks.sides"])
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=serve,
            args=(theirs, os.environ["BENCHMARK_DATABASE"], factory, args),
            daemon=True,  # it does not outlive a run that fails
        )
        self._process.start()
        self.result()

    def call(self, name: str, *args: object) -> Any:
        """Call the method and return what it returns."""
        self.begin(name, *args)
        return self.result()

    def begin(self, name: str, *args: object) -> None:
        """Have the method called, and do not wait."""
        self._pipe.send((name, args))

    def result(self) -> Any:
        """Return what the method returned that was begun."""
        if not self._pipe.poll(_PATIENCE_SECONDS):
            raise TimeoutError("A process of the benchmark does not answer.")
        is_done, value = self._pipe.recv()
        if not is_done:
            raise RuntimeError(f"A process of the benchmark failed: {value}")
        return value

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.join(_PATIENCE_SECONDS)


def serve(
    pipe: Connection,
    database: str,
    factory: Callable[..., object],
    args: tuple[object, ...],
) -> None:
    """Make the object, then answer calls until the process is ended."""
    try:
        from django.db import connection  # noqa: PLC0415 - Django must be ready

        connection.settings_dict["NAME"] = database
        made = factory(*args)
        pipe.send((True, None))
        while True:
            name, given = pipe.recv()
            pipe.send((True, getattr(made, name)(*given)))
    except EOFError:
        return
    except Exception as error:  # noqa: BLE001 - the parent must hear of anything
        pipe.send((False, f"{type(error).__name__}: {error}"))
