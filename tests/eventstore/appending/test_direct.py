"""Appends outside of a transaction go straight to libpq, and nobody can tell."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from eventstore import store
from eventstore.sql import direct
from tests.eventstore.conftest import Session
from tests.factories import new_event

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
    """Return a list that grows by the name of each statement that went straight."""
    names: list[str] = []
    run = direct.run

    def watched(raw: Any, name: str, params: Any) -> Any:
        rows = run(raw, name, params)
        if rows is not None:
            names.append(name)
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
    assert names == ["append_one", "append_many"]
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


def test_a_rollback_which_makes_psycopg_forget_is_survived() -> None:
    store.append_event(new_event(), "acme")
    with transaction.atomic():
        store.append_event(new_event(), "acme")
        transaction.set_rollback(True)
    store.get_event(store.append_event(new_event(), "acme").event_id, "acme")


def test_queries_are_captured() -> None:
    with CaptureQueriesContext(connection) as captured:
        store.append_event(new_event(), "acme")
    assert len(captured) == 1
    assert "eventstore_append_one_v1" in captured[0]["sql"]


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
