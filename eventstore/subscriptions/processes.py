"""Several worker processes under one that watches them."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Sequence

logger = logging.getLogger(__name__)

#: Seconds between two looks at the processes; also the pause before one is replaced.
_WATCH = 0.5


class Supervisor:
    """Starts worker processes, replaces those that die, and ends them in order.

    Args:
        names: the subscriptions, as for ``Worker``.
        processes: how many.
    """

    def __init__(self, names: Sequence[str], processes: int) -> None:
        """Keep what to start."""
        self.command = [sys.executable, sys.argv[0], "eventstore_worker", *names]
        self.processes = processes
        self._stopping = threading.Event()
        self._running: list[subprocess.Popen[bytes]] = []

    def stop(self) -> None:
        """Have all processes finish what they have in hand."""
        self._stopping.set()

    def run(self) -> None:
        """Watch the processes until ``stop()``."""
        try:
            while not self._stopping.is_set():
                self._fill_up()
                self._stopping.wait(_WATCH)
        finally:
            for process in self._running:
                process.terminate()
            for process in self._running:
                process.wait()

    def _fill_up(self) -> None:
        for process in list(self._running):
            if process.poll() is not None:
                logger.warning(
                    "A worker process has died and is replaced.",
                    extra={"pid": process.pid, "exit_code": process.returncode},
                )
                self._running.remove(process)
        while len(self._running) < self.processes:
            # A session of its own: Ctrl-C reaches this process alone, which ends them.
            self._running.append(
                subprocess.Popen(self.command, start_new_session=True)  # noqa: S603 - our own command
            )
