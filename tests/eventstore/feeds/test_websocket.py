"""The feed as WebSocket: the same streams in another wrapping."""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth.models import User
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from eventstore import store
from eventstore.feeds import hub
from eventstore.feeds.websocket import FeedConsumer
from eventstore.models import TenantGrant
from tests.eventstore.feeds.serving import Served
from tests.factories import new_event
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def open_socket(
    server: Served, headers: dict[str, str], *, origin: str | None = None, **query: Any
) -> ClientConnection:
    address = f"ws://127.0.0.1:{server.port}/api/v1/feed/?{urlencode(query)}"
    return connect(
        address,
        additional_headers=headers,
        origin=origin,  # type: ignore[arg-type]  # a NewType of str
        open_timeout=10,
        # One that is dropped does not wait for what it has not read.
        close_timeout=0.1,
        compression=None,
    )


def take(client: ClientConnection, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while len(found) < count:
        message = json.loads(client.recv(timeout=20))
        if message["type"] == "event":
            found.append(message["event"])
    return found


def begin(client: ClientConnection) -> int:
    message = json.loads(client.recv(timeout=20))
    assert message["type"] == "position"
    return int(message["position"])


def status_of(server: Served, headers: dict[str, str], **more: Any) -> int:
    with pytest.raises(InvalidStatus) as refusal, open_socket(server, headers, **more):
        pass
    return refusal.value.response.status_code


def test_a_socket_tells_history_and_then_news(
    server: Served, as_ann: dict[str, str]
) -> None:
    history = [store.append_event(new_event(), "acme").event_id for _ in range(250)]
    store.append_event(new_event(), "globex")
    with open_socket(server, as_ann, after=0) as client:
        assert begin(client) == 0
        assert [event["event_id"] for event in take(client, 250)] == history
        stored = store.append_event(new_event(data={"price": 1.5}), "acme")
        (event,) = take(client, 1)
        assert (event["event_id"], event["data"]) == (stored.event_id, {"price": 1.5})


def test_a_quiet_socket_tells_how_far_it_is(
    server: Served, as_ann: dict[str, str]
) -> None:
    with open_socket(server, as_ann, event_type="Never") as client:
        begin(client)
        last = store.append_event(new_event(), "acme")
        eventually(lambda: begin(client) == last.position)


def test_dropping_and_slow_sockets_see_each_event_once_and_in_order(
    server: Served, as_ann: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from eventstore.feeds import streams

    monkeypatch.setattr(streams, "QUEUE_EVENTS", 5)
    expected: list[int] = []
    seen: list[int] = []
    chance = random.Random(5)
    position = 0
    while len(seen) < 300:
        with open_socket(server, as_ann, after=position) as client:
            begin(client)
            for _ in range(chance.randint(1, 40)):
                if len(expected) < 300:
                    batch = [
                        new_event(data={"padding": "x" * 5000})
                        for _ in range(chance.randint(1, 6))
                    ]
                    stored = store.append_events(batch[: 300 - len(expected)], "acme")
                    expected += [event.position for event in stored]
                if len(seen) < len(expected):
                    seen += [event["position"] for event in take(client, 1)]
            position = seen[-1] if seen else 0
    assert seen == expected


def test_a_socket_is_refused_for_the_reasons_a_stream_is(
    server: Served, as_ann: dict[str, str]
) -> None:
    assert status_of(server, {}) == 401
    assert status_of(server, as_ann, tenant="globex") == 404
    assert status_of(server, as_ann, after="one") == 400
    assert status_of(server, as_ann, after=10**9) == 409
    assert status_of(server, {**as_ann, "Host": "evil.example"}) == 400


def test_a_page_of_another_origin_gets_no_socket(
    server: Served, as_ann: dict[str, str], settings: Any
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://*.example.org", "https://one.example"]
    for origin in (
        "https://evil.example",
        "null",
        "https://evilexample.org",
        f"https://127.0.0.1:{server.port}",
        "http://a.example.org",
    ):
        assert status_of(server, as_ann, origin=origin) == 403
    for origin in (
        f"http://127.0.0.1:{server.port}",
        "https://a.example.org",
        "https://one.example",
    ):
        with open_socket(server, as_ann, origin=origin) as client:
            begin(client)


def test_a_socket_ends_soon_after_the_grant_is_taken_away(
    server: Served, ann: User, as_ann: dict[str, str]
) -> None:
    with open_socket(server, as_ann) as client:
        begin(client)
        TenantGrant.objects.filter(user=ann).delete()
        time.sleep(0.6)
        store.append_event(new_event(), "acme")
        with pytest.raises(ConnectionClosed) as closed:
            take(client, 1)
        assert closed.value.rcvd is not None
        assert "Connect again" in closed.value.rcvd.reason


def test_what_a_client_says_is_not_listened_to(
    server: Served, as_ann: dict[str, str]
) -> None:
    with open_socket(server, as_ann) as client:
        begin(client)
        client.send('{"type": "subscribe", "tenant": "globex"}')
        client.send(b"\x00")
        stored = store.append_event(new_event(), "acme")
        assert take(client, 1)[0]["event_id"] == stored.event_id


def test_a_socket_that_goes_leaves_nothing_behind(
    server: Served, as_ann: dict[str, str]
) -> None:
    with open_socket(server, as_ann) as client:
        begin(client)
        assert len(server.hub.clients()) == 1
    eventually(lambda: not server.hub.clients())


async def meet(headers: list[tuple[bytes, bytes]]) -> Any:
    """Ask for a connection as a server does that knows no extensions."""
    scope = {
        "type": "websocket",
        "path": "/",
        "query_string": b"after=0",
        "headers": [(b"host", b"localhost"), *headers],
    }
    client: Any = ApplicationCommunicator(FeedConsumer.as_asgi(), scope)
    await client.send_input({"type": "websocket.connect"})
    return client


@pytest.mark.usefixtures("quick")
def test_the_consumer_needs_no_layer_and_no_server_extensions(
    as_ann: dict[str, str],
) -> None:
    async def converse() -> list[dict[str, Any]]:
        nobody = await meet([])
        assert await nobody.receive_output(5) == {"type": "websocket.close"}
        client = await meet([(b"cookie", as_ann["Cookie"].encode())])
        assert await client.receive_output(5) == {"type": "websocket.accept"}
        messages = [json.loads((await client.receive_output(5))["text"]) for _ in "ab"]
        await client.send_input({"type": "websocket.disconnect"})
        await client.wait()
        assert not hub.current().clients()
        hub.current().end_all("The test is over.")
        await asyncio.sleep(0.1)
        return messages

    stored = store.append_event(new_event(), "acme")
    place, told = asyncio.run(converse())
    assert place == {"type": "position", "position": 0}
    assert told["event"]["event_id"] == stored.event_id
