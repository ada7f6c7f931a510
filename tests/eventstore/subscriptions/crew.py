"""Worker processes that a test starts, kills, stops and waits for."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection

ROOT = Path(__file__).parents[3]
_KEYS = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")


class WorkerProcess:
    """One worker in a process of its own, on the test database or another."""

    def __init__(
        self,
        *names: str,
        database: dict[str, Any] | None = None,
        **environment: str,
    ) -> None:
        settings = database or {key: connection.settings_dict[key] for key in _KEYS}
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.eventstore.subscriptions.worker_app",
                *names,
            ],
            cwd=ROOT,
            env={**os.environ, "TEST_DATABASE": json.dumps(settings), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process.returncode is None:
            self._process.kill()
            self._process.communicate()

    def stop(self) -> str:
        """End it in order and return what it said."""
        self._process.terminate()
        said, _ = self._process.communicate(timeout=30)
        return said

    def result(self) -> str:
        """Wait until it ends by itself and return what it said."""
        said, _ = self._process.communicate(timeout=120)
        return said

    def is_alive(self) -> bool:
        return self._process.poll() is None


@contextlib.contextmanager
def workers(count: int, *names: str, **more: Any) -> Iterator[list[WorkerProcess]]:
    """Run workers for the block, whatever happens to them in it."""
    crew = [WorkerProcess(*names, **more) for _ in range(count)]
    try:
        yield crew
    finally:
        for worker in crew:
            worker.kill()


def kill_at_random(crew: list[WorkerProcess], *names: str, **more: Any) -> None:
    """Kill one of the crew and put a new one in its place."""
    place = random.randrange(len(crew))
    crew[place].kill()
    crew[place] = WorkerProcess(*names, **more)
