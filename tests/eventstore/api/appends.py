"""What the tests of appends send."""

from __future__ import annotations

import json
from typing import Any

from rest_framework.test import APIClient

EVENTS = "/api/v1/events/"
BULK = "/api/v1/bulk/events/"
LINES = "application/x-ndjson"
HISTORY = "/api/v1/aggregates/Requirement/R-1/events/"


def draft(**fields: Any) -> dict[str, Any]:
    return {
        "event_type": "RequirementCreated",
        "aggregate_type": "Requirement",
        "aggregate_id": "R-1",
        "data": {"title": "Log in with a passkey"},
        **fields,
    }


def post(client: APIClient, body: Any, to: str = EVENTS, **headers: str) -> Any:
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    return client.post(
        to,
        content,
        content_type=headers.pop("content_type", "application/json"),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def pointers(answer: Any) -> list[str]:
    return [fault["pointer"] for fault in answer.json()["errors"]]
