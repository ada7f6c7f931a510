"""Who gets a feed, of what, and for how long."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session

from eventstore import store
from eventstore.keys import issuing
from eventstore.keys.tokens import Token
from eventstore.models import TenantGrant
from tests.eventstore.feeds.serving import Served, SseClient, cookie_of, new_user
from tests.factories import new_event

pytestmark = pytest.mark.django_db(transaction=True)


def basic(name: str, password: str) -> dict[str, str]:
    secret = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {secret}"}


def test_nobody_gets_no_feed(server: Served) -> None:
    with SseClient(server.port, {}) as client:
        assert client.status == 401
        assert "Log in" in client.body()["detail"]


@pytest.mark.usefixtures("ann")
def test_a_wrong_password_gets_no_feed(server: Served) -> None:
    with SseClient(server.port, basic("ann", "wrong")) as client:
        assert client.status == 401


def test_where_the_api_asks_for_credentials_so_does_the_feed(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rest_framework.authentication import BasicAuthentication
    from rest_framework.settings import api_settings

    monkeypatch.setattr(
        api_settings, "DEFAULT_AUTHENTICATION_CLASSES", [BasicAuthentication]
    )
    with SseClient(server.port, {}) as client:
        assert client.status == 401
        assert client.response.headers["WWW-Authenticate"].startswith("Basic")


def test_credentials_of_the_api_open_the_feed_until_they_are_changed(
    server: Served, ann: User
) -> None:
    ann.set_password("pw")
    ann.save()
    with SseClient(server.port, basic("ann", "pw")).begin() as client:
        ann.set_password("another")
        ann.save()
        assert client.rest() == []


def test_a_user_without_a_grant_gets_no_feed(server: Served) -> None:
    with SseClient(server.port, cookie_of(new_user())) as client:
        assert client.status == 403
        assert "no grant" in client.body()["detail"]


def test_a_superuser_without_a_grant_gets_no_feed(server: Served) -> None:
    root = User.objects.create_superuser("root")
    with SseClient(server.port, cookie_of(root)) as client:
        assert client.status == 403


def test_a_foreign_tenant_is_not_there(server: Served, as_ann: dict[str, str]) -> None:
    store.append_event(new_event(), "globex")
    for tenant in ("globex", "no-such"):
        with SseClient(server.port, as_ann, tenant=tenant) as client:
            assert client.status == 404


@pytest.mark.parametrize("after", [{}, {"after": 0}])
def test_nothing_of_a_foreign_tenant_is_seen(
    server: Served, as_ann: dict[str, str], after: dict[str, Any]
) -> None:
    if after:
        store.append_event(new_event(), "globex")
    with SseClient(server.port, as_ann, **after).begin() as client:
        # Somebody else follows the foreign tenant at the same time.
        bob = cookie_of(new_user("globex", "acme", name="bob"))
        with SseClient(server.port, bob, tenant="globex").begin() as other:
            store.append_event(new_event(), "globex")
            mine = store.append_event(new_event(), "acme")
            assert [event["event_id"] for event in client.take(1)] == [mine.event_id]
            assert other.take(1)[0]["tenant_id"] == "globex"


def test_a_client_of_several_tenants_may_choose_one(server: Served) -> None:
    headers = cookie_of(new_user("acme", "globex"))
    for tenant in ("acme", "globex", "acme"):
        store.append_event(new_event(), tenant)
    with SseClient(server.port, headers, after=0) as both:
        found = [event["tenant_id"] for event in both.take(3)]
    with SseClient(server.port, headers, after=0, tenant="globex") as one:
        assert one.take(1)[0]["tenant_id"] == "globex"
    assert found == ["acme", "globex", "acme"]


def remove_grant(user: User) -> None:
    TenantGrant.objects.filter(user=user).delete()


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def delete(user: User) -> None:
    user.delete()


def log_out(_user: User) -> None:
    Session.objects.all().delete()


def change_password(user: User) -> None:
    user.set_password("another")
    user.save()


@pytest.mark.parametrize(
    "take_away", [remove_grant, deactivate, delete, log_out, change_password]
)
def test_a_stream_ends_soon_after_access_is_taken_away(
    server: Served,
    ann: User,
    as_ann: dict[str, str],
    take_away: Callable[[User], None],
) -> None:
    with SseClient(server.port, as_ann).begin() as client:
        take_away(ann)
        time.sleep(0.6)
        store.append_event(new_event(), "acme")
        began = time.monotonic()
        assert client.rest() == []
        assert time.monotonic() - began < 2
        assert "Connect again" in client.comments[-1]
    with SseClient(server.port, as_ann) as again:
        # Still known, but without a grant; or nobody any more.
        assert again.status == (403 if take_away is remove_grant else 401)


def test_a_stream_of_two_tenants_ends_when_one_is_taken_away(server: Served) -> None:
    user = new_user("acme", "globex")
    with SseClient(server.port, cookie_of(user)).begin() as client:
        TenantGrant.objects.filter(tenant_id="globex").delete()
        assert client.rest() == []


def test_a_grant_by_group_counts_and_ends_with_the_membership(server: Served) -> None:
    user, group = new_user(), Group.objects.create(name="Auditors")
    TenantGrant.objects.create(tenant_id="acme", group=group)
    user.groups.add(group)
    with SseClient(server.port, cookie_of(user)).begin() as client:
        appended = store.append_event(new_event(), "acme")
        assert client.take(1)[0]["event_id"] == appended.event_id
        user.groups.remove(group)
        assert client.rest() == []


def test_one_user_cannot_open_feeds_without_end(
    server: Served, as_ann: dict[str, str], settings: Any
) -> None:
    settings.EVENTSTORE = {"FEED_STREAMS_PER_USER": 2}
    with (
        SseClient(server.port, as_ann).begin(),
        SseClient(server.port, as_ann).begin(),
        SseClient(server.port, as_ann) as third,
        SseClient(server.port, cookie_of(new_user("acme", name="bob"))).begin(),
    ):
        assert third.status == 429
        assert third.response.headers["Retry-After"]


def test_a_process_holds_no_more_feeds_than_it_may(
    server: Served, as_ann: dict[str, str], settings: Any
) -> None:
    settings.EVENTSTORE = {"FEED_STREAMS": 1}
    with (
        SseClient(server.port, as_ann).begin(),
        SseClient(server.port, as_ann) as second,
    ):
        assert second.status == 503


def test_an_impossible_question_is_refused_and_its_parameter_named(
    server: Served, as_ann: dict[str, str]
) -> None:
    impossible: tuple[tuple[str, Any], ...] = (
        ("event_typ", "RequirementCreated"),
        ("after", "-1"),
        ("after", "one"),
        ("after", ""),
        ("after", "9" * 40),
        ("tenant", ["acme", "globex"]),
        ("aggregate_id", "\0"),
    )
    for name, value in impossible:
        with SseClient(server.port, as_ann, **{name: value}) as client:
            assert client.status == 400
            problem = client.body()
            assert [error["parameter"] for error in problem["errors"]] == [name]
            assert problem["status"] == client.status
            kind = client.response.headers["Content-Type"]
            assert kind == "application/problem+json"


def test_a_position_beyond_the_log_is_an_alarm_and_no_silence(
    server: Served, as_ann: dict[str, str]
) -> None:
    last = store.append_event(new_event(), "acme")
    beyond = str(last.position + 1)
    with SseClient(server.port, as_ann, last_event_id=beyond) as client:
        assert client.status == 409
        assert "older copy" in client.body()["detail"]


def test_a_key_opens_the_feed_until_it_is_revoked(server: Served) -> None:
    key, text = issuing.create("follower", role="reader", tenants=["acme"])
    bearer = {"Authorization": f"Bearer {text}"}
    with SseClient(server.port, bearer).begin() as client:
        stored = store.append_event(new_event(), "acme")
        assert [event["event_id"] for event in client.take(1)] == [stored.event_id]
        issuing.revoke(key.prefix)
        assert client.rest() == []
    with SseClient(server.port, bearer) as again:
        assert again.status == 401
        assert "invalid_token" in again.response.headers["WWW-Authenticate"]


def test_a_wrong_key_is_refused_even_with_a_session(
    server: Served, as_ann: dict[str, str]
) -> None:
    wrong = {"Authorization": f"Bearer {Token.new().text}"}
    with SseClient(server.port, as_ann | wrong) as client:
        assert client.status == 401


def test_each_follower_sees_what_its_grants_show(server: Served) -> None:
    def follow(role: str, **query: Any) -> SseClient:
        _, text = issuing.create(role, role=role, tenants=["acme"])
        bearer = {"Authorization": f"Bearer {text}"}
        return SseClient(server.port, bearer, **query)

    outcomes = {
        "security": (None, None, ["/data", "/metadata/ip"]),
        "reader": ({"n": 1}, None, ["/metadata/ip"]),
        "dpo": ({"n": 1}, "192.0.2.1", []),
    }
    event = new_event(data={"n": 1}, metadata={"ip": "192.0.2.1"})
    with ExitStack() as stack:
        at_head = {role: stack.enter_context(follow(role).begin()) for role in outcomes}
        store.append_event(event, "acme")
        behind = {role: stack.enter_context(follow(role, after=0)) for role in outcomes}
        for role, outcome in outcomes.items():
            for client in (at_head[role], behind[role]):
                (seen,) = client.take(1)
                shown = (seen["data"], seen["metadata"]["ip"], seen["hidden"])
                assert shown == outcome, role


def test_a_stream_ends_when_less_may_be_seen(
    server: Served, ann: User, as_ann: dict[str, str]
) -> None:
    with SseClient(server.port, as_ann).begin() as client:
        TenantGrant.objects.filter(user=ann).update(role="security")
        time.sleep(0.6)
        store.append_event(new_event(), "acme")
        assert client.rest() == []
