"""What a retry tells of payloads that the caller may not see: nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from rest_framework.test import APIClient

from eventstore import store
from eventstore.keys import issuing
from eventstore.models import TenantGrant
from tests.eventstore.api.appends import BULK, LINES, draft, post
from tests.factories import new_event

pytestmark = pytest.mark.django_db

EMAIL = "bob@example.com"


def guess(email: str, **fields: Any) -> dict[str, Any]:
    return draft(event_id="e-1", data={"email": email}, **fields)


@pytest.fixture
def another_s_event() -> None:
    """An event with an address that readers without ``view_pii`` may not see."""
    event = new_event(
        event_id="e-1",
        event_type="RequirementCreated",
        aggregate_type="Requirement",
        aggregate_id="R-1",
        data={"email": EMAIL},
    )
    store.append_event(event, "acme")


@pytest.fixture
def personal() -> Any:
    with override_settings(EVENTSTORE={"PERSONAL_PATHS": ("/data/email",)}):
        yield


@pytest.mark.usefixtures("another_s_event", "personal")
def test_a_right_guess_of_what_is_personal_is_answered_as_a_wrong_one(
    writer: APIClient,
) -> None:
    right, wrong = (post(writer, guess(email)) for email in (EMAIL, "x@example.com"))
    assert (right.status_code, wrong.status_code) == (409, 409)
    told = [
        {name: value for name, value in answer.json().items() if name != "request_id"}
        for answer in (right, wrong)
    ]
    assert told[0] == told[1]


@pytest.mark.usefixtures("another_s_event", "personal")
def test_an_upload_does_not_count_right_guesses(writer: APIClient) -> None:
    lines = [guess(email) for email in ("x@example.com", EMAIL, "y@example.com")]
    text = "\n".join(map(json.dumps, lines))
    answer = post(writer, text, f"{BULK}?on_error=skip", content_type=LINES).json()
    assert (answer["known"], answer["refused"]) == (0, 3)
    assert len({fault["detail"] for fault in answer["errors"]}) == 1


@pytest.mark.usefixtures("another_s_event")
def test_a_key_that_may_only_append_guesses_no_payload() -> None:
    _key, text = issuing.create(
        "shop", role="writer", tenants=["acme"], scopes=["append"]
    )
    client = APIClient(headers={"Authorization": f"Bearer {text}"})
    assert post(client, guess(EMAIL)).status_code == 409


@pytest.mark.usefixtures("another_s_event", "personal")
def test_whoever_may_see_it_is_told_that_it_is_a_retry(
    writer: APIClient, ann: User
) -> None:
    TenantGrant.objects.create(user=ann, tenant_id="acme", role="pii_reader")
    assert post(writer, guess(EMAIL)).status_code == 201


@pytest.mark.usefixtures("another_s_event")
def test_a_retry_of_another_s_event_is_one_where_nothing_of_it_is_hidden(
    writer: APIClient,
) -> None:
    assert post(writer, guess(EMAIL)).status_code == 201


@pytest.mark.usefixtures("personal")
def test_one_s_own_event_can_be_sent_again(writer: APIClient) -> None:
    first, again = (post(writer, guess(EMAIL)) for _ in range(2))
    assert (first.status_code, again.json()) == (201, first.json())


@pytest.mark.usefixtures("personal")
def test_whoever_is_named_is_not_who_has_sent_it(writer: APIClient, ann: User) -> None:
    _key, text = issuing.create("gateway", role="gateway", tenants=["acme"])
    gateway = APIClient(headers={"Authorization": f"Bearer {text}"})
    named = {"actor": {"type": "user", "id": str(ann.pk)}}
    sent = guess(EMAIL, metadata=named)
    assert post(gateway, sent).status_code == 201
    assert post(gateway, sent).status_code == 201
    assert post(writer, guess(EMAIL)).status_code == 409
