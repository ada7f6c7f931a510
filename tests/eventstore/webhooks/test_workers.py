"""Endpoints while workers run, are killed, and take over."""

from __future__ import annotations

import random
import threading
import time

import pytest
from django.db import connection

from eventstore import store
from eventstore.subscriptions import checkpoints
from eventstore.webhooks import endpoints, subscribing
from tests.eventstore.webhooks.conftest import SETTINGS
from tests.eventstore.webhooks.crew import webhook_worker
from tests.eventstore.webhooks.receiver import OK, receiving
from tests.factories import new_event
from tests.waiting import eventually

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("intranet"),
]


def append(*aggregates):
    return [
        store.append_event(new_event(aggregate_id=aggregate_id), "acme").event_id
        for aggregate_id in aggregates
    ]


def subjects(receiver):
    return [request.event["subject"] for request in receiver.requests]


def test_a_running_worker_serves_an_endpoint_within_seconds_of_its_making(
    working, receiver
):
    with working():
        time.sleep(0.5)
        subscribing.add("acme", receiver.url)
        append("a")
        eventually(lambda: subjects(receiver) == ["a"], seconds=5)


def test_a_disabled_endpoint_gets_nothing_until_it_is_enabled_and_then_all(
    working, receiver
):
    endpoint, _ = subscribing.add("acme", receiver.url)
    with working():
        append("a")
        eventually(lambda: subjects(receiver) == ["a"], seconds=5)
        endpoints.disable(endpoint.pk, "maintenance")
        append("b")
        time.sleep(1.5)
        assert subjects(receiver) == ["a"]
        endpoints.enable(endpoint.pk)
        eventually(lambda: subjects(receiver) == ["a", "b"], seconds=6)


def test_a_paused_endpoint_waits_like_every_subscription(working, receiver):
    endpoint, _ = subscribing.add("acme", receiver.url)
    with working():
        checkpoints.set_state(endpoints.name_of(endpoint.pk), "paused")
        append("a")
        time.sleep(1.5)
        assert receiver.requests == []
        checkpoints.set_state(endpoints.name_of(endpoint.pk), "running")
        eventually(lambda: subjects(receiver) == ["a"], seconds=6)


def test_new_filters_and_a_new_url_count_within_seconds(working, receiver):
    endpoint, _ = subscribing.add("acme", receiver.url, event_types=["Nothing"])
    with working(), receiving() as moved:
        append("a")
        time.sleep(0.5)
        endpoints.listing().filter(pk=endpoint.pk).update(
            event_types=None, url=moved.url
        )

        def arrived():
            append("b")
            return bool(moved.requests)

        eventually(arrived, seconds=8)
    assert receiver.requests == []


def test_an_endpoint_that_is_broken_or_slow_holds_no_other(working, receiver):
    may_end = threading.Event()
    with (
        receiving(lambda request: (500, {}, b"")) as broken,
        receiving(raw=lambda handler, request: may_end.wait(10)) as slow,
    ):
        for url in (broken.url, slow.url, receiver.url):
            subscribing.add("acme", url)
        with working():
            sent = append(*"abcdefghij")
            eventually(lambda: receiver.ids == sent, seconds=10)
            may_end.set()
    assert broken.requests
    assert slow.requests


def test_several_requests_at_a_time_keep_the_order_of_each_aggregate(working):
    def answer(request):
        time.sleep(random.uniform(0.0, 0.02))
        return OK

    with receiving(answer) as receiver:
        subscribing.add("acme", receiver.url, partitions=4)
        names = [f"R-{n % 10}" for n in range(100)]
        sent = append(*names)
        with working():
            eventually(lambda: len(receiver.requests) == 100, seconds=20)
    assert sorted(receiver.ids) == sorted(sent)
    for name in set(names):
        versions = [
            int(request.event["aggregateversion"])
            for request in receiver.requests
            if request.event["subject"] == name
        ]
        assert versions == list(range(1, 11))


def test_killed_workers_deliver_everything_at_least_once_under_the_same_ids():
    def answer(request):
        time.sleep(0.005)
        return (500, {}, b"") if random.random() < 0.05 else OK

    with receiving(answer) as receiver:
        endpoint, secret = subscribing.add("acme", receiver.url)
        sent = append(*(f"R-{n % 20}" for n in range(200)))
        for kill_at in (30, 100):
            with webhook_worker(SETTINGS | {"WEBHOOK_MAX_ATTEMPTS": 50}) as worker:
                eventually(lambda: len(receiver.requests) > kill_at)  # noqa: B023
                worker.kill()
            _let_the_lease_run_out()
        with webhook_worker(SETTINGS | {"WEBHOOK_MAX_ATTEMPTS": 50}):
            eventually(lambda: _is_done(endpoint), seconds=40)
    assert set(receiver.ids) == set(sent)
    assert all(request.is_signed_with(secret) for request in receiver.requests)


def _let_the_lease_run_out():
    """As if the ten seconds had passed."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE event_subscriptions SET lease_until = now()")
        cursor.execute("DELETE FROM event_workers")


def _is_done(endpoint):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT position, (SELECT count(*) FROM event_failures)"
            " FROM event_subscriptions WHERE name = %s",
            [endpoints.name_of(endpoint.pk)],
        )
        [(position, failures)] = cursor.fetchall()
    return position == store.stable_position() and failures == 0
