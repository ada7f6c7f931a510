"""Redaction over HTTP, and its records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from eventstore import publisher, store
from eventstore.models import TenantGrant
from tests.eventstore.api.appends import pointers, post
from tests.factories import new_event

pytestmark = pytest.mark.django_db

PAGE = "/api/v1/events/e-1/redactions/"


@pytest.fixture(autouse=True)
def an_event() -> None:
    data = {"email": "bob@example.com", "title": "Log in"}
    store.append_event(new_event(event_id="e-1", data=data), "acme")
    store.append_event(new_event(event_id="e-2"), "foreign")


@pytest.fixture
def redactor(ann: User, client: APIClient) -> APIClient:
    TenantGrant.objects.create(user=ann, tenant_id="acme", role="redactor")
    return client


def test_a_value_is_removed_and_the_record_says_who_and_why(
    redactor: APIClient, ann: User
) -> None:
    answer = post(redactor, {"fields": ["/data/email"], "reason": "Art. 17"}, PAGE)
    assert answer.status_code == 201
    record = answer.json()
    assert (record["event_id"], record["fields"]) == ("e-1", ["/data/email"])
    assert (record["reason"], record["actor"]["id"]) == ("Art. 17", str(ann.pk))
    assert store.get_event("e-1", "acme").data == {
        "email": {"redacted": True},
        "title": "Log in",
    }
    assert redactor.get(PAGE).json() == {"results": [record]}


def test_the_whole_payload_is_removed_without_fields(redactor: APIClient) -> None:
    assert post(redactor, {"reason": "Art. 17"}, PAGE).status_code == 201
    assert "email" not in store.get_event("e-1", "acme").data


def test_what_is_gone_already_stays_gone(redactor: APIClient) -> None:
    body = {"fields": ["/data/email"], "reason": "Art. 17"}
    first, again = (post(redactor, body, PAGE) for _ in range(2))
    assert again.json() == first.json()


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, ["#/reason"]),
        ({"reason": " ", "fields": []}, ["#/reason", "#/fields"]),
        ({"reason": "x", "fields": "/data/email"}, ["#/fields"]),
        ({"reason": "x", "fields": None}, ["#/fields"]),
        ({"reason": "x", "surprise": 1}, ["#/surprise"]),
        ([], ["#"]),
    ],
)
def test_faults_are_named_and_nothing_is_removed(
    redactor: APIClient, body: Any, faults: list[str]
) -> None:
    answer = post(redactor, body, PAGE)
    assert (answer.status_code, pointers(answer)) == (422, faults)
    assert answer.json()["code"] == "invalid_body"
    assert not store.get_redactions("e-1", "acme")


@pytest.mark.parametrize("field", ["/data/phone", "data", "/event_id", 7])
def test_what_is_not_there_is_not_removed(redactor: APIClient, field: Any) -> None:
    answer = post(redactor, {"fields": [field], "reason": "x"}, PAGE)
    assert (answer.status_code, answer.json()["code"]) == (409, "redaction_refused")


def test_a_reader_sees_the_records_and_may_not_redact(client: APIClient) -> None:
    assert client.get(PAGE).json() == {"results": []}
    assert post(client, {"reason": "x"}, PAGE).status_code == 403
    assert not store.get_redactions("e-1", "acme")


def test_a_foreign_event_looks_like_one_that_does_not_exist(
    redactor: APIClient,
) -> None:
    for act in (redactor.get, lambda page: post(redactor, {"reason": "x"}, page)):
        answers = [act(PAGE.replace("e-1", key)) for key in ("e-2", "missing")]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].json()["detail"] == answers[1].json()["detail"]


def test_subscribers_of_the_process_are_told(
    redactor: APIClient,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    told: list[str] = []
    monkeypatch.setattr(publisher.deliver, "_subscribers", [])
    publisher.on_event("eventstore.EventRedacted")(
        lambda event: told.append(event.data["event_id"])
    )
    with django_capture_on_commit_callbacks(execute=True):
        answer = post(redactor, {"reason": "Art. 17"}, PAGE)
    assert (answer.status_code, told) == (201, ["e-1"])
