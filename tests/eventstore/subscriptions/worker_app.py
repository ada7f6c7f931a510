"""A worker process of the tests: ``python -m tests.eventstore.subscriptions.worker_app``.

Its database comes as JSON in ``TEST_DATABASE``. With ``CLOCK_JUMPS`` the process's wall
clock jumps by hours, back and forth, all the time.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from types import FrameType

import django
from django.db import connection


def main() -> None:
    django.setup()
    connection.settings_dict.update(json.loads(os.environ["TEST_DATABASE"]))
    if os.environ.get("CLOCK_JUMPS"):
        real = time.time
        time.time = lambda: real() + random.uniform(-86_400, 86_400)

    from eventstore.subscriptions import leases, wakeup, worker
    from tests.eventstore.projections.counters import BulkCounters, Counters

    # A dead worker's share is free sooner than in life: tests have less patience.
    leases.LEASE = float(os.environ.get("LEASE", "2"))
    worker._BALANCE = 0.2
    wakeup.POLL = float(os.environ.get("POLL", "1"))
    Counters.batch_size = 20
    Counters.partitions = 4
    BulkCounters.batch_size = 200
    Counters.register()
    BulkCounters.register()
    running = worker.Worker(sys.argv[1:])

    def stop(number: int, frame: FrameType | None) -> None:
        running.stop()

    signal.signal(signal.SIGTERM, stop)
    print("ready", flush=True)
    running.run()
    print("ended", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eventstore_project.settings")
    main()
