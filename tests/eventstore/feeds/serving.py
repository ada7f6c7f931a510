"""A real server for the tests of the live feed, and clients that read from a socket."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any, Self
from urllib.parse import urlencode

import uvicorn
from django.contrib.auth.models import User
from django.test import Client

from eventstore.feeds import hub
from eventstore.models import TenantGrant
from tests.waiting import eventually

SSE = "/api/v1/feed/"


def new_user(*tenants: str, name: str = "ann") -> User:
    """Return a user with a grant in each of ``tenants``."""
    user = User.objects.create_user(name)
    for tenant in tenants:
        TenantGrant.objects.create(tenant_id=tenant, user=user)
    return user


def cookie_of(user: User) -> dict[str, str]:
    """Return the header of a browser in which ``user`` has logged in."""
    client = Client()
    client.force_login(user)
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}


class Served:
    """The deployment's ASGI application behind uvicorn, in a thread of the test."""

    def __init__(self, application: Any) -> None:
        listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.port: int = listening.getsockname()[1]
        config = uvicorn.Config(application, lifespan="off", log_level="warning")
        self._server = uvicorn.Server(config)
        self._hub: hub.Hub | None = None
        self._thread = threading.Thread(target=self._run, args=(listening,))
        self._thread.start()

    @property
    def hub(self) -> hub.Hub:
        """The hub of the server's event loop."""
        found: hub.Hub = self.on_loop(hub.current)
        return found

    def on_loop(self, act: Any) -> Any:
        """Return what ``act`` returns in the server's event loop."""

        async def call() -> Any:
            return act()

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result(10)

    def stop(self) -> None:
        self.on_loop(lambda: hub.current().end_all("The test is over."))
        self._server.should_exit = True
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()

    def _run(self, listening: socket.socket) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            await self._server.serve([listening])

        asyncio.run(serve())

    def is_ready(self) -> bool:
        return self._server.started


@contextlib.contextmanager
def served(application: Any) -> Iterator[Served]:
    """Serve for the block."""
    server = Served(application)
    try:
        eventually(server.is_ready)
        yield server
    finally:
        server.stop()


class SseClient:
    """Reads a stream of Server-Sent Events as a browser does, keeping the last id."""

    def __init__(
        self,
        port: int,
        headers: dict[str, str],
        *,
        last_event_id: str = "",
        receive_buffer: int | None = None,
        timeout: float = 20.0,
        **query: Any,
    ) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout)
        self._connection.timeout = timeout
        if receive_buffer is not None:
            self._connection.sock = _narrow_socket(port, receive_buffer, timeout)
        given = {"Last-Event-ID": last_event_id} if last_event_id else {}
        address = f"{SSE}?{urlencode(query, doseq=True)}"
        self._connection.request("GET", address, headers={**headers, **given})
        self.response = self._connection.getresponse()
        self.last_event_id = last_event_id
        self.comments: list[str] = []

    @property
    def status(self) -> int:
        return self.response.status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        # The response holds the socket: closing the connection alone leaves it open.
        self.response.close()
        self._connection.close()

    def begin(self) -> SseClient:
        """Wait until the server has said where the stream begins."""
        block = self._block()
        assert block is not None
        assert "data" not in block
        return self

    def body(self) -> Any:
        return json.loads(self.response.read())

    def take(self, count: int) -> list[dict[str, Any]]:
        """Return the next ``count`` events."""
        found = []
        for event in self:
            found.append(event)
            if len(found) == count:
                return found
        raise AssertionError(f"The stream ended after {len(found)} of {count} events.")

    def rest(self) -> list[dict[str, Any]]:
        """Return the events until the server ends the stream."""
        return list(self)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while (block := self._block()) is not None:
            if "data" in block:
                yield json.loads(block["data"])

    def _block(self) -> dict[str, str] | None:
        block: dict[str, str] = {}
        while line := self.response.readline().decode():
            if line == "\n":
                return block
            field, _, value = line.rstrip("\n").partition(":")
            value = value.removeprefix(" ")
            if not field:
                self.comments.append(value)
            block[field] = value
            if field == "id":
                self.last_event_id = value
        return None


def _narrow_socket(port: int, size: int, timeout: float) -> socket.socket:
    """Return a socket that makes the server feel a slow reader soon."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
    narrow.settimeout(timeout)
    narrow.connect(("127.0.0.1", port))
    return narrow
