"""The requests whose answers are the examples of the OpenAPI document, in order."""

from __future__ import annotations

from typing import Any, NamedTuple

JSON = "application/json"
_PAID = {
    "event_type": "OrderPaid",
    "aggregate_type": "Order",
    "aggregate_id": "1001",
    "data": {"amount": 49.9, "currency": "EUR", "card": "4111 1111"},
    "metadata": {"correlation_id": "c-1", "causation_id": "e-1"},
}


class Example(NamedTuple):
    """One request."""

    operation: str
    name: str
    summary: str
    method: str
    path: str
    status: int = 200
    body: Any = None
    media_type: str = JSON
    headers: dict[str, str] = {}
    #: Those of the server, where it is asked for what it only answers under them.
    settings: dict[str, Any] = {}


def _get(operation: str, name: str, path: str, summary: str, **more: Any) -> Example:
    return Example(operation, name, summary, "GET", path, **more)


EXAMPLES = (
    Example(
        "events_create",
        "one",
        "One event, the first of its aggregate",
        "POST",
        "/events/",
        201,
        {
            "event_id": "e-1",
            "event_type": "OrderPlaced",
            "aggregate_type": "Order",
            "aggregate_id": "1001",
            "occurred_at": "2026-01-31T12:00:00Z",
            "data": {"items": [{"sku": "A-7", "quantity": 2}]},
            "metadata": {"correlation_id": "c-1"},
        },
        headers={"If-None-Match": "*", "Idempotency-Key": "place-1001"},
    ),
    Example(
        "events_create",
        "batch",
        "Two events that are stored together",
        "POST",
        "/events/?tenant=acme",
        201,
        {
            "expected_version": 1,
            "events": [
                {**_PAID, "event_id": "e-2"},
                {**_PAID, "event_id": "e-3", "event_type": "InvoiceSent"},
            ],
        },
    ),
    Example(
        "events_create",
        "cloudevent",
        "A CloudEvent in structured mode",
        "POST",
        "/events/",
        201,
        {
            "specversion": "1.0",
            "id": "e-4",
            "source": "/shop",
            "type": "OrderShipped",
            "aggregatetype": "Order",
            "aggregateid": "1002",
            "time": "2026-01-31T13:00:00Z",
            "data": {"carrier": "DHL"},
        },
        "application/cloudevents+json",
    ),
    Example(
        "events_create",
        "stale",
        "Somebody else was first",
        "POST",
        "/events/",
        409,
        {**_PAID, "expected_version": 1},
    ),
    Example(
        "events_create",
        "faulty",
        "Every fault has its place",
        "POST",
        "/events/",
        422,
        {"event_type": "", "aggregate_type": "Order", "data": {}},
    ),
    Example(
        "events_create",
        "list",
        "The same as a list, without a version that is expected",
        "POST",
        "/events/",
        201,
        [
            {**_PAID, "aggregate_id": "1004", "event_id": "e-7"},
            {**_PAID, "aggregate_id": "1005", "event_id": "e-8"},
        ],
    ),
    Example(
        "events_create",
        "another",
        "In the name of somebody else",
        "POST",
        "/events/",
        403,
        {**_PAID, "metadata": {"actor": {"type": "user", "id": "7"}}},
    ),
    Example(
        "events_create",
        "large",
        "A body that is too large",
        "POST",
        "/events/",
        413,
        {**_PAID, "data": {"text": "..."}},
        settings={"API_MAX_BODY_BYTES": 100},
    ),
    Example(
        "events_create",
        "text",
        "A type of body that is not read",
        "POST",
        "/events/",
        415,
        "OrderPaid",
        "text/plain",
    ),
    Example(
        "aggregates_events_append",
        "one",
        "One event, if the aggregate stands at version 3",
        "POST",
        "/aggregates/Order/1001/events/",
        201,
        {"event_type": "OrderClosed", "event_id": "e-5"},
        headers={"If-Match": '"3"'},
    ),
    Example(
        "aggregates_events_append",
        "gone",
        "It does not stand there any more",
        "POST",
        "/aggregates/Order/1001/events/",
        412,
        {"event_type": "OrderClosed"},
        headers={"If-Match": '"3"'},
    ),
    _get("events_list", "page", "/events/?page_size=2&order=desc", "The newest two"),
    _get(
        "events_list",
        "cloudevents",
        "/events/?event_type=OrderShipped",
        "As CloudEvents",
        headers={"Accept": "application/cloudevents-batch+json"},
    ),
    _get("events_list", "fault", "/events/?page_size=x", "No such page", status=400),
    _get(
        "events_list",
        "mistyped",
        "/events/",
        "With a key that is none",
        status=401,
        headers={"Authorization": "Bearer es_mistyped"},
    ),
    _get(
        "events_list",
        "html",
        "/events/",
        "As a type that there is not",
        status=406,
        headers={"Accept": "text/html"},
    ),
    _get(
        "events_list",
        "often",
        "/events/",
        "More often than once a day, where that is the rate",
        status=429,
        settings={"API_RATE": "1/day"},
    ),
    _get("events_retrieve", "event", "/events/e-1/?tenant=acme", "By its id"),
    _get("events_retrieve", "nothing", "/events/e-0/", "No such event", status=404),
    _get(
        "events_retrieve",
        "cloudevent",
        "/events/e-4/",
        "As a CloudEvent",
        headers={"Accept": "application/cloudevents+json"},
    ),
    _get("events_cause", "cause", "/events/e-2/cause/", "What led to it"),
    _get("events_effects", "effects", "/events/e-1/effects/", "What it led to"),
    Example(
        "events_redactions_create",
        "value",
        "One value of the payload",
        "POST",
        "/events/e-2/redactions/",
        201,
        {"reason": "GDPR request 17", "fields": ["/data/card"]},
    ),
    _get(
        "events_redactions_list",
        "records",
        "/events/e-2/redactions/",
        "What was removed",
    ),
    _get("aggregates_list", "page", "/aggregates/?page_size=1", "The first one"),
    _get("aggregates_retrieve", "head", "/aggregates/Order/1001/", "Its head"),
    _get(
        "aggregates_events",
        "history",
        "/aggregates/Order/1001/events/?version_up_to=2",
        "The first two versions",
    ),
    _get(
        "aggregates_snapshots",
        "snapshots",
        "/aggregates/Order/1001/snapshots/",
        "Short cuts to its states",
    ),
    _get(
        "aggregates_state",
        "version",
        "/aggregates/Order/1001/state/?version=2",
        "What it was at version 2",
    ),
    _get(
        "aggregates_diff",
        "diff",
        "/aggregates/Order/1001/diff/?from=1&to=4",
        "From version 1 to 4",
    ),
    _get("snapshots_list", "page", "/snapshots/?page_size=1", "The first one"),
    _get("snapshots_retrieve", "snapshot", "/snapshots/s-1/", "By its id"),
    _get("event_types_list", "types", "/event-types/?page_size=2", "The first two"),
    _get("migrations_list", "steps", "/migrations/", "All steps"),
    _get("subscriptions_list", "partitions", "/subscriptions/", "All that there are"),
    _get(
        "bulk_events_download",
        "lines",
        "/bulk/events/?event_type=OrderShipped",
        "One type",
    ),
    Example(
        "bulk_events_upload",
        "lines",
        "Two lines, of which one is known",
        "POST",
        "/bulk/events/",
        200,
        '{"event_id":"e-4","event_type":"OrderShipped","aggregate_type":"Order",'
        '"aggregate_id":"1002","data":{"carrier":"DHL"}}\n'
        '{"event_id":"e-6","event_type":"OrderPlaced","aggregate_type":"Order",'
        '"aggregate_id":"1003","data":{}}\n',
        "application/x-ndjson",
    ),
    _get("schema_get", "stranger", "/schema/", "Anybody with a grant"),
)
