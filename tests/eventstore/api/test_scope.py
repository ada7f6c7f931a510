from __future__ import annotations

import base64

import pytest
from django.contrib.auth.models import Group, User
from rest_framework.test import APIClient

from eventstore import store
from eventstore.models import TenantGrant
from tests.factories import new_event

pytestmark = pytest.mark.django_db

LISTS = ("events", "aggregates", "snapshots")


@pytest.fixture(autouse=True)
def two_tenants() -> None:
    for tenant in ("acme", "foreign"):
        event = new_event(event_id=f"{tenant}-1", aggregate_id=f"{tenant}-R")
        store.append_event(event, tenant)
        store.record_snapshot(
            f"{tenant}-R", tenant, f"{tenant}-S", f"{tenant}-1", state={"n": 1}
        )


def pages(tenant: str) -> list[str]:
    return [
        f"/api/v1/events/{tenant}-1/",
        f"/api/v1/aggregates/Requirement/{tenant}-R/",
        f"/api/v1/aggregates/Requirement/{tenant}-R/events/",
        f"/api/v1/snapshots/{tenant}-S/",
    ]


def lists() -> list[str]:
    return [f"/api/v1/{name}/" for name in LISTS]


def test_ones_own_is_there(client: APIClient) -> None:
    for address in pages("acme"):
        assert client.get(address).status_code == 200, address
    for address in lists():
        (row,) = client.get(address).json()["results"]
        assert row["tenant_id"] == "acme"


def test_a_foreign_row_looks_exactly_like_a_missing_one(client: APIClient) -> None:
    for foreign, missing in zip(pages("foreign"), pages("missing"), strict=True):
        for query in ("", "?tenant=acme", "?tenant=foreign", "?tenant=missing"):
            answers = [
                client.get(address + query, headers={"X-Request-ID": "r-1"})
                for address in (foreign, missing)
            ]
            assert [answer.status_code for answer in answers] == [404, 404]
            # A problem repeats the path that was asked for.
            asked_for = answers[0].content.replace(b"foreign", b"missing")
            assert asked_for == answers[1].content
            # The second request leaves one less to the caller's rate.
            headers = [
                {k: v for k, v in answer.headers.items() if k != "RateLimit"}
                for answer in answers
            ]
            assert headers[0] == headers[1]


def test_a_foreign_tenant_looks_exactly_like_a_missing_one(client: APIClient) -> None:
    for address in lists():
        answers = [
            client.get(f"{address}?tenant={tenant}", headers={"X-Request-ID": "r-1"})
            for tenant in ("foreign", "missing")
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content


def test_a_filter_finds_nothing_foreign(client: APIClient) -> None:
    for query in ("aggregate_id=foreign-R", "aggregate_type=Requirement"):
        for address in lists():
            rows = client.get(f"{address}?{query}").json()["results"]
            assert all(row["tenant_id"] == "acme" for row in rows)


def test_a_cursor_of_somebody_else_opens_nothing(client: APIClient) -> None:
    store.append_event(new_event(), "foreign")
    other = User.objects.create_user("bob")
    TenantGrant.objects.create(user=other, tenant_id="foreign")
    bob = APIClient()
    bob.force_authenticate(other)
    address = bob.get("/api/v1/events/?page_size=1&order=desc").json()["next"]
    assert [row["tenant_id"] for row in client.get(address).json()["results"]] == [
        "acme"
    ]


def test_without_a_grant_there_is_no_access_and_a_reason() -> None:
    stranger = APIClient()
    stranger.force_authenticate(User.objects.create_superuser("root"))
    for address in lists() + pages("acme"):
        answer = stranger.get(address)
        assert answer.status_code == 403
        assert "no grant" in answer.json()["detail"]


def test_whoever_is_not_signed_in_is_asked_to() -> None:
    for address in lists() + pages("acme"):
        answer = APIClient().get(address)
        assert answer.status_code == 401
        assert "WWW-Authenticate" in answer.headers


def test_a_password_opens_and_a_wrong_one_does_not(ann: User) -> None:
    ann.set_password("secret")
    ann.save()
    client = APIClient()
    for password, status in (("secret", 200), ("guess", 401)):
        token = base64.b64encode(f"ann:{password}".encode()).decode()
        client.credentials(HTTP_AUTHORIZATION=f"Basic {token}")
        assert client.get("/api/v1/events/").status_code == status


def test_a_group_opens_its_tenants() -> None:
    user = User.objects.create_user("bob")
    group = Group.objects.create(name="auditors")
    user.groups.add(group)
    TenantGrant.objects.create(group=group, tenant_id="foreign")
    client = APIClient()
    client.force_authenticate(user)
    assert client.get("/api/v1/events/foreign-1/").status_code == 200


def test_an_id_that_two_of_ones_tenants_have_needs_the_tenant(
    client: APIClient, ann: User
) -> None:
    TenantGrant.objects.create(user=ann, tenant_id="globex")
    store.append_event(new_event(event_id="acme-1", aggregate_id="acme-R"), "globex")
    for address in pages("acme")[:3]:
        assert client.get(address).status_code == 409
        for tenant in ("acme", "globex"):
            assert client.get(f"{address}?tenant={tenant}").status_code == 200


def test_no_shared_cache_may_keep_an_answer(client: APIClient) -> None:
    for address in lists() + pages("acme") + pages("missing"):
        assert "private" in client.get(address).headers["Cache-Control"]
