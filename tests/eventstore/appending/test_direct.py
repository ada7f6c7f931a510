"""Appends outside of a transaction go straight to libpq, and nobody can tell."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import (
    DatabaseError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.test.utils import CaptureQueriesContext

from eventstore import InvalidEvent, IsolationLevelError, store
from eventstore.sql import direct
from tests.eventstore.conftest import Session
from tests.factories import new_event
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = [
    'a "quoted" text',
    'back\\slash, \\\\ two, \\" both',
    "{braces}, commas",
    "NULL",
    "null",
    " spaces ",
    "line\nfeed\ttab",
    "日本語 🎉 \u202e",
]


def sent_directly(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by the name of each statement that went straight.

    Whether one wakes the listeners as well hangs on when another did.
    """
    names: list[str] = []
    run = direct.run

    def watched(raw: Any, name: str, params: Any) -> Any:
        rows = run(raw, name, params)
        if rows is not None:
            names.append(name.removesuffix("_waking"))
        return rows

    monkeypatch.setattr(direct, "run", watched)
    return names


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_comes_back_as_it_was(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = sent_directly(monkeypatch)
    events = [new_event(aggregate_id=text, data={text: text}) for _ in range(2)]
    store.append_event(events[0], "acme")
    store.append_events(
        [new_event(aggregate_id=text, data={"t": [text]}), events[1]], "acme"
    )
    assert names == ["insert_one", "insert_many"]
    found = store.get_events_for_aggregate(text, "acme")
    assert [event.data for event in found] == [
        {text: text},
        {"t": [text]},
        {text: text},
    ]


def test_what_is_returned_is_what_is_read() -> None:
    appended = store.append_events([new_event(), new_event()], "acme")
    appended.append(store.append_event(new_event(), "acme"))
    assert [store.get_event(event.event_id, "acme") for event in appended] == appended


def test_inside_a_transaction_psycopg_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    names = sent_directly(monkeypatch)
    with transaction.atomic():
        store.append_event(new_event(), "acme")
    assert names == []


@pytest.mark.parametrize("loss", ["DEALLOCATE ALL", "DISCARD ALL"])
def test_a_lost_statement_is_prepared_anew(loss: str) -> None:
    store.append_event(new_event(), "acme")
    with connection.cursor() as cursor:
        cursor.execute(loss)
    assert store.append_event(new_event(), "acme").position


def test_what_was_prepared_after_the_loss_of_the_others_stays_prepared() -> None:
    connection.close()
    store.append_event(new_event(), "acme")
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    for size in (2, 1, 2, 1):
        store.append_events([new_event() for _ in range(size)], "acme")
    assert store.get_aggregate_version("R-1", "acme") == 7


def test_a_rollback_which_makes_psycopg_forget_is_survived() -> None:
    store.append_event(new_event(), "acme")
    with transaction.atomic():
        store.append_event(new_event(), "acme")
        transaction.set_rollback(True)
    store.get_event(store.append_event(new_event(), "acme").event_id, "acme")


def test_what_an_interruption_left_prepared_is_used() -> None:
    store.append_event(new_event(), "acme")
    vars(connection.connection)["_eventstore_prepared"].clear()
    assert store.append_event(new_event(), "acme").position


def test_the_connection_of_another_thread_is_refused(session: Session) -> None:
    store.append_event(new_event(), "acme")
    foreign = connections["default"]

    def append() -> None:
        own, connections["default"] = connections["default"], foreign
        try:
            store.append_event(new_event(), "acme")
        finally:
            connections["default"] = own

    with pytest.raises(DatabaseError, match="created in a thread"):
        session.run(append)


@pytest.mark.parametrize("size", [1, 2])
def test_a_connection_that_died_between_requests_is_made_anew_if_django_is_to(
    size: int, session: Session
) -> None:
    store.append_event(new_event(), "acme")
    session.run(_kill, connection.connection.info.backend_pid)
    connection.health_check_enabled, connection.health_check_done = True, False  # type: ignore[attr-defined]  # as a request begins
    try:
        assert store.append_events([new_event() for _ in range(size)], "acme")
    finally:
        connection.health_check_enabled = False  # type: ignore[attr-defined]


def _kill(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


class _Moment(datetime):
    """As libraries have them that stop the clock, or calculate with calendars."""


@pytest.mark.parametrize("is_atomic", [False, True])
@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize(
    "moment",
    [
        _Moment(2020, 2, 29, 12, tzinfo=UTC),
        datetime(2020, 2, 29, 12, tzinfo=timezone(timedelta(microseconds=-1))),
        datetime.min.replace(tzinfo=UTC),
    ],
)
def test_every_moment_is_stored_as_it_is(
    moment: datetime, size: int, *, is_atomic: bool
) -> None:
    with transaction.atomic() if is_atomic else contextlib.nullcontext():
        events = [new_event(occurred_at=moment) for _ in range(size)]
        stored = store.append_events(events, "acme")
    assert [event.occurred_at for event in stored] == [moment] * size
    found = store.get_events_for_aggregate("R-1", "acme")
    assert [event.occurred_at for event in found] == [moment] * size


def test_queries_are_captured() -> None:
    with CaptureQueriesContext(connection) as captured:
        store.append_event(new_event(), "acme")
    assert len(captured) == 1
    assert "INSERT INTO stored_domain_events" in captured[0]["sql"]


def test_a_wrapper_sees_and_changes_the_statement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = sent_directly(monkeypatch)
    seen: list[str] = []

    def comment(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(f"{sql} /* who asks */", params, many, context)

    with connection.execute_wrapper(comment):
        store.append_event(new_event(), "acme")
    assert len(seen) == 1
    assert names == []


def test_an_error_is_djangos_and_leaves_the_connection_usable(
    session: Session,
) -> None:
    store.append_event(new_event(aggregate_id="held"), "acme")
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    try:
        session.begin()
        session.run(store.append_event, new_event(aggregate_id="held"), "acme")
        with pytest.raises(OperationalError, match="lock timeout"):
            store.append_event(new_event(aggregate_id="held"), "acme")
        assert store.append_event(new_event(), "acme").position
    finally:
        connection.close()


@pytest.mark.parametrize("size", [1, 2])
def test_another_isolation_level_is_refused_also_as_the_sessions_default(
    size: int, footprint: Any
) -> None:
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_isolation = 'repeatable read'")
    try:
        before = footprint()
        with pytest.raises(IsolationLevelError):
            store.append_events([new_event() for _ in range(size)], "acme")
        assert footprint() == before
    finally:
        connection.close()


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_default_that_changed_later_is_refused_where_it_would_matter(
    level: str, size: int, session: Session, waiting: Session, footprint: Any, sql: Any
) -> None:
    def append(count: int) -> None:
        store.append_events([new_event() for _ in range(count)], "acme")

    waiting.run(append, 1)  # where it is asked at which level the session stands
    waiting.run(sql, f"SET default_transaction_isolation = '{level}'")
    waiting.run(append, 1)  # a statement of its own sees what has been committed
    session.begin()
    session.run(append, 1)
    behind = waiting.start(append, size)
    eventually(lambda: sql("SELECT 1 FROM pg_locks WHERE NOT granted"))
    session.commit()
    before = footprint()
    with pytest.raises(IsolationLevelError):
        behind.result(timeout=30)
    assert footprint() == before
    assert store.get_aggregate_version("R-1", "acme") == 3


@pytest.mark.parametrize("expected", [None, 0, 2])
@pytest.mark.parametrize("size", [1, 3])
def test_what_plain_sql_does_not_store_is_judged_by_the_function(
    expected: int | None, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = [new_event() for _ in range(size)]
    first = store.append_events(batch, "acme", 0)
    names = sent_directly(monkeypatch)
    assert store.append_events(batch, "acme", expected) == first
    assert names[-1] == ("append_one" if size == 1 else "append_many")
    assert store.get_aggregate_version("R-1", "acme") == size


def test_several_aggregates_and_reserved_names_go_to_the_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = sent_directly(monkeypatch)
    store.append_events([new_event(), new_event(aggregate_id="R-2")], "acme")
    with pytest.raises(InvalidEvent):
        store.append_event(new_event("eventstore.Mine"), "acme")
    assert names == ["append_many", "append_one"]
