"""Pages while others append."""

from __future__ import annotations

import itertools
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from rest_framework.test import APIClient

from eventstore import reading, store
from eventstore.models import TenantGrant
from tests.eventstore.conftest import Session
from tests.factories import new_event

EVENTS = "/api/v1/events/"


def write(tenant: str, number: int, stopped: threading.Event) -> None:
    """Append alone and in transactions that stay open for a while, until told to end.

    So positions are drawn in one order and committed in another.
    """
    count = 0
    try:
        while not stopped.is_set() and count < 400:
            count += 1
            with transaction.atomic():
                for part in range(1 + count % 3):
                    event_id = f"{tenant}-{number}-{count}-{part}"
                    event = new_event(event_id=event_id, aggregate_id=event_id)
                    store.append_event(event, tenant)
                if count % 5 == number:
                    stopped.wait(0.005)
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("query", ["", "&event_type=RequirementCreated"])
def test_pages_show_each_event_once_while_others_append(query: str) -> None:
    user = User.objects.create_user("ann")
    for tenant in ("acme", "beta"):
        TenantGrant.objects.create(user=user, tenant_id=tenant)
    client = APIClient()
    client.force_authenticate(user)
    stopped = threading.Event()
    writers = [
        threading.Thread(target=write, args=(tenant, number, stopped))
        for number, tenant in enumerate(("acme", "beta", "foreign", "acme"))
    ]
    for writer in writers:
        writer.start()
    seen: list[str] = []
    last = 0
    try:
        # Begin anew after the last event whenever a list has come to its end.
        while len(seen) < 300:
            address = f"{EVENTS}?page_size=7&position_after={last}{query}"
            while address:
                body = client.get(address).json()
                seen += [event["event_id"] for event in body["results"]]
                if body["results"]:
                    last = body["results"][-1]["position"]
                address = body["next"]
    finally:
        stopped.set()
        for writer in writers:
            writer.join()
    address = f"{EVENTS}?page_size=500&position_after={last}{query}"
    while address:
        body = client.get(address).json()
        seen += [event["event_id"] for event in body["results"]]
        address = body["next"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_id FROM stored_domain_events WHERE tenant_id <> 'foreign'"
            " ORDER BY position"
        )
        assert seen == [event_id for (event_id,) in cursor.fetchall()]


@pytest.mark.django_db
def test_a_range_of_stored_time_begins_at_its_start_and_ends_before(
    client: APIClient,
) -> None:
    stored = [
        store.append_event(new_event(event_id=f"e-{number}"), "acme")
        for number in range(4)
    ]
    first, last = stored[1].stored_at, stored[3].stored_at
    answer = client.get(
        EVENTS,
        {"stored_from": first.isoformat(), "stored_before": last.isoformat()},
    )
    assert [row["event_id"] for row in answer.json()["results"]] == ["e-1", "e-2"]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_waited_for_its_position_is_found_by_its_time(
    client: APIClient, session: Session
) -> None:
    store.append_event(new_event(aggregate_id="B"), "acme")
    session.begin()
    session.run(store.append_event, new_event(aggregate_id="B"), "acme")
    # Takes the time of A, and waits for B.
    batch = [
        new_event(event_id="waited", aggregate_id="A"),
        new_event(aggregate_id="B"),
    ]
    pending: list[Any] = []

    def append() -> None:
        pending.extend(store.append_events(batch, "acme"))
        connections.close_all()

    waiting = threading.Thread(target=append)
    waiting.start()
    waiting.join(0.3)
    for number in range(20):
        event = new_event(event_id=f"between-{number}", aggregate_id=f"C-{number}")
        store.append_event(event, "acme")
    session.commit()
    waiting.join()
    early = pending[0].stored_at
    answer = client.get(
        EVENTS, {"stored_before": (early + timedelta(microseconds=1)).isoformat()}
    )
    assert "waited" in [row["event_id"] for row in answer.json()["results"]]


@pytest.mark.django_db
def test_a_moment_becomes_the_positions_around_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "STORED_TOLERANCE", 0.0)
    assert reading.stored_bounds(None, None) == (None, None)
    # In one transaction the clock goes on, so that each has a time of its own.
    stored = [store.append_event(new_event(), "acme") for _ in range(20)]
    assert reading.stored_bounds(stored[0].stored_at, None) == (0, None)
    for before, event in itertools.pairwise(stored):
        assert reading.stored_bounds(event.stored_at, event.stored_at) == (
            before.position,
            before.position,
        )
    beyond = stored[-1].stored_at + timedelta(seconds=1)
    assert reading.stored_bounds(None, beyond) == (None, stored[-1].position)


@pytest.mark.django_db
def test_events_of_several_types_come_in_one_order(client: APIClient) -> None:
    for number in range(9):
        event = new_event(f"Type-{number % 3}", event_id=f"e-{number}")
        store.append_event(event, "acme")
    address = f"{EVENTS}?event_type=Type-0&event_type=Type-2&page_size=4"
    ids: list[str] = []
    while address:
        body = client.get(address).json()
        ids += [row["event_id"] for row in body["results"]]
        address = body["next"]
    assert ids == ["e-0", "e-2", "e-3", "e-5", "e-6", "e-8"]
    many = "&".join(f"event_type=T-{number}" for number in range(51))
    assert client.get(f"{EVENTS}?{many}").status_code == 400
