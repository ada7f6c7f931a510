from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from eventstore import ConcurrencyError, DuplicateEventError, store
from tests.factories import new_event

pytestmark = pytest.mark.usefixtures("either_way")


@pytest.mark.parametrize("size", [1, 4])
def test_a_repeated_append_returns_the_first_result(size):
    batch = [new_event(aggregate_id=f"R-{number}") for number in range(size)]
    first = store.append_events(batch, "acme")
    assert store.append_events(batch, "acme") == first
    assert len(store.get_events_after("acme", 0)) == size


@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.parametrize("expected", [None, 0, 7])
def test_a_retry_is_judged_before_the_expected_version(size, expected):
    batch = [new_event() for _ in range(size)]
    first = store.append_events(batch, "acme", expected_version=0)
    store.append_event(new_event(), "acme")
    assert store.append_events(batch, "acme", expected_version=expected) == first


@pytest.mark.parametrize("size", [1, 2])
def test_metadata_and_business_time_do_not_make_another_event(size):
    batch = [new_event(metadata={"ip": "::1"}) for _ in range(size)]
    first = store.append_events(batch, "acme")
    again = [
        replace(event, metadata={"ip": "::2"}, occurred_at=datetime.now(UTC))
        for event in batch
    ]
    assert store.append_events(again, "acme") == first


def test_a_retry_may_come_in_another_order():
    batch = [new_event(aggregate_id=f"R-{number}") for number in range(3)]
    first = store.append_events(batch, "acme")
    assert store.append_events(batch[::-1], "acme") == first[::-1]
    assert store.append_event(batch[1], "acme") == first[1]


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("fields", [None, ["/data/customer/email"], ["/data/items/1"]])
def test_a_retry_after_a_redaction_is_still_a_retry(size, fields):
    batch = [
        new_event(
            data={"customer": {"email": "ada@example.org", "id": 7}, "items": [1, 2]}
        )
        for _ in range(size)
    ]
    store.append_events(batch, "acme")
    for event in batch:
        store.redact_event(event.event_id, "acme", fields)
    again = store.append_events(batch, "acme")
    assert [event.position for event in again] == [
        store.get_event(event.event_id, "acme").position for event in batch
    ]
    assert all(event.is_redacted for event in again)
    assert "ada@example.org" not in str(again) or fields == ["/data/items/1"]


def test_what_was_not_redacted_is_still_compared():
    event = new_event(data={"email": "ada@example.org", "sum": 1})
    store.append_event(event, "acme")
    store.redact_event(event.event_id, "acme", ["/data/email"])
    with pytest.raises(DuplicateEventError):
        store.append_event(
            replace(event, data={"email": "ada@example.org", "sum": 2}), "acme"
        )


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize(
    "change",
    [
        {"aggregate_id": "R-2"},
        {"aggregate_type": "Release"},
        {"event_type": "RequirementDropped"},
        {"event_version": "v2"},
        {"data": {"title": "Log in with a password"}},
        {"data": {}},
        {"data": {"title": "Log in with a passkey", "more": None}},
    ],
)
def test_another_event_under_a_known_id_is_refused(size, change):
    batch = [new_event() for _ in range(size)]
    store.append_events(batch, "acme")
    with pytest.raises(DuplicateEventError) as refusal:
        store.append_events([*batch[:-1], replace(batch[-1], **change)], "acme")
    assert refusal.value.event_id in {event.event_id for event in batch}
    assert len(store.get_events_after("acme", 0)) == size


def test_numbers_that_differ_only_in_their_digits_are_different_payloads():
    event = new_event(data={"amount": Decimal("1.0")})
    store.append_event(event, "acme")
    with pytest.raises(DuplicateEventError):
        store.append_event(replace(event, data={"amount": Decimal("1.00")}), "acme")


def test_another_tenant_may_use_the_same_id():
    event = new_event()
    assert store.append_event(event, "acme").tenant_id == "acme"
    other = store.append_event(event, "globex")
    assert (other.tenant_id, other.aggregate_version) == ("globex", 1)


def test_a_new_event_with_a_stale_version_is_a_conflict_and_no_retry():
    store.append_event(new_event(), "acme")
    with pytest.raises(ConcurrencyError):
        store.append_event(new_event(), "acme", expected_version=0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [1, 2])
def test_a_retry_that_waits_for_the_first_call_gets_its_result(size, session, waiting):
    batch = [new_event(aggregate_id=f"R-{number}") for number in range(size)]
    session.begin()
    first = session.run(store.append_events, batch, "acme")
    retry = waiting.start(store.append_events, batch, "acme")
    still_waits(retry)
    session.commit()
    assert retry.result(timeout=10) == first


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [1, 2])
def test_a_retry_that_waits_for_a_call_that_is_rolled_back_stores(
    size, session, waiting
):
    batch = [new_event(aggregate_id=f"R-{number}") for number in range(size)]
    session.begin()
    session.run(store.append_events, batch, "acme", expected_version=0)
    retry = waiting.start(store.append_events, batch, "acme", expected_version=0)
    still_waits(retry)
    session.roll_back()
    assert [event.aggregate_version for event in retry.result(timeout=10)] == [1] * size


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("has_history", [False, True])
def test_one_id_on_two_aggregates_at_once_is_stored_once_and_undone_on_the_other(
    size, has_history, session, waiting, sql
):
    heads = "SELECT * FROM event_aggregates WHERE aggregate_id <> 'R-1'"
    if has_history:
        store.append_event(new_event(aggregate_id="R-2"), "acme")
    before = sql(heads)
    event = new_event(aggregate_id="R-1")
    session.begin()
    session.run(store.append_event, event, "acme")
    other = [
        replace(event, aggregate_id="R-2"),
        *(new_event(aggregate_id="R-3") for _ in range(size - 1)),
    ]
    attempt = waiting.start(store.append_events, other, "acme")
    still_waits(attempt)
    session.commit()
    with pytest.raises(DuplicateEventError):
        attempt.result(timeout=10)
    assert sql(heads) == before
    store.append_event(new_event(aggregate_id="R-2"), "acme")
    assert store.get_aggregate_version("R-2", "acme") == 1 + has_history


def still_waits(call):
    with pytest.raises(TimeoutError):
        call.result(timeout=0.3)
