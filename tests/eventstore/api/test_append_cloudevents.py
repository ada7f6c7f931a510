"""CloudEvents 1.0 in: structured, batch and binary mode."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from eventstore import cloudevents, store
from tests.eventstore.api.appends import EVENTS, HISTORY, pointers, post
from tests.factories import new_event

pytestmark = pytest.mark.django_db

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"


def cloudevent(**attributes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "c-1",
        "source": "/shop",
        "type": "OrderPlaced",
        "subject": "O-1",
        "aggregatetype": "Order",
        "time": "2026-01-31T12:00:00+01:00",
        "data": {"total": 1.50},
        **attributes,
    }


def test_a_structured_event_is_stored(writer: APIClient) -> None:
    answer = post(writer, cloudevent(correlationid="k"), content_type=STRUCTURED)
    assert answer.status_code == 201
    event = store.get_event("c-1", "acme")
    assert (event.event_type, event.aggregate_type) == ("OrderPlaced", "Order")
    assert (event.aggregate_id, event.data) == ("O-1", {"total": 1.5})
    assert event.occurred_at.isoformat() == "2026-01-31T11:00:00+00:00"
    assert event.metadata["correlation_id"] == "k"


def test_a_batch_is_stored_together(writer: APIClient) -> None:
    batch = [cloudevent(id=f"c-{number}") for number in range(3)]
    answer = post(writer, batch, content_type=BATCH)
    assert [e["aggregate_version"] for e in answer.json()["events"]] == [1, 2, 3]


def test_a_binary_event_has_its_attributes_in_headers(writer: APIClient) -> None:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": "c-1",
        "ce_source": "/shop",
        "ce_type": "OrderPlaced",
        "ce_aggregatetype": "Order",
        "ce_subject": "O%2D1 %E2%82%AC",
        "ce_time": "2026-01-31T12:00:00Z",
    }
    answer = post(writer, {"total": 2}, **headers)
    assert answer.status_code == 201
    assert answer.json()["aggregate_id"] == "O-1 €"
    assert store.get_event("c-1", "acme").data == {"total": 2}


def test_faults_of_a_binary_event_name_the_header(writer: APIClient) -> None:
    headers = {"ce_specversion": "1.0", "ce_id": "c-1", "ce_time": "now", "ce_x_y": "1"}
    answer = post(writer, {"text": "\0"}, **headers)
    assert answer.status_code == 422
    named = {fault.get("header") for fault in answer.json()["errors"]}
    assert {"ce-time", "ce-source", "ce-type", "ce-aggregatetype"} <= named
    broken = post(writer, {}, **{**headers, "ce_subject": "%ff"})
    assert "ce-subject" in {fault.get("header") for fault in broken.json()["errors"]}


def test_every_fault_of_every_event_is_named(writer: APIClient) -> None:
    batch = [
        cloudevent(),
        cloudevent(specversion="0.3", time="now", data=[], tenantid="foreign"),
        {"specversion": "1.0"},
        7,
    ]
    answer = post(writer, batch, content_type=BATCH)
    assert answer.status_code == 422
    assert sorted(pointers(answer)) == sorted(
        [
            *(f"#/1/{name}" for name in ("specversion", "time", "data", "tenantid")),
            *(f"#/2/{name}" for name in ("id", "source", "type")),
            *(f"#/2/{name}" for name in ("aggregatetype", "aggregateid")),
            "#/3",
        ]
    )


def test_what_the_store_refuses_is_named_as_the_attribute(writer: APIClient) -> None:
    event = cloudevent(type="eventstore.Forged", eventversion="", data={"a": "\0"})
    answer = post(writer, event, content_type=STRUCTURED)
    assert sorted(pointers(answer)) == ["#/data/a", "#/eventversion", "#/type"]


def test_an_actor_in_the_metadata_is_not_believed(writer: APIClient) -> None:
    metadata = json.dumps({"actor": {"type": "user", "id": "root"}})
    answer = post(writer, cloudevent(metadata=metadata), content_type=STRUCTURED)
    assert answer.status_code == 403


def test_the_address_of_an_aggregate_holds_for_cloudevents(writer: APIClient) -> None:
    answer = post(writer, cloudevent(), HISTORY, content_type=STRUCTURED)
    assert answer.status_code == 422
    assert set(pointers(answer)) == {"#/aggregatetype", "#/aggregateid"}


def test_a_condition_holds_for_cloudevents(writer: APIClient) -> None:
    post(writer, cloudevent(), content_type=STRUCTURED)
    answer = post(writer, cloudevent(id="c-2"), content_type=STRUCTURED, if_match='"7"')
    assert answer.status_code == 412


def test_an_event_is_given_as_a_cloudevent(writer: APIClient) -> None:
    stored = store.append_event(new_event(event_id="e-1"), "acme")
    answer = writer.get(f"{EVENTS}e-1/", headers={"accept": STRUCTURED})
    assert answer["Content-Type"] == STRUCTURED
    assert json.loads(answer.content) == json.loads(
        cloudevents.to_json(cloudevents.to_cloudevent(stored))
    )


def test_a_page_is_given_as_a_batch_with_a_link_to_the_next(writer: APIClient) -> None:
    store.append_events([new_event() for _ in range(3)], "acme")
    first = writer.get(f"{EVENTS}?page_size=2", headers={"accept": BATCH})
    assert first["Content-Type"] == BATCH
    assert [e["aggregateversion"] for e in json.loads(first.content)] == ["1", "2"]
    address = first["Link"].removeprefix("<").partition(">")[0]
    second = writer.get(address, headers={"accept": BATCH})
    assert [e["aggregateversion"] for e in json.loads(second.content)] == ["3"]
    assert "Link" not in second


def test_what_was_given_can_be_appended_again(writer: APIClient) -> None:
    store.append_event(new_event(event_id="e-1"), "acme")
    given = writer.get(f"{EVENTS}e-1/", headers={"accept": STRUCTURED})
    again = post(writer, given.content, content_type=STRUCTURED)
    assert (again.status_code, again.json()["aggregate_version"]) == (201, 1)


def test_an_event_that_no_cloudevent_can_be_is_not_acceptable(
    writer: APIClient,
) -> None:
    store.append_event(new_event(event_id="a\tb"), "acme")
    answer = writer.get(EVENTS, headers={"accept": BATCH})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


def test_hidden_values_are_hidden_in_cloudevents_too(writer: APIClient) -> None:
    event = new_event(event_id="e-1", metadata={"ip": "192.0.2.1"})
    store.append_event(event, "acme")
    answer = writer.get(f"{EVENTS}e-1/", headers={"accept": STRUCTURED})
    assert b"192.0.2.1" not in answer.content
