"""Real processes against the test database: a leader that forks workers.

The leader is a process of its own (``python -m tests.stress.crew``): it loads Django
once and opens no connection, so that forking many workers is cheap and clean. Each
worker runs one function of :mod:`tests.stress.workers` with its number and a connection
of its own; what it returns comes back as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection

ROOT = Path(__file__).parents[2]


class Crew(NamedTuple):
    """What the workers returned, by their numbers, and how many were killed."""

    results: list[Any]
    killed: int


def run_crew(act: str, count: int, *, timeout: float, **args: Any) -> Crew:
    """Run ``workers.<act>(number, **args)`` in ``count`` processes at once.

    A worker that is killed by SIGKILL is replaced by a new one under its number until
    one returns: dying is part of what some of them do.
    """
    settings = connection.settings_dict
    keys = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    order = {
        "act": act,
        "count": count,
        "args": args,
        "database": {key: settings[key] for key in keys},
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.stress.crew"],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return Crew(*json.loads(done.stdout))


def _lead(order: dict[str, Any]) -> Crew:
    import django

    django.setup()
    connection.settings_dict.update(order["database"])
    with tempfile.TemporaryDirectory() as folder:
        start_at = time.time() + 0.2
        crew, killed = {}, 0
        for number in range(order["count"]):
            crew[_fork(order, number, Path(folder), start_at)] = number
        while crew:
            pid, status = os.wait()
            number = crew.pop(pid)
            if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
                killed += 1
                crew[_fork(order, number, Path(folder), start_at)] = number
            elif status:
                raise SystemExit(f"worker {number} failed ({status})")
        results = [
            json.loads((Path(folder) / str(number)).read_text())
            for number in range(order["count"])
        ]
    return Crew(results, killed)


def _fork(order: dict[str, Any], number: int, folder: Path, start_at: float) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        from tests.stress import workers

        time.sleep(max(0, start_at - time.time()))
        found = getattr(workers, order["act"])(number, **order["args"])
        (folder / str(number)).write_text(json.dumps(found))
        code = 0
    except BaseException:  # noqa: BLE001 - reported by the leader's standard error
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eventstore_project.settings")
    print(json.dumps(_lead(json.load(sys.stdin))))
