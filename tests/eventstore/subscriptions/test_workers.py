"""Workers as processes: killed, stopped, fighting for the same work."""

from __future__ import annotations

import random
import time
from collections import Counter as Tally

import pytest
from django.db import connection

from eventstore import store
from eventstore.subscriptions import status
from tests.eventstore.projections.counters import counted
from tests.eventstore.subscriptions.crew import WorkerProcess, kill_at_random, workers
from tests.factories import new_event
from tests.waiting import eventually

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("counter_table"),
]


def append(total: int, batch: int = 50) -> Tally[str]:
    """Append events of two hundred aggregates in random order; return their counts."""
    expected: Tally[str] = Tally()
    for _ in range(total // batch):
        ids = [f"R-{random.randrange(200)}" for _ in range(batch)]
        store.append_events(
            [new_event("Counted", aggregate_id=one) for one in ids], "t"
        )
        expected.update(ids)
    return expected


def is_level(name: str, position: int) -> bool:
    found = [row.position for row in status.read([name])]
    return bool(found) and min(found) >= position


def assert_counted(expected: Tally[str]) -> None:
    assert counted() == {key: (count, True) for key, count in expected.items()}


@pytest.mark.parametrize("name", ["counters", "bulk-counters"])
def test_killed_workers_lose_nothing_and_do_nothing_twice(name):
    expected: Tally[str] = Tally()
    with workers(2, name) as crew:
        for _ in range(6):
            expected.update(append(1000))
            kill_at_random(crew, name)
        eventually(lambda: is_level(name, store.stable_position()))
    assert_counted(expected)


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["counters", "bulk-counters"])
def test_killed_workers_lose_nothing_of_100_000_events(name):
    expected: Tally[str] = Tally()
    with workers(2, name) as crew:
        for _ in range(50):
            expected.update(append(2000, batch=500))
            kill_at_random(crew, name)
        eventually(lambda: is_level(name, store.stable_position()), seconds=300)
    assert_counted(expected)


def test_two_workers_share_the_partitions():
    with workers(2, "counters"):
        eventually(
            lambda: (
                sorted(Tally(row.worker for row in status.read()).values()) == [2, 2]
            )
        )


def test_a_worker_that_comes_later_gets_its_share():
    with workers(1, "bulk-counters") as crew:
        eventually(lambda: Tally(row.worker for row in status.read()).total() == 2)
        eventually(lambda: all(row.is_run for row in status.read()))
        crew.append(WorkerProcess("bulk-counters"))
        eventually(
            lambda: (
                len({row.worker for row in status.read()}) == 2
                and all(row.is_run for row in status.read())
            ),
            seconds=15,
        )


def test_a_dead_workers_share_is_taken_over_within_the_lease_time():
    with workers(1, "counters") as crew:
        eventually(lambda: all(row.is_run for row in status.read()) and is_running())
        crew[0].kill()
        began = time.monotonic()
        crew.append(WorkerProcess("counters"))
        expected = append(200)
        eventually(lambda: is_level("counters", store.stable_position()))
    assert time.monotonic() - began < 15
    assert_counted(expected)


def is_running() -> bool:
    return bool(status.read())


def test_sigterm_ends_a_worker_in_order_and_frees_its_share():
    with workers(1, "counters") as crew:
        eventually(lambda: is_running() and all(row.is_run for row in status.read()))
        assert crew[0].stop() == "ready\nended\n"
    assert [row.worker for row in status.read()] == [""] * 4


def test_a_lost_notification_delays_and_does_not_hang(settings):
    settings.EVENTSTORE = {"NOTIFY": False}
    with workers(1, "counters", POLL="0.5"):
        eventually(is_running)
        expected = append(50)
        eventually(lambda: is_level("counters", store.stable_position()), seconds=15)
    assert_counted(expected)


def test_a_clock_that_jumps_changes_nothing():
    with workers(2, "counters", CLOCK_JUMPS="1") as crew:
        expected = append(500)
        kill_at_random(crew, "counters", CLOCK_JUMPS="1")
        expected.update(append(500))
        eventually(lambda: is_level("counters", store.stable_position()))
    assert_counted(expected)


def test_broken_connections_are_made_again():
    expected: Tally[str] = Tally()
    with workers(1, "counters") as crew:
        eventually(is_running)
        for _ in range(3):
            expected.update(append(200))
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        eventually(lambda: is_level("counters", store.stable_position()))
        assert crew[0].is_alive()
    assert_counted(expected)


def test_workers_for_some_names_leave_nothing_to_nobody():
    with workers(1, "counters"), workers(1, "counters", "bulk-counters"):
        eventually(lambda: len(status.read()) == 6 and all_are_run())
        time.sleep(2)
        eventually(all_are_run)
        assert len({row.worker for row in status.read()}) == 2


def all_are_run() -> bool:
    return all(row.is_run for row in status.read())
