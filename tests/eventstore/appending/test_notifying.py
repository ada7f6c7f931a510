"""Who follows the log is woken after the commit, and no more often than it helps."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from eventstore import ConcurrencyError, notifying, store
from tests.eventstore.conftest import Session
from tests.factories import new_event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listener(transactional_db: None) -> Iterator[psycopg.Connection[Any]]:
    params = connection.get_connection_params()
    for key in ("cursor_factory", "context", "prepare_threshold"):
        params.pop(key, None)
    with psycopg.connect(**params, autocommit=True) as raw:
        raw.execute("LISTEN eventstore")
        time.sleep(2 * notifying.INTERVAL)
        yield raw


def heard(listener: psycopg.Connection[Any], seconds: float = 0.3) -> int:
    return len(list(listener.notifies(timeout=seconds)))


@pytest.mark.parametrize("size", [1, 3])
def test_an_append_of_its_own_notifies_in_its_one_round_trip(
    size: int, listener: psycopg.Connection[Any], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        store.append_events([new_event() for _ in range(size)], "acme")
    assert heard(listener) == 1


def test_all_sessions_together_notify_once_in_an_interval(
    listener: psycopg.Connection[Any], session: Session, waiting: Session
) -> None:
    began = time.monotonic()
    for _ in range(40):
        for each in (session, waiting):
            each.run(store.append_event, new_event(), "acme")
    intervals = (time.monotonic() - began) / notifying.INTERVAL
    assert 1 <= heard(listener) <= intervals + 2


def test_a_process_that_has_asked_asks_for_nothing_for_a_moment(
    listener: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying, "PAUSE", 0.3)
    store.append_event(new_event(), "acme")
    assert heard(listener, 0.1) == 1  # the database would notify again by now
    store.append_event(new_event(), "acme")
    assert heard(listener, 0.25) == 0
    store.append_event(new_event(), "acme")
    assert heard(listener) == 1


def test_an_append_that_failed_has_asked_for_nothing(
    listener: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying, "PAUSE", 0.3)
    time.sleep(notifying.PAUSE)
    event = new_event()
    with pytest.raises(ConcurrencyError):
        store.append_event(event, "acme", expected_version=7)
    store.append_event(event, "acme")
    assert heard(listener, 0.2) == 1


@pytest.mark.parametrize("size", [1, 2])
def test_an_append_that_had_to_wait_is_not_left_to_the_poll(
    size: int, listener: psycopg.Connection[Any], session: Session, waiting: Session
) -> None:
    session.begin()
    session.run(store.append_event, new_event(), "acme")
    store.append_event(new_event(aggregate_id="other"), "acme")
    batch = [new_event() for _ in range(size)]
    behind = waiting.start(store.append_events, batch, "acme")
    assert heard(listener, 0.2) == 1  # that of the other, long over when it is stored
    session.roll_back()
    behind.result(timeout=30)
    assert heard(listener) == 1


def test_a_clock_that_jumped_back_silences_no_process(
    listener: psycopg.Connection[Any],
) -> None:
    notifying.has_committed(time.monotonic() + 3600, asked=True)
    store.append_event(new_event(), "acme")
    assert heard(listener) == 1


def test_what_was_asked_of_another_database_counts_there_alone(
    listener: psycopg.Connection[Any], settings: Any
) -> None:
    settings.EVENTSTORE = {"DATABASE": "another"}
    notifying.has_committed(time.monotonic(), asked=True)
    assert not notifying.is_due(time.monotonic())
    settings.EVENTSTORE = {}
    store.append_event(new_event(), "acme")
    assert heard(listener) == 1


def test_a_transaction_notifies_after_its_commit(
    listener: psycopg.Connection[Any],
) -> None:
    with transaction.atomic():
        store.append_event(new_event(), "acme")
        # Long enough that a notification of this moment would be over.
        assert heard(listener, 0.1) == 0
    assert heard(listener) == 1


def test_a_refused_append_wakes_nobody(listener: psycopg.Connection[Any]) -> None:
    with pytest.raises(Exception, match="stands at version 0"):
        store.append_event(new_event(), "acme", expected_version=7)
    assert heard(listener) == 0


def test_without_the_setting_nobody_is_woken(
    listener: psycopg.Connection[Any], settings: Any
) -> None:
    settings.EVENTSTORE = {"NOTIFY": False}
    store.append_event(new_event(), "acme")
    with transaction.atomic():
        store.append_event(new_event(), "acme")
    assert heard(listener) == 0


def test_a_clock_that_was_set_back_silences_nobody(
    listener: psycopg.Connection[Any],
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval('eventstore_notified_at',"
            " (date_part('epoch', clock_timestamp()) * 1000 + 3600000)::bigint)"
        )
    store.append_event(new_event(), "acme")
    assert heard(listener) == 1
