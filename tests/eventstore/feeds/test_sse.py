"""The feed as Server-Sent Events."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from eventstore import store
from tests.eventstore.feeds.serving import SSE, Served, SseClient
from tests.factories import new_event
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def append(count: int = 1, tenant: str = "acme", **fields: Any) -> list[str]:
    return [
        store.append_event(new_event(**fields), tenant).event_id for _ in range(count)
    ]


def ids(events: list[dict[str, Any]]) -> list[str]:
    return [event["event_id"] for event in events]


def test_a_client_sees_what_comes_after_it_has_connected(
    server: Served, as_ann: dict[str, str]
) -> None:
    append()
    with SseClient(server.port, as_ann).begin() as client:
        appended = append(3)
        assert ids(client.take(3)) == appended


def test_a_client_that_begins_at_a_position_sees_history_and_then_news(
    server: Served, as_ann: dict[str, str]
) -> None:
    history = append(450)
    with SseClient(server.port, as_ann, after=0) as client:
        assert ids(client.take(450)) == history
        news = append(2)
        assert ids(client.take(2)) == news


def test_the_answer_is_a_stream_that_nobody_stores_or_holds_back(
    server: Served, as_ann: dict[str, str]
) -> None:
    with SseClient(server.port, as_ann) as client:
        headers = client.response.headers
        assert client.status == 200
        assert headers.get_content_type() == "text/event-stream"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Accel-Buffering"] == "no"
        assert client.response.readline().startswith(b"retry: ")


def test_an_event_has_the_fields_and_the_exact_numbers_of_the_log(
    server: Served, as_ann: dict[str, str]
) -> None:
    price = Decimal("12345678901234567890.10")
    stored = store.append_event(
        new_event(data={"price": price, "text": "über\nzwei"}), "acme"
    )
    with SseClient(server.port, as_ann, after=0).begin() as client:
        client.response.readline()
        line = client.response.readline().decode()
    assert '"price":12345678901234567890.10' in line
    assert '"text":"über\\nzwei"' in line
    assert f'"position":{stored.position},"event_id":"{stored.event_id}"' in line


def test_the_last_event_id_wins_over_the_address(
    server: Served, as_ann: dict[str, str]
) -> None:
    append(3)
    with SseClient(server.port, as_ann, after=0) as first:
        first.take(2)
        seen = first.last_event_id
    later = append()
    with SseClient(server.port, as_ann, after=0, last_event_id=seen) as second:
        assert ids(second.take(2))[1:] == later


def test_filters_let_only_through_what_is_asked_for(
    server: Served, as_ann: dict[str, str]
) -> None:
    wanted: dict[str, Any] = {
        "event_type": ["RequirementApproved", "RequirementRejected"],
        "aggregate_type": "Requirement",
        "aggregate_id": "R-2",
    }
    early = SseClient(server.port, as_ann, **wanted).begin()
    append(aggregate_id="R-2")
    append(event_type="RequirementApproved", aggregate_id="R-1")
    append(event_type="RequirementApproved", aggregate_id="R-2", aggregate_type="Test")
    expected = append(event_type="RequirementApproved", aggregate_id="R-2")
    expected += append(event_type="RequirementRejected", aggregate_id="R-2")
    with early:
        assert ids(early.take(2)) == expected
    with SseClient(server.port, as_ann, **{**wanted, "after": 0}) as late:
        assert ids(late.take(2)) == expected


def test_a_heartbeat_tells_how_far_a_client_is_that_nothing_matches(
    server: Served, as_ann: dict[str, str]
) -> None:
    with SseClient(server.port, as_ann, event_type="Never").begin() as client:
        last = store.append_event(new_event(), "acme")
        while client.last_event_id != str(last.position):
            assert client._block() is not None
        assert client.comments


def test_a_client_is_told_where_it_begins(
    server: Served, as_ann: dict[str, str]
) -> None:
    last = store.append_event(new_event(), "acme")
    with SseClient(server.port, as_ann).begin() as client:
        assert client.last_event_id == str(last.position)


def test_an_event_appears_as_redaction_has_left_it(
    server: Served, as_ann: dict[str, str]
) -> None:
    stored = store.append_event(new_event(data={"mail": "ann@example.org"}), "acme")
    store.redact_event(stored.event_id, "acme", reason="asked for", actor="ann")
    with SseClient(server.port, as_ann, after=0) as client:
        event, notice = client.take(2)
    assert event["is_redacted"]
    assert event["data"] == {"redacted": True}
    assert notice["event_type"] == "eventstore.EventRedacted"


def test_an_event_that_no_queue_holds_arrives(
    server: Served, as_ann: dict[str, str]
) -> None:
    with SseClient(server.port, as_ann).begin() as client:
        append(data={"text": "x" * 900_000})
        append(data={"text": "y" * 900_000})
        texts = [event["data"]["text"][:1] for event in client.take(2)]
    assert texts == ["x", "y"]


def test_a_client_that_goes_leaves_nothing_behind(
    server: Served, as_ann: dict[str, str]
) -> None:
    with SseClient(server.port, as_ann).begin():
        assert len(server.hub.clients()) == 1
    eventually(lambda: not server.hub.clients())


def test_under_wsgi_the_feed_says_what_it_needs() -> None:
    answer = Client().get(SSE)
    assert answer.status_code == 501
    assert "uvicorn" in answer.json()["detail"]
