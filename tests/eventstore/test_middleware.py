from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from asgiref.sync import async_to_sync, iscoroutinefunction
from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, AsyncRequestFactory, Client, RequestFactory
from django.urls import path
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from eventstore import store
from eventstore.context import current_metadata
from eventstore.middleware import EventContextMiddleware
from tests.factories import new_event


def append(_request: HttpRequest) -> HttpResponse:
    stored = store.append_event(new_event(), "acme")
    return HttpResponse(stored.event_id)


def append_and_fail(request: HttpRequest) -> HttpResponse:
    append(request)
    raise RuntimeError


async def append_async(_request: HttpRequest) -> HttpResponse:
    stored = await store.aappend_event(new_event(), "acme")
    return HttpResponse(stored.event_id)


def idle(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("append/", append),
    path("append-and-fail/", append_and_fail),
    path("append-async/", append_async),
    path("idle/", idle),
]


def metadata_of(response: Any) -> dict[str, Any]:
    return store.get_event(response.content.decode(), "acme").metadata


@pytest.fixture
def views(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_user("ann")


def context_for(request: HttpRequest) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def view(_request: HttpRequest) -> HttpResponse:
        seen.update(current_metadata())
        return HttpResponse()

    EventContextMiddleware(view)(request)
    return seen


@pytest.mark.django_db
@pytest.mark.usefixtures("views")
def test_an_event_gets_the_requests_actor_address_and_correlation(
    client: Client, ann: User
) -> None:
    client.force_login(ann)
    answer = client.get("/append/", headers={"X-Correlation-ID": "order-7"})
    assert metadata_of(answer) == {
        "actor": {"type": "user", "id": str(ann.pk), "name": "ann"},
        "ip": "127.0.0.1",
        "correlation_id": "order-7",
    }


@pytest.mark.django_db
@pytest.mark.usefixtures("views")
def test_an_anonymous_request_names_no_actor(client: Client) -> None:
    assert set(metadata_of(client.get("/append/"))) == {"ip", "correlation_id"}


@pytest.mark.django_db
@pytest.mark.usefixtures("views")
def test_asynchronous_views_get_the_same(ann: User) -> None:
    client = AsyncClient()

    async def ask() -> Any:
        await client.aforce_login(ann)
        return await client.get("/append-async/", headers={"X-Request-ID": "r-1"})

    metadata = metadata_of(async_to_sync(ask)())
    assert metadata["actor"]["name"] == "ann"
    assert metadata["correlation_id"] == "r-1"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("views")
def test_under_atomic_requests_a_failed_view_leaves_no_event_and_no_context(
    ann: User,
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(ann)
    database = transaction.get_connection().settings_dict
    database["ATOMIC_REQUESTS"] = True
    try:
        stored = metadata_of(client.get("/append/"))
        assert client.get("/append-and-fail/").status_code == 500
    finally:
        database["ATOMIC_REQUESTS"] = False
    assert stored["actor"]["name"] == "ann"
    assert len(store.get_events_after("acme", 0)) == 1
    assert current_metadata() == {}


@pytest.mark.django_db
@pytest.mark.usefixtures("views")
def test_a_request_that_appends_nothing_looks_no_user_up(
    client: Client, ann: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(ann)
    with django_assert_num_queries(0):
        answer = client.get("/idle/")
    assert "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        "a b",
        "x" * 201,
        "a,b",
        "<script>",
        "caf\u00e9",
        "a\nb",
        "a\x00b",
        "'; DROP TABLE stored_domain_events; --",
    ],
)
def test_a_hostile_correlation_id_is_replaced(hostile: str) -> None:
    request = RequestFactory().get("/", headers={"X-Correlation-ID": hostile})
    given = context_for(request)["correlation_id"]
    assert given != hostile
    assert len(given) == 36


def test_forwarded_addresses_are_not_believed() -> None:
    request = RequestFactory().get(
        "/",
        headers={"X-Forwarded-For": "8.8.8.8", "X-Real-IP": "8.8.8.8"},
        REMOTE_ADDR="10.0.0.1",
    )
    assert context_for(request)["ip"] == "10.0.0.1"


def test_a_socket_without_an_address_gives_none() -> None:
    assert "ip" not in context_for(RequestFactory().get("/", REMOTE_ADDR=""))


def test_every_request_has_a_correlation_of_its_own() -> None:
    ids = {context_for(RequestFactory().get("/"))["correlation_id"] for _ in range(3)}
    assert len(ids) == 3


def test_who_signs_in_during_the_request_is_the_actor(ann: User) -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    seen: dict[str, Any] = {}

    def view(request: HttpRequest) -> HttpResponse:
        request.user = ann
        seen.update(current_metadata())
        return HttpResponse()

    EventContextMiddleware(view)(request)
    assert seen["actor"]["name"] == "ann"


def test_concurrent_requests_keep_their_contexts_apart() -> None:
    seen = {}

    async def view(request: HttpRequest) -> HttpResponse:
        await asyncio.sleep(0.01)
        seen[request.path] = current_metadata()["correlation_id"]
        return HttpResponse()

    handler: Any = EventContextMiddleware(cast("Any", view))
    assert iscoroutinefunction(handler)

    async def ask_all() -> None:
        requests = [
            AsyncRequestFactory().get(f"/{n}", headers={"X-Request-ID": f"r{n}"})
            for n in range(20)
        ]
        await asyncio.gather(*(handler(request) for request in requests))

    asyncio.run(ask_all())
    assert seen == {f"/{n}": f"r{n}" for n in range(20)}
