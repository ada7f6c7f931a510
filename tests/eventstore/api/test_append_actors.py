"""In whose name, and in whose log, one may append."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from eventstore import store
from eventstore.models import TenantGrant
from tests.eventstore.api.appends import EVENTS, HISTORY, draft, pointers, post
from tests.factories import new_event

pytestmark = pytest.mark.django_db


def own(user: User) -> dict[str, str]:
    return {"type": "user", "id": str(user.pk), "name": "ann"}


def stored_actor(event_id: str) -> object:
    return store.get_event(event_id, "acme").metadata["actor"]


def test_whoever_appends_is_the_actor(writer: APIClient, ann: User) -> None:
    assert post(writer, draft(event_id="e-1", metadata={})).status_code == 201
    assert stored_actor("e-1") == own(ann)
    assert store.get_event("e-1", "acme").metadata["ip"] == "127.0.0.1"


def test_who_names_oneself_is_named_as_one_is(writer: APIClient, ann: User) -> None:
    actor = {"type": "user", "id": str(ann.pk), "name": "the boss"}
    post(writer, draft(event_id="e-1", metadata={"actor": actor}))
    post(writer, draft(event_id="e-2", metadata={"user_id": str(ann.pk)}))
    assert stored_actor("e-1") == stored_actor("e-2") == own(ann)


@pytest.mark.parametrize(
    "forged",
    [
        {"actor": {"type": "user", "id": "root"}},
        {"actor": {"type": "system", "id": "eventstore"}},
        {"user_id": "root"},
    ],
)
def test_nobody_appends_in_anothers_name(
    writer: APIClient, forged: dict[str, object]
) -> None:
    answer = post(writer, [draft(), draft(metadata=forged)])
    assert (answer.status_code, answer.json()["code"]) == (403, "actor_not_permitted")
    assert pointers(answer) == ["#/1/metadata/actor"]
    assert not store.get_events_after("acme", 0)


def test_a_gateway_names_others_and_stays_on_record(
    writer: APIClient, ann: User
) -> None:
    TenantGrant.objects.create(user=ann, tenant_id="acme", role="gateway")
    named = {"actor": {"type": "user", "id": "7"}, "submitted_by": {"id": "nobody"}}
    post(writer, draft(event_id="e-1", metadata=named))
    post(writer, draft(event_id="e-2"))
    event = store.get_event("e-1", "acme")
    assert event.metadata["actor"] == {"type": "user", "id": "7"}
    assert event.metadata["submitted_by"] == own(ann)
    assert stored_actor("e-2") == own(ann)
    assert "submitted_by" not in store.get_event("e-2", "acme").metadata


def test_nobody_says_that_another_has_submitted_it(writer: APIClient) -> None:
    post(writer, draft(event_id="e-1", metadata={"submitted_by": {"id": "root"}}))
    assert "submitted_by" not in store.get_event("e-1", "acme").metadata


def test_a_reader_may_not_append(client: APIClient) -> None:
    for to in (EVENTS, HISTORY):
        answer = post(client, draft(), to)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_a_tenant_without_a_grant_looks_like_one_that_does_not_exist(
    writer: APIClient,
) -> None:
    store.append_event(new_event(), "foreign")
    answers = [
        post(writer, body, f"{EVENTS}{query}")
        for body, query in [
            (draft(), "?tenant=foreign"),
            (draft(), "?tenant=missing"),
            (draft(tenant_id="foreign"), ""),
        ]
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.json()["detail"] for answer in answers}) == 1


def test_a_tenant_that_may_only_be_read_says_so(writer: APIClient, ann: User) -> None:
    TenantGrant.objects.create(user=ann, tenant_id="umbrella", role="reader")
    assert post(writer, draft(), f"{EVENTS}?tenant=umbrella").status_code == 403
    # The only one in which she may append needs no name.
    assert post(writer, draft()).json()["tenant_id"] == "acme"


def test_who_may_append_in_several_tenants_chooses_one(
    writer: APIClient, ann: User
) -> None:
    TenantGrant.objects.create(user=ann, tenant_id="umbrella", role="writer")
    answer = post(writer, draft())
    assert (answer.status_code, answer.json()["code"]) == (409, "tenant_needed")
    by_address = post(writer, draft(), f"{EVENTS}?tenant=umbrella")
    by_body = post(writer, draft(tenant_id="umbrella"))
    by_envelope = post(writer, {"events": [draft()], "tenant_id": "umbrella"})
    assert by_address.json()["tenant_id"] == by_body.json()["tenant_id"] == "umbrella"
    assert by_envelope.json()["events"][0]["aggregate_version"] == 3
    both = post(writer, draft(tenant_id="umbrella"), f"{EVENTS}?tenant=acme")
    assert (both.status_code, pointers(both)) == (422, ["#/tenant_id"])


@pytest.mark.parametrize("tenant", [7, ["acme"], {"a": 1}, "a\0b", ""])
def test_a_tenant_that_is_none_is_refused(writer: APIClient, tenant: object) -> None:
    assert post(writer, draft(tenant_id=tenant)).status_code in {404, 422}


def test_a_misspelt_tenant_is_not_passed_over(writer: APIClient) -> None:
    answer = post(writer, draft(), f"{EVENTS}?tenant_id=umbrella")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
