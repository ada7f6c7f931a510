from __future__ import annotations

from datetime import UTC

import pytest
from django.db import connection

from eventstore import (
    ConcurrencyError,
    DuplicateEventError,
    InvalidEvent,
    StoredDomainEvent,
    store,
)
from tests.factories import new_event

pytestmark = pytest.mark.usefixtures("either_way")


def test_an_empty_batch_is_stored_without_asking_the_database(
    django_assert_num_queries,
):
    with django_assert_num_queries(0):
        assert store.append_events([], "acme") == []


def test_a_batch_may_come_from_a_generator():
    stored = store.append_events((new_event() for _ in range(3)), "acme")
    assert [event.aggregate_version for event in stored] == [1, 2, 3]


@pytest.mark.parametrize("size", [1, 2, 50])
def test_an_append_is_one_query_however_many_events(size, django_assert_num_queries):
    batch = [new_event(aggregate_id=f"R-{number % 7}") for number in range(size)]
    with django_assert_num_queries(1):
        store.append_events(batch, "acme")


@pytest.mark.parametrize("size", [1, 2])
def test_a_refused_append_is_one_query_in_a_transaction_else_two(
    size, django_assert_num_queries
):
    store.append_event(new_event(), "acme")
    queries = 1 if connection.in_atomic_block else 2
    with django_assert_num_queries(queries), pytest.raises(ConcurrencyError):
        store.append_events(
            [new_event() for _ in range(size)], "acme", expected_version=0
        )


def test_positions_follow_the_order_of_the_batch_over_many_aggregates():
    batch = [
        new_event(aggregate_id=f"R-{number * 37 % 11}", data={"number": number})
        for number in range(60)
    ]
    stored = store.append_events(batch, "acme")
    assert [event.event_id for event in stored] == [event.event_id for event in batch]
    positions = [event.position for event in stored]
    assert positions == sorted(positions)
    assert [event.data["number"] for event in store.get_events_after("acme", 0)] == [
        *range(60)
    ]
    for number in range(11):
        history = store.get_events_for_aggregate(f"R-{number}", "acme")
        assert [event.aggregate_version for event in history] == [
            *range(1, len(history) + 1)
        ]


@pytest.mark.parametrize("size", [1, 3])
def test_what_append_returns_is_what_a_read_returns(size):
    batch = [
        new_event(
            data={"text": "naïve ☃ 🦉", "list": [1, 2.5, None, True, {"deep": []}]},
            metadata={"actor": {"type": "user", "id": "7"}, "ip": "::1"},
        )
        for _ in range(size)
    ]
    stored = store.append_events(batch, "acme")
    assert all(isinstance(event, StoredDomainEvent) for event in stored)
    assert list(store.get_events_after("acme", 0)) == stored
    assert {event.occurred_at.tzinfo for event in stored} == {UTC}
    assert {event.stored_at.tzinfo for event in stored} == {UTC}


def a_taken_id():
    return new_event(event_id="taken", data={"other": True})


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (lambda: new_event(aggregate_id="R-9"), ConcurrencyError),
        (a_taken_id, DuplicateEventError),
        (lambda: new_event(event_id="twice"), DuplicateEventError),
        (lambda: new_event(data={"value": float("nan")}), InvalidEvent),
        (lambda: new_event("eventstore.Forged"), InvalidEvent),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_a_batch_with_one_fault_writes_nothing_also_in_autocommit(
    fault, error, footprint
):
    store.append_events(
        [new_event(event_id="taken"), new_event(aggregate_id="R-9")], "acme"
    )
    before = footprint()
    batch = [
        new_event(aggregate_id="R-1"),
        new_event(aggregate_id="R-2", event_id="twice"),
        fault(),
        new_event(aggregate_id="R-3"),
    ]
    with pytest.raises(error):
        store.append_events(
            batch,
            "acme",
            expected_version={("Requirement", "R-9"): 0}
            if error is ConcurrencyError
            else None,
        )
    assert footprint() == before


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("refused", ["conflict", "duplicate", "retry"])
def test_a_refusal_inside_a_transaction_leaves_heads_and_locks_alone(
    size, refused, footprint
):
    from django.db import transaction

    first = [
        new_event(aggregate_id=f"R-{number}", event_id=f"e-{number}")
        for number in range(size)
    ]
    with transaction.atomic():
        store.append_events(first, "acme")
    # The outer transaction of the test holds its own lock: look from a savepoint on.
    before = footprint()
    fresh = [new_event(aggregate_id=f"R-{number}") for number in range(size)]
    other = [
        new_event(aggregate_id="R-8", event_id=f"e-{number}") for number in range(size)
    ]
    if refused == "conflict":
        with pytest.raises(ConcurrencyError):
            store.append_events(fresh, "acme", expected_version=0)
    elif refused == "duplicate":
        with pytest.raises(DuplicateEventError):
            store.append_events(other, "acme")
    else:
        store.append_events(first, "acme")
    assert footprint() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("refused", ["conflict", "duplicate", "retry"])
def test_a_refusal_as_the_first_act_of_a_transaction_takes_no_lock(
    size, refused, footprint
):
    from django.db import transaction

    first = [
        new_event(aggregate_id=f"R-{number}", event_id=f"e-{number}")
        for number in range(size)
    ]
    store.append_events(first, "acme")
    with transaction.atomic():
        before = footprint()
        assert before[2] == []
        if refused == "conflict":
            with pytest.raises(ConcurrencyError):
                store.append_events(
                    [new_event(aggregate_id="R-0") for _ in first],
                    "acme",
                    expected_version=5,
                )
        elif refused == "duplicate":
            with pytest.raises(DuplicateEventError):
                store.append_events(
                    [new_event(aggregate_id="R-8", event_id=e.event_id) for e in first],
                    "acme",
                )
        else:
            store.append_events(first, "acme")
        assert footprint() == before
        # and the transaction is usable
        store.append_event(new_event(), "acme")
    assert len(store.get_events_after("acme", 0)) == size + 1


def test_one_id_twice_in_a_batch_is_refused():
    twin = new_event()
    with pytest.raises(DuplicateEventError) as refusal:
        store.append_events([new_event(), twin, twin], "acme")
    assert refusal.value.event_id == twin.event_id
    assert list(store.get_events_after("acme", 0)) == []


def test_a_batch_of_which_a_part_is_known_is_refused():
    known = new_event()
    store.append_event(known, "acme")
    with pytest.raises(DuplicateEventError) as refusal:
        store.append_events([new_event(), known], "acme")
    assert refusal.value.event_id == known.event_id
    assert len(store.get_events_after("acme", 0)) == 1
