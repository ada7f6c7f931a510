"""What the OpenAPI document shows is sent, and what it says comes back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.core.wsgi import get_wsgi_application
from django.test import override_settings
from jsonschema import Draft202012Validator

from eventstore import Aggregate, aggregates, event_migrations, granting, store
from eventstore.api.documents import PATH as DOCUMENT
from eventstore.keys import issuing
from eventstore_project.openapi.examples import PATH, examples
from tests.eventstore.api.example_requests import EXAMPLES, Example

#: All requests are counted in one window, so that a rate can be used up.
_RATE = {"API_RATE": "1000/day"}
# A server closes its connections: no test transaction survives a request.
pytestmark = pytest.mark.django_db(transaction=True)


class Order(Aggregate):
    """What the examples are about."""

    aggregate_type = "Order"

    def apply_event(self, event: Any) -> None:
        self.status = event.event_type
        vars(self).update(event.data)


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A class that folds orders, and a step from their first shape to the second."""
    monkeypatch.setattr(aggregates, "_registered", {"Order": Order})
    monkeypatch.setattr(event_migrations, "_steps", {})
    event_migrations.register_migration(
        "OrderPlaced", "v1", "v2", lambda data: {**data, "currency": "EUR"}
    )


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """Who may do all, in one tenant."""
    api_key, text = issuing.create("examples", role="writer", tenants=["acme"])
    for role in ("redactor", "pii_reader", "platform_admin"):
        granting.give(str(api_key), role, "acme")
    with httpx.Client(
        transport=httpx.WSGITransport(app=get_wsgi_application()),
        base_url="http://localhost/api/v1",
        headers={"Authorization": f"Bearer {text}", "X-Request-ID": "checkout-1"},
    ) as found:
        yield found


def send(client: httpx.Client, example: Example) -> httpx.Response:
    content = (
        example.body if isinstance(example.body, str) else json.dumps(example.body)
    )
    headers = {**example.headers}
    if example.body is None:
        return client.request(example.method, example.path, headers=headers)
    return client.request(
        example.method,
        example.path,
        content=content,
        headers={**headers, "Content-Type": example.media_type},
    )


def recorded(example: Example, answer: httpx.Response) -> dict[str, Any]:
    kind = answer.headers["Content-Type"].partition(";")[0]
    is_text = kind.endswith("ndjson")
    request: dict[str, Any] = {"method": example.method, "path": example.path}
    if example.headers:
        request["headers"] = dict(example.headers)
    if example.body is not None:
        request |= {"media_type": example.media_type, "body": example.body}
    told: dict[str, Any] = {"status": answer.status_code, "media_type": kind}
    if example.operation != "schema_get":
        told["body"] = answer.text if is_text else answer.json()
    return {
        "operation": example.operation,
        "name": example.name,
        "summary": example.summary,
        "request": request,
        "answer": told,
    }


def shape(value: Any) -> Any:
    """Return ``value`` with types in the place of what differs from day to day."""
    match value:
        case dict():
            return {key: shape(inner) for key, inner in value.items()}
        case list():
            return [shape(inner) for inner in value]
        case int() | float() if not isinstance(value, bool):
            return "number"
        case _:
            return type(value).__name__


def run(client: httpx.Client) -> list[dict[str, Any]]:
    found = []
    for example in EXAMPLES:
        if example.operation == "aggregates_snapshots":
            order = Order.load("1001", "acme")
            store.record_snapshot(
                *("1001", "acme", "s-1", "e-5", order.get_state()),
                redaction_mark=order._redaction_mark,
                fold_version="1",
            )
        with override_settings(EVENTSTORE=_RATE | example.settings):
            answer = send(client, example)
        assert answer.status_code == example.status, answer.text
        found.append(recorded(example, answer))
    return found


def test_every_example_is_executed_and_answered_as_the_document_shows(
    client: httpx.Client,
) -> None:
    found = run(client)
    if os.environ.get("RECORD_EXAMPLES"):
        text = json.dumps(found, indent=1, ensure_ascii=False)
        PATH.write_text(text + "\n")

    shown = examples()
    assert len(found) == len(shown)
    for mine, told in zip(found, shown, strict=True):
        assert mine["answer"]["status"] == told["answer"]["status"]
        assert shape(mine) == shape(told)


def test_every_operation_has_an_example_and_keeps_to_its_schema(
    client: httpx.Client,
) -> None:
    document = json.loads(DOCUMENT.read_bytes())
    operations = {
        operation["operationId"]: operation
        for methods in document["paths"].values()
        for operation in methods.values()
    }
    found = run(client)

    assert {example["operation"] for example in found} == set(operations)
    for example in found:
        operation, answer = operations[example["operation"]], example["answer"]
        told = operation["responses"].get(str(answer["status"]))
        if "$ref" in told:
            told = document["components"]["responses"][told["$ref"].rsplit("/", 1)[1]]
        check(document, told["content"][answer["media_type"]], answer.get("body", {}))
        if "body" in example["request"] and answer["status"] < 400:
            content = operation["requestBody"]["content"]
            check(
                document,
                content[example["request"]["media_type"]],
                example["request"]["body"],
            )


def test_every_kind_of_refusal_has_an_example_of_those_that_were_executed() -> None:
    document = json.loads(DOCUMENT.read_bytes())
    shown = {
        name: answer["content"]["application/problem+json"]
        for name, answer in document["components"]["responses"].items()
    }

    # Any other problem is what no request leads to.
    assert {name for name, told in shown.items() if not told.get("examples")} == {
        "Problem"
    }
    assert not any("example" in told for told in shown.values())
    executed = [example["answer"].get("body") for example in examples()]
    for told in shown.values():
        for example in told.get("examples", {}).values():
            assert example["value"] in executed


def check(document: dict[str, Any], content: dict[str, Any], value: Any) -> None:
    schema = {**content["schema"], "components": document["components"]}
    Draft202012Validator(schema).validate(value)
