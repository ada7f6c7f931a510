"""The workers beside the demo: processes of their own that live as long as the demo.

Run as a module it is one of them, ``manage.py eventstore_worker`` or ``audit_worker``,
which also ends when its parent does, however that ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from eventstore_project import database, embedded

LOG = "demo-worker.log"
#: What each of them does: subscriptions with the console's counts; exports.
COMMANDS = ("eventstore_worker", "audit_worker")
_ROOT = Path(__file__).resolve().parents[2]
#: By its name, also where it runs as ``__main__``.
_NAME = "eventstore_project.demo.working"
_WATCH = 0.5
#: Seconds before a worker that has died is replaced: the first time, and at most.
_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
#: Seconds that a worker has to finish what it has in hand.
_PATIENCE = 20.0

#: Is told what happens.
Say = Callable[[str], None]


def log_path() -> Path:
    """Return where the workers' output goes."""
    return embedded.private_folder() / LOG


@contextlib.contextmanager
def beside(say: Say) -> Iterator[None]:
    """Have the workers run meanwhile; one that dies is said and replaced."""
    stopping = threading.Event()
    with log_path().open("wb") as log:
        watches = [
            threading.Thread(target=_watch, args=(command, log.fileno(), say, stopping))
            for command in COMMANDS
        ]
        for watch in watches:
            watch.start()
        try:
            yield
        finally:
            stopping.set()
            for watch in watches:
                watch.join()


def _watch(command: str, log: int, say: Say, stopping: threading.Event) -> None:
    """Start a worker; replace it when it dies; end it when the demo stops."""
    worker, pause = _start(command, log), _PAUSE
    try:
        while not stopping.wait(_WATCH):
            if worker.poll() is None:
                continue
            say(
                f"The worker has ended (exit code {worker.returncode}) and is started "
                f"anew: manage.py {command}. What it said: {log_path()}"
            )
            stopping.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
            if not stopping.is_set():
                worker = _start(command, log)
    finally:
        _end(worker)


def _start(command: str, log: int) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches the demo alone, which ends it in order.
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", _NAME, command],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
    if worker.stdin is not None:
        worker.stdin.close()


def _end_with_parent() -> None:
    """Wait for the end of the input, which the parent holds and never writes to."""
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_PATIENCE)
    os.kill(os.getpid(), signal.SIGKILL)


def _main() -> None:
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - after the settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eventstore_project.settings")
    threading.Thread(target=_end_with_parent, daemon=True).start()
    command = [str(_ROOT / "manage.py"), *sys.argv[1:]]
    database.ensure_running_for(command)
    execute_from_command_line(command)


if __name__ == "__main__":
    _main()
