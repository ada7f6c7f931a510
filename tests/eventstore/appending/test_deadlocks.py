from __future__ import annotations

import pytest

from eventstore import ConcurrencyError, store
from tests.factories import new_event

pytestmark = pytest.mark.django_db(transaction=True)


def append(aggregate_id):
    return store.append_event(new_event(aggregate_id=aggregate_id), "acme")


@pytest.fixture
def deadlocked(session, waiting):
    """Two transactions that append to R-1 and R-2 in opposite order, and their ends."""
    session.begin()
    waiting.begin()
    session.run(append, "R-1")
    waiting.run(append, "R-2")
    calls = [session.start(append, "R-2"), waiting.start(append, "R-1")]
    refusals = [call.exception(timeout=20) for call in calls]
    for one, refusal in zip((session, waiting), refusals, strict=True):
        (one.roll_back if refusal else one.commit)()
    return refusals


def test_of_two_transactions_in_opposite_order_one_gets_a_concurrency_error(deadlocked):
    [refusal] = [found for found in deadlocked if found is not None]
    assert isinstance(refusal, ConcurrencyError)
    assert not refusal.retryable
    assert (refusal.expected, refusal.actual) == (None, None)
    assert "whole transaction" in str(refusal)
    # the other one is stored whole
    assert [event.aggregate_version for event in store.get_events_after("acme", 0)] == [
        1,
        1,
    ]


def test_outside_a_transaction_the_call_alone_may_be_repeated(session, waiting, sql):
    """One statement can deadlock only with a transaction that holds more."""
    session.begin()
    session.run(append, "R-2")
    batch = [new_event(aggregate_id="R-1"), new_event(aggregate_id="R-2")]
    waiting.run(sql, "SET deadlock_timeout = '100ms'")
    session.run(sql, "SET deadlock_timeout = '20s'")
    alone = waiting.start(store.append_events, batch, "acme")
    with pytest.raises(TimeoutError):
        alone.result(timeout=0.05)
    other = session.start(append, "R-1")
    refusal = alone.exception(timeout=20)
    assert isinstance(refusal, ConcurrencyError)
    assert refusal.retryable
    assert "Retry the call" in str(refusal)
    other.result(timeout=20)
    session.commit()
    session.run(sql, "RESET deadlock_timeout")
    assert len(waiting.run(store.append_events, batch, "acme")) == 2
