from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from rest_framework.test import APIClient

from eventstore import Aggregate, applies, register_aggregate, store, time_travel
from eventstore import aggregates as registry
from eventstore.models import TenantGrant
from tests.factories import new_event

pytestmark = pytest.mark.django_db

PAID = "/api/v1/aggregates/Bill/B-1/"
MORNING = datetime(2026, 1, 31, 8, tzinfo=UTC)


class Bill(Aggregate):
    aggregate_type = "Bill"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.lines: list[Any] = []
        self.mail: Any = None

    @applies("LineAdded")
    def _added(self, event: Any) -> None:
        self.lines.append(event.data["text"])

    @applies("Addressed")
    def _addressed(self, event: Any) -> None:
        self.mail = event.data["mail"]


@pytest.fixture(autouse=True)
def bills(db: None) -> Iterator[None]:
    register_aggregate(Bill)
    yield
    del registry._registered["Bill"]


def append(event_type: str, hour: int = 0, **data: Any) -> Any:
    event = new_event(
        event_type,
        aggregate_type="Bill",
        aggregate_id="B-1",
        data=data,
        occurred_at=MORNING + timedelta(hours=hour),
    )
    return store.append_event(event, "acme")


@pytest.fixture
def history() -> list[Any]:
    return [
        append("LineAdded", 0, text="a"),
        append("Addressed", 2, mail="a@b"),
        append("LineAdded", 1, text="b"),
    ]


def ask(client: APIClient, query: str = "") -> Any:
    return client.get(f"{PAID}state/?{query}")


@pytest.mark.parametrize(
    ("version", "lines", "mail"),
    [(0, [], None), (1, ["a"], None), (2, ["a"], "a@b"), (3, ["a", "b"], "a@b")],
)
def test_a_state_at_a_version_is_what_its_events_fold_to(
    client: APIClient, history: list[Any], version: int, lines: list[str], mail: Any
) -> None:
    body = ask(client, f"version={version}").json()
    assert body["state"] == {"lines": lines, "mail": mail}
    assert (body["version"], body["current_version"]) == (version, 3)
    assert body["events_folded"] == version


def test_without_a_version_it_is_the_current_state(
    client: APIClient, history: list[Any]
) -> None:
    assert ask(client).json()["version"] == 3


def test_a_state_as_of_a_moment_knows_what_was_stored_until_then(
    client: APIClient, history: list[Any]
) -> None:
    for count, event in enumerate(history, start=1):
        body = ask(client, f"as_of={quote(event.stored_at.isoformat())}").json()
        assert (body["version"], body["basis"]) == (count, "stored")
    before = history[0].stored_at - timedelta(seconds=1)
    assert ask(client, f"as_of={quote(before.isoformat())}").json()["version"] == 0


def test_a_state_as_of_business_time_knows_what_had_occurred(
    client: APIClient, history: list[Any]
) -> None:
    moment = quote((MORNING + timedelta(hours=1)).isoformat())
    body = ask(client, f"as_of={moment}&basis=occurred").json()
    assert body["state"] == {"lines": ["a", "b"], "mail": None}
    assert body["as_of"] == "2026-01-31T09:00:00Z"


def test_a_state_begins_with_the_newest_snapshot_that_is_not_too_new(
    client: APIClient, history: list[Any]
) -> None:
    store.record_snapshot(
        "B-1",
        "acme",
        "S-1",
        history[1].event_id,
        state={"lines": ["from the snapshot"], "mail": None},
        fold_version="1",
    )
    body = ask(client, "version=3").json()
    assert body["state"]["lines"] == ["from the snapshot", "b"]
    assert (body["snapshot_version"], body["events_folded"]) == (2, 1)
    assert ask(client, "version=1").json()["snapshot_version"] == 0


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("version=4", 404, "not_found"),
        ("version=-1", 400, "invalid_parameter"),
        ("version=x", 400, "invalid_parameter"),
        ("as_of=yesterday", 400, "invalid_parameter"),
        ("as_of=2026-01-31T12:00:00", 400, "invalid_parameter"),
        ("basis=occurred", 400, "invalid_parameter"),
        ("version=1&as_of=2026-01-31T12:00:00Z", 400, "invalid_parameter"),
        ("versoin=1", 400, "invalid_parameter"),
    ],
)
def test_what_is_no_version_and_no_moment_is_refused(
    client: APIClient, history: list[Any], query: str, status: int, code: str
) -> None:
    answer = ask(client, query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_without_a_class_the_answer_says_how_to_register_one(
    client: APIClient,
) -> None:
    store.append_event(new_event(aggregate_type="Box", aggregate_id="1"), "acme")
    answer = client.get("/api/v1/aggregates/Box/1/state/")
    assert answer.status_code == 409
    assert "@register_aggregate" in answer.json()["detail"]


def test_a_class_that_fails_is_named_with_the_version_and_no_payload(
    client: APIClient, history: list[Any]
) -> None:
    append("LineAdded", secret="hush")
    answer = ask(client)
    assert (answer.status_code, answer.json()["code"]) == (409, "fold_failed")
    assert answer.json()["aggregate_version"] == 4
    assert b"hush" not in answer.content
    assert ask(client, "version=3").status_code == 200


def test_more_events_than_are_folded_at_once_ask_for_a_snapshot(
    client: APIClient, history: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_travel, "MAX_EVENTS", 2)
    for query in ("", "as_of=2027-01-01T00:00:00Z&basis=occurred"):
        answer = ask(client, query)
        assert (answer.status_code, answer.json()["code"]) == (409, "too_many_events")
    assert ask(client, "version=2").status_code == 200


def test_differences_name_each_field_with_before_and_after(
    client: APIClient, history: list[Any]
) -> None:
    body = client.get(f"{PAID}diff/?from=1&to=3").json()
    assert body["differences"] == [
        {"pointer": "/lines/1", "kind": "added", "after": "b"},
        {"pointer": "/mail", "kind": "type_changed", "before": None, "after": "a@b"},
    ]
    assert (body["from"], body["to"], body["is_complete"]) == (1, 3, True)
    assert client.get(f"{PAID}diff/?from=3").json()["differences"] == []


@pytest.mark.parametrize("query", ["", "from=2&to=1", "from=x", "from=1&too=2"])
def test_differences_between_no_two_versions_are_refused(
    client: APIClient, history: list[Any], query: str
) -> None:
    assert client.get(f"{PAID}diff/?{query}").status_code == 400


@override_settings(EVENTSTORE={"PERSONAL_PATHS": ("/state/mail",)})
def test_what_is_personal_in_a_state_is_hidden_and_named(
    client: APIClient, history: list[Any], ann: User
) -> None:
    body = ask(client).json()
    assert (body["state"]["mail"], body["hidden"]) == (None, ["/state/mail"])
    body = client.get(f"{PAID}diff/?from=0").json()
    assert b"a@b" not in client.get(f"{PAID}diff/?from=0").content
    assert body["hidden"] == ["/state/mail"]
    TenantGrant.objects.create(user=ann, tenant_id="acme", role="pii_reader")
    assert ask(client).json()["state"]["mail"] == "a@b"


def test_a_state_is_for_those_who_may_see_payloads(
    client: APIClient, history: list[Any], ann: User
) -> None:
    TenantGrant.objects.filter(user=ann).update(role="platform_admin")
    assert client.get(PAID).status_code == 200
    assert ask(client).status_code == 403
    assert client.get(f"{PAID}diff/?from=0").status_code == 403


def test_a_foreign_state_looks_like_a_missing_one(
    client: APIClient, history: list[Any]
) -> None:
    event = new_event(aggregate_type="Bill", aggregate_id="F-1")
    store.append_event(event, "foreign")
    for name in ("state/", "diff/?from=0", "snapshots/"):
        answers = [
            client.get(f"/api/v1/aggregates/Bill/{key}/{name}")
            for key in ("F-1", "M-1")
        ]
        assert [answer.status_code for answer in answers] == [404, 404]


def test_a_redacted_state_is_folded_from_what_is_left(
    client: APIClient, history: list[Any]
) -> None:
    store.redact_event(
        history[1].event_id, "acme", ["/data/mail"], reason="asked for", actor="dpo"
    )
    assert ask(client).json()["state"]["mail"] == {"redacted": True}


def test_the_snapshots_of_an_aggregate_are_its_own(
    client: APIClient, history: list[Any]
) -> None:
    store.append_event(new_event(event_id="other"), "acme")
    store.record_snapshot("R-1", "acme", "S-0", "other", state={})
    for number, event in enumerate(history):
        store.record_snapshot("B-1", "acme", f"S-{number + 1}", event.event_id)
    answer = client.get(f"{PAID}snapshots/?page_size=2").json()
    ids = [row["snapshot_id"] for row in answer["results"]]
    ids += [row["snapshot_id"] for row in client.get(answer["next"]).json()["results"]]
    assert ids == ["S-1", "S-2", "S-3"]


def test_two_classes_for_one_type_are_refused() -> None:
    class Invoice(Aggregate):
        aggregate_type = "Bill"

    with pytest.raises(ValueError, match="Bill already"):
        register_aggregate(Invoice)
    with pytest.raises(ValueError, match="no aggregate_type"):
        register_aggregate(Aggregate)
