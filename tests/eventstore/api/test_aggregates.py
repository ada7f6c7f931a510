from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from eventstore import store
from tests.factories import new_event

pytestmark = pytest.mark.django_db

AGGREGATES = "/api/v1/aggregates/"

STRANGE = [
    "Talk:A/B",
    "~",
    "~1",
    "~01~/",
    ".",
    "..",
    "a?b=c#d",
    "a b+c%2F",
    "\u00fc\U0001f600",
    "/",
    "//",
    "events",
    "a\nb",
    "'\"><script>",
    "a.json",
]


def test_an_aggregate_says_where_it_stands(client: APIClient) -> None:
    store.append_event(new_event(), "acme")
    last = store.append_event(new_event(), "acme")
    assert client.get(f"{AGGREGATES}Requirement/R-1/").json() == {
        "url": "http://testserver/api/v1/aggregates/Requirement/R-1/?tenant=acme",
        "tenant_id": "acme",
        "aggregate_type": "Requirement",
        "aggregate_id": "R-1",
        "current_version": 2,
        "last_stored_at": last.stored_at.isoformat().replace("+00:00", "Z"),
    }


def test_aggregates_are_paged_by_id_and_type_and_filtered(client: APIClient) -> None:
    for aggregate_type, aggregate_id in (("B", "1"), ("A", "2"), ("A", "1")):
        event = new_event(aggregate_type=aggregate_type, aggregate_id=aggregate_id)
        store.append_event(event, "acme")
    seen = []
    address = f"{AGGREGATES}?page_size=1"
    while address:
        answer = client.get(address).json()
        seen += [
            (row["aggregate_id"], row["aggregate_type"]) for row in answer["results"]
        ]
        address = answer["next"]
    assert seen == [("1", "A"), ("1", "B"), ("2", "A")]
    of_type = client.get(f"{AGGREGATES}?aggregate_type=B").json()["results"]
    assert [row["aggregate_id"] for row in of_type] == ["1"]


def test_a_history_is_paged_by_version(client: APIClient) -> None:
    store.append_events([new_event() for _ in range(5)], "acme")
    store.append_event(new_event(aggregate_id="R-2"), "acme")
    seen = []
    address = f"{AGGREGATES}Requirement/R-1/events/?page_size=2"
    while address:
        answer = client.get(address).json()
        seen += [event["aggregate_version"] for event in answer["results"]]
        address = answer["next"]
    assert seen == [1, 2, 3, 4, 5]
    part = client.get(
        f"{AGGREGATES}Requirement/R-1/events/?version_from=2&version_up_to=3&order=desc"
    ).json()["results"]
    assert [event["aggregate_version"] for event in part] == [3, 2]


@pytest.mark.parametrize("strange", STRANGE)
def test_any_id_and_type_can_be_addressed(client: APIClient, strange: str) -> None:
    """Each row gives its own address; a client need not build one."""
    event = new_event(event_id=strange, aggregate_type=strange, aggregate_id=strange)
    store.append_event(event, "acme")
    store.record_snapshot(strange, "acme", strange, strange, state={})
    for name, column in (
        ("events", "event_id"),
        ("aggregates", "aggregate_id"),
        ("snapshots", "snapshot_id"),
    ):
        (row,) = client.get(f"/api/v1/{name}/").json()["results"]
        answer = client.get(row["url"])
        assert answer.status_code == 200, row["url"]
        assert answer.json()[column] == strange
    head = client.get(AGGREGATES).json()["results"][0]["url"]
    history = head.replace("/?tenant", "/events/?tenant")
    assert len(client.get(history).json()["results"]) == 1


@pytest.mark.parametrize("key", ["a%00b", "a%FFb", "x" * 5000])
def test_a_key_that_nothing_can_have_is_not_found(client: APIClient, key: str) -> None:
    for address in (f"events/{key}/", f"aggregates/A/{key}/", f"snapshots/{key}/"):
        assert client.get(f"/api/v1/{address}").status_code == 404


def test_the_snapshots_of_one_aggregate(client: APIClient) -> None:
    first, second = store.append_events([new_event(), new_event()], "acme")
    other = store.append_event(new_event(aggregate_id="R-2"), "acme")
    for event, snapshot in ((first, "s-1"), (second, "s-2"), (other, "other")):
        store.record_snapshot(
            event.aggregate_id, "acme", snapshot, event.event_id, state={"n": 1.5}
        )
    address = (
        "/api/v1/snapshots/?aggregate_type=Requirement&aggregate_id=R-1&order=desc"
    )
    rows = client.get(address).json()["results"]
    assert [row["snapshot_id"] for row in rows] == ["s-2", "s-1"]
    assert rows[0]["aggregate_version"] == 2
    assert rows[0]["state"] == {"n": 1.5}
    event = client.get(f"/api/v1/events/{second.event_id}/").json()
    assert event["snapshot_id"] == "s-2"
