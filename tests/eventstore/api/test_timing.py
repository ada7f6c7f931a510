"""Whether an event is foreign or missing, the time of the answer does not tell."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from eventstore import store
from eventstore.keys import issuing
from tests.factories import new_event

pytestmark = pytest.mark.django_db

FOREIGN, MISSING = "foreign", "missing"


@pytest.fixture
def client(settings: Any) -> APIClient:
    """A key of acme, beside a tenant that has events."""
    settings.EVENTSTORE = {"API_RATE": ""}
    for number in range(500):
        event = new_event(
            event_id=f"foreign-{number}", aggregate_id=f"foreign-{number}"
        )
        store.append_event(event, FOREIGN)
    store.append_event(new_event(), "acme")
    _, text = issuing.create("k", role="reader", tenants=["acme"])
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


ADDRESSES: dict[str, Callable[[str, int], str]] = {
    "event": lambda kind, number: f"/api/v1/events/{kind}-{number}/",
    "aggregate": lambda kind, number: (
        f"/api/v1/aggregates/Requirement/{kind}-{number}/events/"
    ),
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_foreign_and_missing_take_the_same_statements(
    client: APIClient, address: Callable[[str, int], str]
) -> None:
    statements = []
    for kind in (FOREIGN, MISSING):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address(kind, 7)).status_code == 404
        statements.append(
            [
                re.sub(rf'{kind}|"s\d+_x\d+"', "", query["sql"])
                for query in queries.captured_queries
            ]
        )
    assert statements[0] == statements[1]


@pytest.mark.full
@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_foreign_and_missing_answer_within_a_tenth_of_each_other(
    client: APIClient,
    address: Callable[[str, int], str],
    record_property: Callable[[str, object], None],
) -> None:
    seconds: dict[str, list[float]] = {FOREIGN: [], MISSING: []}
    for number in range(500):
        # In turn, and each first half of the time: what drifts, drifts for both.
        for kind in (FOREIGN, MISSING) if number % 2 else (MISSING, FOREIGN):
            began = time.perf_counter()
            answer = client.get(address(kind, number))
            seconds[kind].append(time.perf_counter() - began)
            assert answer.status_code == 404
    # Each pair by itself: what else the machine does weighs on both of a pair, and on a
    # busy one it moves the medians of 500 by more than a tenth.
    pairs = zip(seconds[FOREIGN], seconds[MISSING], strict=True)
    ratio = statistics.median(foreign / missing for foreign, missing in pairs)
    for kind, measured in seconds.items():
        record_property(f"{kind}_ms", statistics.median(measured) * 1000)
    record_property("ratio", ratio)
    assert 1 / 1.1 < ratio < 1.1
