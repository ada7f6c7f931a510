"""How answers travel: fields, newest shapes, compression, entity tags, time limits."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from rest_framework.test import APIClient

from eventstore import event_migrations, store
from tests.eventstore.conftest import Session
from tests.factories import new_event

pytestmark = pytest.mark.django_db

EVENTS = "/api/v1/events/"


def append(event_id: str, **fields: Any) -> Any:
    return store.append_event(new_event(event_id=event_id, **fields), "acme")


@pytest.fixture
def renamed(db: None) -> Iterator[None]:
    """A migration that moves a field: v1 has a name, v2 a title."""
    event_migrations.register_migration(
        "Renamed", "v1", "v2", lambda data: {"title": data["name"]}
    )
    yield
    del event_migrations._steps["Renamed"]


def test_chosen_fields_alone_come_back(client: APIClient) -> None:
    append("e-1")
    query = "?fields=event_id,data"
    data = {"title": "Log in with a passkey"}
    expected = {"event_id": "e-1", "data": data}
    assert client.get(f"{EVENTS}e-1/{query}").json() == expected
    assert client.get(EVENTS + query).json()["results"] == [expected]
    heads = client.get("/api/v1/aggregates/?fields=current_version").json()
    assert heads["results"] == [{"current_version": 1}]


@pytest.mark.parametrize("accept", ["application/json", "application/cloudevents+json"])
def test_caches_know_that_an_event_has_several_forms(
    client: APIClient, accept: str
) -> None:
    append("e-1")
    answer: Any = client.get(f"{EVENTS}e-1/", headers={"accept": accept})
    assert answer.status_code == 200
    assert "Accept" in answer.headers["Vary"].split(", ")


def test_a_field_that_is_none_is_refused_with_those_that_are(client: APIClient) -> None:
    append("e-1")
    for address in (EVENTS, f"{EVENTS}e-1/"):
        answer = client.get(f"{address}?fields=event_id,datum")
        assert answer.status_code == 400
        assert "datum" in answer.json()["detail"]
        assert answer.json()["errors"][0]["parameter"].startswith("fields")


@pytest.mark.parametrize("fields", ["datum", "", ","])
def test_fields_are_refused_also_where_a_list_is_empty(
    client: APIClient, fields: str
) -> None:
    for address in (EVENTS, "/api/v1/aggregates/", "/api/v1/snapshots/"):
        answer = client.get(f"{address}?fields={fields}")
        assert answer.status_code == 400, address
        assert answer.json()["errors"][0]["parameter"].startswith("fields")


@pytest.mark.usefixtures("renamed")
def test_the_newest_shape_is_given_on_request(client: APIClient) -> None:
    append("e-1", event_type="Renamed", data={"name": "x"})
    stored = client.get(f"{EVENTS}e-1/").json()
    assert (stored["data"], stored["event_version"]) == ({"name": "x"}, "v1")
    for lifted in (
        client.get(f"{EVENTS}e-1/?version=latest").json(),
        client.get(f"{EVENTS}?version=latest").json()["results"][0],
        client.get("/api/v1/aggregates/Requirement/R-1/events/?version=latest").json()[
            "results"
        ][0],
    ):
        assert lifted["data"] == {"title": "x"}
        assert (lifted["event_version"], lifted["upcast_from"]) == ("v2", "v1")
    assert client.get(f"{EVENTS}?version=oldest").status_code == 400


@pytest.mark.usefixtures("renamed")
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("event_version", {"event_version": "v2"}),
        ("event_version,upcast_from", {"event_version": "v2", "upcast_from": "v1"}),
        ("event_id", {"event_id": "e-1"}),
    ],
)
def test_versions_are_those_of_the_newest_shape_also_without_the_payload(
    client: APIClient, fields: str, expected: dict[str, str]
) -> None:
    append("e-1", event_type="Renamed", data={"name": "x"})
    address = f"{EVENTS}e-1/?version=latest&fields={fields}"
    assert client.get(address).json() == expected


@pytest.mark.usefixtures("renamed")
@override_settings(EVENTSTORE={"PERSONAL_PATHS": ("/data/name",)})
def test_a_new_name_does_not_show_what_was_hidden_under_the_old_one(
    client: APIClient,
) -> None:
    append("e-1", event_type="Renamed", data={"name": "Ann"})
    answer = client.get(f"{EVENTS}e-1/?version=latest")
    assert b"Ann" not in answer.content
    assert answer.json()["data"] == {"title": {"redacted": True}}
    assert answer.json()["hidden"] == ["/data/name"]


@pytest.mark.usefixtures("renamed")
def test_a_migration_that_fails_is_named(client: APIClient) -> None:
    append("e-1", event_type="Renamed", data={})
    answer = client.get(f"{EVENTS}e-1/?version=latest")
    assert answer.json()["code"] == "event_migration_failed"


def test_answers_are_compressed_for_those_who_accept_it(client: APIClient) -> None:
    append("e-1", data={"text": "x" * 1000})
    for address in (EVENTS, f"{EVENTS}e-1/"):
        plain = client.get(address)
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in answer["Vary"]
        assert json.loads(gzip.decompress(answer.content)) == plain.json()


def test_the_length_of_a_compressed_answer_tells_nothing(client: APIClient) -> None:
    append("e-1", data={"text": "x" * 1000})
    lengths = {
        len(client.get(EVENTS, headers={"Accept-Encoding": "gzip"}).content)
        for _ in range(20)
    }
    assert len(lengths) > 1


@pytest.mark.parametrize(
    "address",
    [
        f"{EVENTS}e-1/",
        "/api/v1/aggregates/Requirement/R-1/",
        "/api/v1/snapshots/s-1/",
    ],
)
def test_what_has_not_changed_is_not_sent_again(
    client: APIClient, address: str
) -> None:
    append("e-1")
    store.record_snapshot("R-1", "acme", "s-1", "e-1", state={"n": 1})
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    other = client.get(address, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


def test_a_compressed_event_is_known_again(client: APIClient) -> None:
    append("e-1", data={"text": "x" * 1000})
    first = client.get(f"{EVENTS}e-1/", headers={"Accept-Encoding": "gzip"})
    assert first["ETag"].startswith("W/")
    headers = {"If-None-Match": first["ETag"], "Accept-Encoding": "gzip"}
    assert client.get(f"{EVENTS}e-1/", headers=headers).status_code == 304


def test_a_redaction_and_an_append_change_the_tag(client: APIClient) -> None:
    append("e-1", data={"mail": "a@b"})
    event, head = f"{EVENTS}e-1/", "/api/v1/aggregates/Requirement/R-1/"
    tags = {address: client.get(address)["ETag"] for address in (event, head)}
    store.redact_event("e-1", "acme", ["/data/mail"], reason="asked", actor="dpo")
    append("e-2")
    for address, tag in tags.items():
        again = client.get(address, headers={"If-None-Match": tag})
        assert again.status_code == 200
    assert client.get(head)["ETag"] == '"2"'


def test_the_tag_of_a_head_stays_strong_for_appends(client: APIClient) -> None:
    append("e-1", aggregate_id="x" * 700)
    answer = client.get(
        f"/api/v1/aggregates/Requirement/{'x' * 700}/",
        headers={"Accept-Encoding": "gzip"},
    )
    assert answer["ETag"] == '"1"'


@pytest.mark.django_db(transaction=True)
@override_settings(EVENTSTORE={"API_STATEMENT_TIMEOUT_SECONDS": 0.2})
def test_a_read_that_takes_too_long_ends_and_says_how_to_ask_for_less(
    client: APIClient, session: Session, sql: Any
) -> None:
    append("e-1")
    session.begin()
    session.run(sql, "LOCK TABLE stored_domain_events IN ACCESS EXCLUSIVE MODE")
    answer = client.get(EVENTS)
    session.roll_back()
    assert (answer.status_code, answer.json()["code"]) == (503, "too_slow")
    assert "Narrow" in answer.json()["detail"]
    assert sql("SHOW statement_timeout") == [("0",)]
    assert client.get(EVENTS).status_code == 200


def test_effects_and_cause_lead_from_one_event_to_another(client: APIClient) -> None:
    append("cause")
    for number in range(3):
        append(f"effect-{number}", metadata={"causation_id": "cause"})
    store.append_event(
        new_event(event_id="foreign", metadata={"causation_id": "cause"}), "foreign"
    )
    page = client.get(f"{EVENTS}cause/effects/?page_size=2").json()
    ids = [event["event_id"] for event in page["results"]]
    ids += [event["event_id"] for event in client.get(page["next"]).json()["results"]]
    assert ids == ["effect-0", "effect-1", "effect-2"]
    assert client.get(f"{EVENTS}effect-1/cause/").json()["event_id"] == "cause"
    assert client.get(f"{EVENTS}cause/cause/").status_code == 404


def test_the_cause_in_another_tenant_is_none(client: APIClient) -> None:
    store.append_event(new_event(event_id="theirs"), "foreign")
    append("e-1", metadata={"causation_id": "theirs"})
    append("e-2", metadata={"causation_id": "nobody's"})
    answers = [client.get(f"{EVENTS}{key}/cause/") for key in ("e-1", "e-2")]
    details = [answer.json()["detail"] for answer in answers]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert details[0] == details[1]
