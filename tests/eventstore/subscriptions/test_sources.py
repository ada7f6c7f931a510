"""Subscriptions that come and go while a worker runs, and handlers that put off."""

from __future__ import annotations

import contextlib
import threading
import time

import pytest
from django.db import connection

from eventstore import store
from eventstore.exceptions import SubscriptionError
from eventstore.subscriptions import checkpoints
from eventstore.subscriptions.declaration import (
    NotNow,
    RetryLater,
    Subscription,
    SubscriptionRegistry,
)
from eventstore.subscriptions.worker import Worker
from tests.eventstore.subscriptions.bench import Bench, Collector
from tests.factories import new_event
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def append(*aggregates):
    for aggregate_id in aggregates:
        store.append_event(new_event(aggregate_id=aggregate_id), "acme")


@contextlib.contextmanager
def running(registry, *names):
    worker = Worker(names, registry=registry)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(timeout=30)


class TestSources:
    def test_a_running_worker_picks_up_what_a_source_names_anew(self):
        seen, rows = Collector(), list[Subscription]()
        registry = SubscriptionRegistry()
        registry.add_source(lambda: rows)
        with running(registry):
            append("a")
            rows.append(Subscription(name="late", handle=seen))
            eventually(lambda: len(seen.seen) == 1, seconds=10)

    def test_it_drops_what_is_no_longer_named_and_gives_the_lease_back(self):
        seen = Collector()
        rows = [Subscription(name="gone", handle=seen)]
        registry = SubscriptionRegistry()
        registry.add_source(lambda: rows)
        with running(registry):
            append("a")
            eventually(lambda: len(seen.seen) == 1, seconds=10)
            rows.clear()
            eventually(lambda: _lease_owners() == [""], seconds=10)
            append("b")
            time.sleep(0.3)
            assert len(seen.seen) == 1

    def test_it_runs_what_has_changed_in_its_new_form(self):
        old, new = Collector(), Collector()
        rows = [Subscription(name="one", handle=old)]
        registry = SubscriptionRegistry()
        registry.add_source(lambda: rows)
        with running(registry):
            append("a")
            eventually(lambda: len(old.seen) == 1, seconds=10)
            rows[:] = [Subscription(name="one", handle=new)]
            eventually(lambda: _is_run_as(new), seconds=10)
        probes = len(old.seen) - 1 + len(new.seen)
        assert old.story + new.story == [
            ("a", 1),
            *(("probe", number + 1) for number in range(probes)),
        ]

    def test_one_that_cannot_be_run_keeps_the_others_from_nothing(self):
        seen, rows = Collector(), list[Subscription]()
        checkpoints.create(Subscription(name="bad", handle=seen, partitions=2))
        registry = SubscriptionRegistry()
        registry.add_source(lambda: rows)
        with running(registry):
            append("a")
            rows += [
                Subscription(name="bad", handle=seen),
                Subscription(name="good", handle=seen),
            ]
            eventually(lambda: len(seen.seen) == 1, seconds=10)

    def test_names_can_be_patterns(self):
        registry = SubscriptionRegistry()
        registry.add_source(
            lambda: [Subscription(name=f"hook:{n}", handle=Collector()) for n in (1, 2)]
        )
        registry.add(Subscription(name="mails", handle=Collector()))
        assert Worker(["hook:*"], registry=registry).names == ["hook:1", "hook:2"]
        assert Worker(["hook:2"], registry=registry).names == ["hook:2"]
        assert Worker(registry=registry).names == ["hook:1", "hook:2", "mails"]
        with pytest.raises(SubscriptionError, match="No subscription is called 'nope'"):
            Worker(["nope"], registry=registry)


def _is_run_as(collector):
    append("probe")
    return bool(collector.seen)


def _lease_owners():
    with connection.cursor() as cursor:
        cursor.execute("SELECT lease_owner FROM event_subscriptions")
        return [row[0] for row in cursor.fetchall()]


class TestEnding:
    def test_a_paused_subscription_goes_on_when_the_same_worker_is_told_so(self):
        seen = Collector()
        registry = SubscriptionRegistry()
        registry.add(Subscription(name="mails", handle=seen))
        with running(registry):
            append("a")
            eventually(lambda: len(seen.seen) == 1, seconds=10)
            checkpoints.set_state("mails", "paused")
            eventually(lambda: _lease_owners() == [""], seconds=10)
            append("b")
            checkpoints.set_state("mails", "running")
            eventually(lambda: len(seen.seen) == 2, seconds=10)

    def test_a_slow_event_of_one_that_ends_does_not_stop_the_worker_from_living(self):
        begun, may_end, other = threading.Event(), threading.Event(), Collector()

        def slow(event):
            begun.set()
            may_end.wait(30)

        registry = SubscriptionRegistry()
        registry.add(Subscription(name="slow", handle=slow))
        registry.add(Subscription(name="other", handle=other))
        with running(registry) as worker:
            append("a")
            assert begun.wait(10)
            checkpoints.set_state("slow", "paused")
            time.sleep(1.5)
            before = worker._last_beat
            eventually(lambda: worker._last_beat > before, seconds=5)
            append("b")
            eventually(lambda: len(other.seen) == 2, seconds=5)
            may_end.set()


class TestPuttingOff:
    def test_an_event_that_is_put_off_is_no_failure_and_the_next_wait_too(self):
        seen = Collector()
        closed = [True]

        def handle(event):
            if closed and event.aggregate_id == "b":
                raise NotNow
            seen(event)

        append("a", "b", "c")
        bench = Bench(Subscription(name="doors", handle=handle))
        bench.run()
        assert seen.story == [("a", 1)]
        assert bench.failures() == []
        closed.clear()
        bench.run()
        assert seen.story == [("a", 1), ("b", 1), ("c", 1)]

    def test_a_retry_that_is_put_off_keeps_its_attempts(self):
        errors = [ValueError("first"), NotNow(), NotNow()]
        seen = Collector()

        def handle(event):
            if errors:
                raise errors.pop(0)
            seen(event)

        append("a")
        bench = Bench(Subscription(name="doors", handle=handle))
        bench.run()
        for _ in range(2):
            bench.make_due()
            bench.run()
            assert bench.failures() == [("a", "retrying", 1)]
        bench.run()
        assert seen.story == [("a", 1)]

    def test_in_a_transaction_what_was_done_is_undone_and_done_again(self):
        calls, closed = [], [True]

        def handle(event):
            calls.append(event.aggregate_id)
            if closed and event.aggregate_id == "b":
                raise NotNow

        append("a", "b")
        bench = Bench(Subscription(name="t", handle=handle, is_transactional=True))
        bench.run()
        first = store.get_events_for_aggregate("a", "acme")[0].position
        assert bench.positions()[0] < first
        closed.clear()
        calls.clear()
        bench.run()
        assert calls == ["a", "b"]

    def test_a_handler_can_say_how_long_to_wait(self):
        def handle(event):
            raise RetryLater("busy", 3600)

        append("a")
        bench = Bench(Subscription(name="busy", handle=handle))
        bench.run()
        with connection.cursor() as cursor:
            cursor.execute("SELECT next_attempt_at - now() FROM event_failures")
            [(wait,)] = cursor.fetchall()
        assert 3590 < wait.total_seconds() <= 3600
