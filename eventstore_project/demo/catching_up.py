"""Let the demo's subscriptions come as far as the log is."""

from __future__ import annotations

import threading
import time

from eventstore.subscriptions import checkpoints, status
from eventstore.subscriptions.declaration import subscriptions
from eventstore.subscriptions.worker import Worker
from eventstore_project.demo.errors import DemoRefusedError

#: What the demo and the console declare; added webhooks are not waited for.
NAMES = (
    "audit-console-actor-counts",
    "audit-console-event-counts",
    "demo-deployment",
    "demo-releases",
    "demo-requirements",
    "process:ReleaseReadiness",
)
#: Seconds.
_PATIENCE = 60.0
_LOOK = 0.1


def begin() -> None:
    """Create the checkpoints that are missing: "now" is the end of the story then."""
    for name in NAMES:
        checkpoints.create(subscriptions.get(name))


def catch_up() -> None:
    """Run a worker until nothing waits; none if nothing does.

    Raises:
        DemoRefusedError: something still waits after a minute.
    """
    if _is_caught_up():
        return
    worker = Worker(NAMES)
    running = threading.Thread(target=worker.run)
    running.start()
    try:
        _wait()
    finally:
        worker.stop()
        running.join()


def _wait() -> None:
    until = time.monotonic() + _PATIENCE
    while not _is_caught_up():
        if time.monotonic() > until:
            raise DemoRefusedError(
                f"The subscriptions have not caught up in {_PATIENCE:.0f} seconds. "
                "`manage.py eventstore_subscriptions` says how they stand."
            )
        time.sleep(_LOOK)


def _is_caught_up() -> bool:
    return not any(found.waiting or found.retrying for found in status.read(NAMES))
