"""Notifications are lost, connections die, servers stop: it delays, and no more."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from eventstore import store
from eventstore.subscriptions import wakeup
from tests.eventstore.feeds.serving import Served, SseClient
from tests.factories import new_event
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)

QUICK = {"FEED_HEARTBEAT_SECONDS": 0.2, "FEED_RECHECK_SECONDS": 0.5}


def append() -> str:
    return store.append_event(new_event(), "acme").event_id


def listeners() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
        return [pid for (pid,) in cursor.fetchall()]


def end_sessions(pids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(p) FROM unnest(%s) AS p", [pids])


def test_without_notifications_events_come_with_the_poll(
    server: Served, as_ann: dict[str, str], settings: Any
) -> None:
    settings.EVENTSTORE = {**QUICK, "NOTIFY": False}
    with SseClient(server.port, as_ann).begin() as client:
        began = time.monotonic()
        for _ in range(2):
            appended = append()
            assert client.take(1)[0]["event_id"] == appended
        assert time.monotonic() - began < 2 * wakeup.POLL + 1


def test_with_notifications_events_come_at_once(
    server: Served, as_ann: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with SseClient(server.port, as_ann).begin() as client:
        eventually(listeners)
        monkeypatch.setattr(wakeup, "POLL", 600.0)
        time.sleep(1.1)
        for _ in range(3):
            appended = append()
            assert client.take(1)[0]["event_id"] == appended
            time.sleep(0.1)
        monkeypatch.undo()


def test_a_listener_whose_connection_is_ended_listens_again(
    server: Served, as_ann: dict[str, str]
) -> None:
    with SseClient(server.port, as_ann).begin() as client:
        eventually(listeners)
        old = listeners()
        end_sessions(old)
        appended = append()
        assert client.take(1)[0]["event_id"] == appended
        eventually(lambda: listeners() and listeners() != old)
        again = append()
        assert client.take(1)[0]["event_id"] == again


def test_many_clients_share_one_listener_and_two_readers(
    server: Served, as_ann: dict[str, str]
) -> None:
    clients = [SseClient(server.port, as_ann).begin() for _ in range(12)]
    eventually(lambda: len(listeners()) == 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] == 3
    for client in clients:
        client.close()


def test_streams_outlive_a_database_that_is_away_for_a_while(
    server: Served, as_ann: dict[str, str]
) -> None:
    name = connection.settings_dict["NAME"]
    with SseClient(server.port, as_ann).begin() as client, _elsewhere() as elsewhere:
        first = append()
        assert client.take(1)[0]["event_id"] == first
        elsewhere.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            elsewhere.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s",
                [name],
            )
            connections.close_all()
            with SseClient(server.port, as_ann) as refused:
                assert refused.status == 503
            time.sleep(1.5)
        finally:
            elsewhere.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        later = [append(), append()]
        assert [event["event_id"] for event in client.take(2)] == later


def test_a_log_that_was_replaced_by_an_older_copy_ends_the_streams(
    server: Served, as_ann: dict[str, str]
) -> None:
    with SseClient(server.port, as_ann).begin() as client:
        append()
        client.take(1)
        eventually(lambda: server.hub.head > 0)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval('stored_domain_events_position_seq', 1, false)"
            )
        assert client.rest() == []
        assert "older copy" in client.comments[-1]


def _elsewhere() -> psycopg.Connection[Any]:
    params = connection.get_connection_params()
    for own in ("cursor_factory", "context", "prepare_threshold"):
        params.pop(own, None)
    return psycopg.connect(**{**params, "dbname": "postgres"}, autocommit=True)
