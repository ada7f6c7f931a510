"""What people and other workers do while a batch is in hand."""

from __future__ import annotations

import threading
from concurrent.futures import Future, wait
from typing import Any

import pytest
from django.db import connection, connections

from eventstore import store
from eventstore.subscriptions import checkpoints, failures, leases
from eventstore.subscriptions.checkpoints import LostLease
from eventstore.subscriptions.declaration import Subscription, SubscriptionRegistry
from eventstore.subscriptions.worker import Worker
from tests.eventstore.subscriptions.bench import Bench, Collector
from tests.factories import new_event
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def append(*aggregates: str) -> None:
    for aggregate_id in aggregates:
        store.append_event(new_event("Seen", aggregate_id=aggregate_id), "acme")


def new(handle: Any, **fields: Any) -> Subscription:
    return Subscription(**({"name": "mails", "handle": handle} | fields))


@pytest.mark.parametrize("is_transactional", [False, True])
@pytest.mark.parametrize("batch", [("b", "a", "a"), ("a", "b", "a")])
def test_a_discard_while_a_batch_is_in_hand_leaves_nobody_waiting_for_ever(
    session, is_transactional, batch
):
    append("a")
    seen = Collector()
    decided: list[Future[int]] = []

    def handle(event):
        if event.aggregate_id == "b" and not decided:
            decided.append(session.start(failures.discard, "mails"))
            # Where the batch is a transaction, the decision may wait for its end.
            wait(decided, timeout=0.5)
        seen(event)

    seen.fails = lambda event: (
        event.aggregate_version == 1 and (event.aggregate_id == "a")
    )
    bench = Bench(new(handle, max_attempts=1, is_transactional=is_transactional))
    bench.run()
    append(*batch)
    bench.run()
    assert decided[0].result() == 1
    bench.run()
    assert seen.story[-2:] == [("a", 2), ("a", 3)]
    assert bench.failures() == [("a", "discarded", 1)]


def test_whoever_lost_the_lease_records_no_failure():
    append("a")

    def handle(_):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE event_subscriptions SET lease_owner = 'another'")
        raise ValueError("too late")

    bench = Bench(new(handle))
    with pytest.raises(LostLease):
        bench.run()
    assert bench.failures() == []


@pytest.mark.parametrize("message", ["\ud800", "a\x00b"])
def test_an_error_that_is_no_valid_text_holds_its_aggregate_alone(message):
    append("a", "b")
    seen = Collector()

    def handle(event):
        if event.aggregate_id == "a":
            raise ValueError(message)
        seen(event)

    bench = Bench(new(handle))
    bench.run()
    assert seen.story == [("b", 1)]
    assert bench.failures() == [("a", "retrying", 1)]


def test_an_event_can_be_retried_without_end():
    subscription = new(Collector(), max_attempts=10**9, max_backoff=8.0)
    assert 4.0 <= subscription.delay(5000) <= 8.0


def test_a_checkpoint_that_is_set_back_forgets_what_failed_after_it():
    append("a", "a", "a")
    seen = Collector()
    seen.fails = lambda event: event.aggregate_version == 2
    bench = Bench(new(seen, max_attempts=1))
    bench.run()
    checkpoints.set_state("mails", "paused")
    checkpoints.move_all("mails", 0)
    checkpoints.set_state("mails", "running")
    seen.fails = lambda _: False
    seen.seen.clear()
    bench.run()
    assert seen.story == [("a", 1), ("a", 2), ("a", 3)]
    assert bench.failures() == []


def test_work_that_is_done_prolongs_the_lease():
    append("a")
    bench = Bench(new(Collector(), is_transactional=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE event_subscriptions SET lease_until = now() - interval '1 s'"
        )
    bench.run()
    assert leases.acquire("second", ["mails"], bench.registry) is None


def test_a_lease_that_a_worker_holds_and_does_not_run_is_run():
    # As when the answer to its request for the partition was lost.
    append("a")
    seen = Collector()
    bench = Bench(new(seen), owner="forgetful")
    running = Worker(["mails"], registry=bench.registry, owner="forgetful")
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        eventually(lambda: seen.story == [("a", 1)], seconds=10)
    finally:
        running.stop()
        thread.join()


def test_a_worker_that_ends_keeps_the_lease_of_what_is_still_in_hand(monkeypatch):
    monkeypatch.setattr(leases, "LEASE", 2.0)
    append("a")
    begun, go_on = threading.Event(), threading.Event()

    def handle(_):
        begun.set()
        go_on.wait(20)

    registry = SubscriptionRegistry()
    registry.add(new(handle))
    ending = Worker(registry=registry)
    thread = threading.Thread(target=ending.run)
    thread.start()
    try:
        assert begun.wait(10)
        ending.stop()
        thread.join(timeout=leases.LEASE + 1)
        assert leases.acquire("second", ["mails"], registry) is None
    finally:
        go_on.set()
        thread.join()
    assert leases.acquire("second", ["mails"], registry) is not None


def test_a_broken_connection_to_another_database_is_made_again(monkeypatch):
    append("a", "b")
    other = connection.copy("other")

    def connect():
        if other.connection is None:
            other.connect()

    # Past the guard of Django's test cases, which knows only aliases of the start.
    monkeypatch.setattr(other, "ensure_connection", connect)
    monkeypatch.setitem(connections.settings, "other", other.settings_dict)
    connections["other"] = other
    seen = Collector()

    def handle(event):
        with connections["other"].cursor() as cursor:
            if not seen.seen:
                cursor.execute("SELECT pg_backend_pid()")
                seen(event)
                pid = cursor.fetchone()
                with connection.cursor() as mine:
                    mine.execute("SELECT pg_terminate_backend(%s)", pid)
            cursor.execute("SELECT 1")
        seen(event)

    try:
        bench = Bench(new(handle))
        bench.run()
        assert bench.failures() == [("a", "retrying", 1)]
    finally:
        other.close()
        del connections["other"]
