"""A process of the tests: ``python -m tests.eventstore.subscriptions.worker_app NAME``.

A worker for the named subscription, or with ``--append N`` a writer of N events. Its
database comes as JSON in ``TEST_DATABASE``; ``LISTEN_TO`` is another way to the same
one, past a pooler. With ``CLOCK_JUMPS`` the process's wall clock jumps by hours, back
and forth, all the time.
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
from django.conf import settings as django_settings
from django.db import Error, connection, connections

from eventstore.conf import store_settings


def main() -> None:
    django.setup()
    settings = connection.settings_dict
    settings.update(json.loads(os.environ["TEST_DATABASE"]))
    if "LISTEN_TO" in os.environ:
        # What a host behind PgBouncer 1.20 and older sets.
        direct = {**settings, **json.loads(os.environ["LISTEN_TO"])}
        connections.settings["direct"] = direct
        store_settings.cache_clear()
        django_settings.EVENTSTORE = {
            "PREPARE_STATEMENTS": False,
            "LISTEN_DATABASE": "direct",
        }
    if os.environ.get("CLOCK_JUMPS"):
        real = time.time
        time.time = lambda: real() + random.uniform(-86_400, 86_400)
    if sys.argv[1] == "--append":
        write(int(sys.argv[2]))
    else:
        work(sys.argv[1:])


def write(count: int) -> None:
    """Append until all are stored, over every failure of the database."""
    from eventstore import store
    from tests.factories import new_event

    for number in range(count):
        event = new_event("Counted", aggregate_id=f"R-{number % 50}")
        tries = 0
        while True:
            try:
                store.append_event(event, "t")
                break
            except Error:
                connection.close()
                tries += 1
                if tries > 400:
                    raise
                time.sleep(0.05)
    print(count, flush=True)


def work(names: list[str]) -> None:
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
    running = worker.Worker(names)

    def stop(number: int, frame: FrameType | None) -> None:
        running.stop()

    signal.signal(signal.SIGTERM, stop)
    print("ready", flush=True)
    running.run()
    print("ended", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eventstore_project.settings")
    main()
