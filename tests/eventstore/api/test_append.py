"""Append over HTTP: one event, some at once, and whatever is wrong with them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings
from rest_framework.test import APIClient

from eventstore import store
from tests.eventstore.api.appends import BULK, EVENTS, HISTORY, draft, pointers, post
from tests.factories import new_event

pytestmark = pytest.mark.django_db


def test_one_event_is_stored_and_the_answer_says_where(writer: APIClient) -> None:
    answer = post(writer, draft(event_id="e-1"))
    assert answer.status_code == 201
    stored = store.get_event("e-1", "acme")
    assert answer.json() == {
        "url": "http://testserver/api/v1/events/e-1/?tenant=acme",
        "position": stored.position,
        "event_id": "e-1",
        "tenant_id": "acme",
        "aggregate_type": "Requirement",
        "aggregate_id": "R-1",
        "aggregate_version": 1,
        "stored_at": stored.stored_at.isoformat().replace("+00:00", "Z"),
    }
    assert answer["ETag"] == '"1"'
    read = writer.get(answer["Location"])
    assert read.json()["data"] == {"title": "Log in with a passkey"}


def test_an_event_without_an_id_and_a_time_gets_them(writer: APIClient) -> None:
    answer = post(writer, draft())
    stored = store.get_event(answer.json()["event_id"], "acme")
    assert (stored.stored_at - stored.occurred_at).total_seconds() < 60


@pytest.mark.parametrize("wrap", [lambda events: events, lambda e: {"events": e}])
def test_a_batch_is_stored_in_its_order(writer: APIClient, wrap: Any) -> None:
    batch = [draft(event_id=f"e-{n}", aggregate_id=f"R-{n % 2}") for n in range(4)]
    answer = post(writer, wrap(batch))
    assert answer.status_code == 201
    events = answer.json()["events"]
    assert [event["event_id"] for event in events] == ["e-0", "e-1", "e-2", "e-3"]
    assert [event["aggregate_version"] for event in events] == [1, 1, 2, 2]
    assert "ETag" not in answer
    assert "Location" not in answer


def test_numbers_are_stored_as_they_were_sent(writer: APIClient) -> None:
    text = '{"price": 0.10000000000000000000001, "large": 123456789012345678901}'
    body = json.dumps(draft(event_id="e-1", data={}))
    post(writer, body.replace('"data": {}', f'"data": {text}'))
    with override_settings(EVENTSTORE={"DECIMAL_NUMBERS": True}):
        data = store.get_event("e-1", "acme").data
    assert data["price"] == Decimal("0.10000000000000000000001")
    assert data["large"] == 123456789012345678901


def test_the_address_of_an_aggregate_says_whose_events_they_are(
    writer: APIClient,
) -> None:
    answer = post(writer, {"event_type": "RequirementCreated"}, HISTORY)
    assert answer.status_code == 201
    assert answer.json()["aggregate_id"] == "R-1"
    answer = post(writer, [draft(aggregate_id="R-2")], HISTORY)
    assert answer.status_code == 422
    assert pointers(answer) == ["#/0/aggregate_id"]


def test_ids_with_slashes_and_dots_can_be_appended_to(writer: APIClient) -> None:
    address = "/api/v1/aggregates/Requirement/a~1b/events/"
    answer = post(writer, {"event_type": "Made"}, address)
    assert answer.json()["aggregate_id"] == "a/b"


def test_every_fault_of_every_event_is_named_with_its_place(
    writer: APIClient,
) -> None:
    batch = [
        draft(),
        {"aggregate_type": "", "aggregate_id": 7, "surprise": 1},
        draft(
            data={"a/b": [1, "\0"], "deep": {"x": "\ud800"}},
            metadata={"correlation_id": 5},
            occurred_at="yesterday",
            expected_version=-1,
        ),
        draft(event_type="eventstore.Forged", data=[]),
        "no event",
    ]
    answer = post(writer, {"events": batch})
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert sorted(pointers(answer)) == sorted(
        [
            "#/events/1/event_type",
            "#/events/1/aggregate_type",
            "#/events/1/aggregate_id",
            "#/events/1/surprise",
            "#/events/2/data/a~1b/1",
            "#/events/2/data/deep/x",
            "#/events/2/metadata/correlation_id",
            "#/events/2/occurred_at",
            "#/events/2/expected_version",
            "#/events/3/event_type",
            "#/events/3/data",
            "#/events/4",
        ]
    )
    assert not store.get_events_after("acme", 0)


def test_an_id_that_a_batch_uses_twice_is_a_fault(writer: APIClient) -> None:
    answer = post(writer, [draft(event_id="e-1"), draft(event_id="e-1")])
    assert pointers(answer) == ["#/1/event_id"]


def test_an_empty_batch_is_a_fault(writer: APIClient) -> None:
    assert pointers(post(writer, [])) == ["#"]
    assert pointers(post(writer, {"events": {}})) == ["#/events"]


def test_an_id_that_another_event_has_is_a_conflict(writer: APIClient) -> None:
    post(writer, draft(event_id="e-1"))
    again = post(writer, draft(event_id="e-1"))
    assert (again.status_code, again.json()["aggregate_version"]) == (201, 1)
    other = post(writer, draft(event_id="e-1", data={"title": "Other"}))
    assert (other.status_code, other.json()["code"]) == (409, "duplicate_event")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b'{"data": NaN}', "NaN"),
        (b'{"data": -Infinity}', "Infinity"),
        (b'{"event_type": "a", "event_type": "b"}', "twice"),
        (b'{"event_type": "\xff"}', "UTF-8"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b"[" * 200_000, "deep"),
    ],
)
def test_what_is_no_json_is_refused_in_words(
    writer: APIClient, body: bytes, words: str
) -> None:
    answer = post(writer, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert words in answer.json()["detail"]


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/json; charset=latin-1", "nonsense"],
)
def test_what_is_no_json_by_its_type_is_not_read(
    writer: APIClient, content_type: str
) -> None:
    answer = post(writer, draft(), content_type=content_type)
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded"]
)
def test_which_types_are_read_is_said_to_whoever_sends_another(
    writer: APIClient, content_type: str
) -> None:
    answer = post(writer, draft(), content_type=content_type)
    read = (
        "application/json, application/cloudevents+json, "
        "application/cloudevents-batch+json"
    )
    assert answer.headers["Accept"] == read
    assert content_type in answer.json()["detail"]
    assert answer.json()["detail"].endswith(f"Send {read}.")
    lines = post(writer, draft(), BULK, content_type=content_type)
    assert lines.headers["Accept"] == "application/x-ndjson"


def test_which_types_there_are_is_said_to_whoever_accepts_none(
    writer: APIClient,
) -> None:
    answer = writer.get(EVENTS, headers={"Accept": "text/html"})
    assert answer.status_code == 406
    assert answer.json()["detail"].endswith(
        "accept application/json, application/cloudevents-batch+json."
    )


def test_a_compressed_body_is_not_read(writer: APIClient) -> None:
    assert post(writer, draft(), content_encoding="gzip").status_code == 415


def test_a_body_that_is_too_large_names_the_limit(writer: APIClient) -> None:
    with override_settings(EVENTSTORE={"API_MAX_BODY_BYTES": 100}):
        answer = post(writer, draft(data={"x": "y" * 100}))
    assert answer.status_code == 413
    assert answer.json()["limit"] == 100


def test_a_batch_of_too_many_events_names_the_limit(writer: APIClient) -> None:
    with override_settings(EVENTSTORE={"API_MAX_BATCH_EVENTS": 2}):
        answer = post(writer, [draft()] * 3)
    assert answer.status_code == 413
    assert answer.json()["limit"] == 2


def test_a_body_beyond_djangos_limit_for_forms_is_read(writer: APIClient) -> None:
    events = [draft(data={"text": "x" * 900_000}) for _ in range(4)]
    assert post(writer, events).status_code == 201


def test_a_payload_that_is_too_large_is_a_fault_of_its_event(
    writer: APIClient,
) -> None:
    answer = post(writer, [draft(), draft(data={"text": "x" * 1_000_001})])
    assert (answer.status_code, pointers(answer)) == (422, ["#/1/data"])


def test_a_stale_version_in_the_body_is_a_conflict_that_names_both(
    writer: APIClient,
) -> None:
    store.append_event(new_event(), "acme")
    answer = post(writer, draft(expected_version=0))
    assert answer.status_code == 409
    assert answer.json()["current_version"] == 1
    assert answer.json()["expected_version"] == 0
    assert post(writer, draft(expected_version=1)).status_code == 201


def test_a_batch_may_expect_a_version_of_each_aggregate(writer: APIClient) -> None:
    store.append_event(new_event(), "acme")
    batch = [
        draft(expected_version=1),
        draft(aggregate_id="R-2", expected_version=0),
        draft(),
    ]
    assert post(writer, batch).status_code == 201
    stale = post(writer, {"events": [draft()], "expected_version": 1})
    assert (stale.status_code, stale.json()["current_version"]) == (409, 3)
    both = post(writer, [draft(expected_version=3), draft(expected_version=4)])
    assert pointers(both) == ["#/1/expected_version"]


@pytest.mark.parametrize("to", [EVENTS, BULK])
def test_a_chunked_body_that_the_server_cannot_read_is_not_taken_for_none(
    writer: APIClient, to: str
) -> None:
    chunked = {"transfer-encoding": "chunked", "content-type": "application/json"}
    answer = writer.generic("POST", to, "", headers=chunked)
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")


@pytest.mark.parametrize("to", [EVENTS, BULK])
def test_a_body_without_a_type_is_refused(writer: APIClient, to: str) -> None:
    answer = writer.generic("POST", to, "")
    assert (answer.status_code, answer.json()["code"]) == (
        415,
        "unsupported_media_type",
    )
