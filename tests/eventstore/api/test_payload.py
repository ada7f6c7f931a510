from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from rest_framework.test import APIClient

from eventstore import indexing, sql, store
from eventstore.api import containment
from eventstore.models import TenantGrant
from tests.factories import new_event

EVENTS = "/api/v1/events/"
TYPE = "event_type=RequirementCreated"

pytestmark = pytest.mark.django_db


def append(event_id: str, data: Any, tenant: str = "acme", **fields: Any) -> None:
    store.append_event(new_event(event_id=event_id, data=data, **fields), tenant)


def ask(client: APIClient, *payload: str, more: str = TYPE) -> Any:
    query = "&".join([more, *(f"payload={quote(text)}" for text in payload)])
    return client.get(f"{EVENTS}?{query}")


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [event["event_id"] for event in answer.json()["results"]]


@pytest.fixture(params=["with the index", "without it"])
def index(request: pytest.FixtureRequest, db: None) -> None:
    """In the test's transaction, where it cannot be made as the command makes it."""
    if request.param == "with the index":
        text = sql.schema_object("indexes/payload", "public")
        sql.run_script(text.replace(" CONCURRENTLY", ""))


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize(
    ("payload", "found"),
    [
        (['/city="Ulm"'], ["a", "b"]),
        (['/city="Bonn"'], []),
        (["/n=1"], ["a"]),
        (["/n=1.0"], ["a"]),
        (['/n="1"'], []),
        (["/n=true"], []),
        (["/n=null"], []),
        (["/deep/er=7"], ["b"]),
        (['/city="Ulm"', "/deep/er=7"], ["b"]),
        (["/deep/er=7", "/deep/est=8"], ["b"]),
        (['/tags=["x"]'], ["b"]),
        (['/tags="x"'], []),
        (["/m~1n=1"], ["c"]),
        (["/m~0n=2"], ["c"]),
        (['={"m/n":1}'], ["c"]),
        (['/a=b="x"'], []),
        (["/deep={}"], ["b"]),
    ],
)
def test_fields_of_the_payload_equal_by_type_and_value(
    client: APIClient, payload: list[str], found: list[str]
) -> None:
    append("a", {"city": "Ulm", "n": 1})
    append(
        "b", {"city": "Ulm", "n": 2, "deep": {"er": 7, "est": 8}, "tags": ["y", "x"]}
    )
    append("c", {"m/n": 1, "m~n": 2})
    if payload == ['/a=b="x"']:
        assert ask(client, *payload).status_code == 400
        return
    assert ids(ask(client, *payload)) == found


@pytest.mark.usefixtures("index")
def test_pages_of_a_payload_hold_each_hit_once_in_both_orders(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containment, "LOOKED_AT", 4)
    monkeypatch.setattr(containment, "MAX_HITS", 3)
    for number in range(15):
        append(f"e-{number}", {"odd": bool(number % 2)})
    hits = [f"e-{number}" for number in range(1, 15, 2)]
    for order, expected in (("asc", hits), ("desc", hits[::-1])):
        address = f"{EVENTS}?{TYPE}&payload=/odd=true&page_size=2&order={order}"
        seen: list[str] = []
        pages = 0
        while address:
            answer = client.get(address)
            seen += ids(answer)
            address = answer.json()["next"]
            pages += 1
        assert seen == expected
        assert pages <= 8


@pytest.mark.parametrize(
    "payload",
    ["city", "/city", "/city=Ulm", "city=1", "=7", "={}", "/n={'a':1}", "/n=NaN"],
)
def test_what_is_no_pointer_with_a_value_is_refused_with_an_example(
    client: APIClient, payload: str
) -> None:
    answer = ask(client, payload)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["parameter"] == "payload"


def test_a_field_that_is_given_twice_with_two_values_is_refused(
    client: APIClient,
) -> None:
    assert ask(client, "/n=1", "/n=2").status_code == 400
    assert ask(client, "/n=1", "/n=1").status_code == 200


@pytest.mark.parametrize(
    "payload", ['/n="\\u0000"', '/n="\\ud800"', "/n=1e200000", "/n=" + "[" * 30]
)
def test_what_no_payload_can_hold_is_refused(client: APIClient, payload: str) -> None:
    assert ask(client, payload).status_code == 400


def test_without_the_index_something_else_must_narrow_the_list(
    client: APIClient,
) -> None:
    answer = ask(client, "/n=1", more="order=asc")
    assert answer.status_code == 400
    assert "eventstore_index payload" in answer.json()["errors"][0]["detail"]
    assert ask(client, "/n=1", more="position_up_to=10").status_code == 200


@pytest.mark.usefixtures("index")
def test_a_payload_finds_nothing_of_foreign_tenants(client: APIClient) -> None:
    append("own", {"n": 1})
    append("foreign", {"n": 1}, tenant="foreign")
    assert ids(ask(client, "/n=1")) == ["own"]


def test_what_was_redacted_is_not_found_by_what_it_was(client: APIClient) -> None:
    append("e-1", {"mail": "ann@example.com", "n": 1})
    store.redact_event("e-1", "acme", ["/data/mail"], reason="asked for", actor="dpo")
    assert ids(ask(client, '/mail="ann@example.com"')) == []
    assert ids(ask(client, "/n=1")) == ["e-1"]


def test_whoever_may_not_see_payloads_may_not_ask_for_them(ann: User) -> None:
    TenantGrant.objects.filter(user=ann).update(role="platform_admin")
    client = APIClient()
    client.force_authenticate(ann)
    append("e-1", {"n": 1})
    assert ids(client.get(EVENTS)) == ["e-1"]
    assert ask(client, "/n=1").status_code == 403


@override_settings(EVENTSTORE={"PERSONAL_PATHS": ("/data/customer/mail",)})
@pytest.mark.parametrize(
    "payload", ['/customer/mail="a@b"', '/customer={"mail":"a@b"}', "/customer={}"]
)
def test_whoever_may_not_see_what_is_personal_may_not_ask_for_it(
    client: APIClient, ann: User, payload: str
) -> None:
    append("e-1", {"customer": {"mail": "a@b"}, "n": 1})
    assert ask(client, payload).status_code == 403
    assert ids(ask(client, "/n=1")) == ["e-1"]
    TenantGrant.objects.create(user=ann, tenant_id="acme", role="pii_reader")
    assert ids(ask(client, payload)) == ["e-1"]


@pytest.fixture
def real_index(transactional_db: None) -> Iterator[None]:
    assert indexing.create("payload")
    yield
    indexing.drop("payload")


@pytest.mark.django_db(transaction=True)
def test_the_index_answers_alone_when_it_is_there(
    real_index: None, client: APIClient
) -> None:
    append("a", {"n": 1})
    append("b", {"n": 2})
    assert indexing.status("payload").is_valid
    assert not indexing.create("payload")
    assert ids(ask(client, "/n=2", more="order=asc")) == ["b"]


@pytest.mark.parametrize("depth", [21, 3_000])
def test_a_pointer_deeper_than_payloads_are_searched_is_refused(
    client: APIClient, depth: int
) -> None:
    deep = "/a" * depth
    answer: Any = client.get(EVENTS, {"payload": [f"{deep}=1", f"{deep}=2"]})
    assert answer.status_code == 400
    assert "deeper than 20 levels" in answer.json()["detail"]
