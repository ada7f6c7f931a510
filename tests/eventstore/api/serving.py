"""The deployment behind uvicorn in a process of its own, and clients of all manners."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
from django.db import connection

from eventstore.keys import issuing
from tests.eventstore.feeds.test_deployment import uvicorn
from tests.waiting import eventually

PROBLEM = "application/problem+json"
#: Many requests in a short time are what these tests are.
_CODE = (
    "from django.conf import settings\n"
    "settings.EVENTSTORE = {'API_RATE': '100000/min', 'CLOUDEVENTS_SOURCE': ''}"
)


@contextlib.contextmanager
def deployment() -> Iterator[int]:
    """Serve, and return the port."""
    with uvicorn(code=_CODE) as (process, port):
        yield port
        process.terminate()
        process.wait(20)
    # Its connections are gone a moment later; until then no database can be dropped.
    eventually(lambda: not _others())


def _others() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return list(cursor.fetchall())


def key(role: str = "writer", *tenants: str) -> str:
    """Return a new API key with ``role`` in each of ``tenants``."""
    _key, text = issuing.create("test", role=role, tenants=tenants or ("acme",))
    return text


def http(port: int, credentials: str = "", **more: Any) -> httpx.Client:
    """Return a client of the API, which follows nothing and waits for 20 seconds."""
    headers = {"Authorization": f"Bearer {credentials}"} if credentials else {}
    return httpx.Client(
        base_url=f"http://127.0.0.1:{port}/api/v1",
        headers={**headers, **more.pop("headers", {})},
        timeout=20,
        **more,
    )


class Raw(NamedTuple):
    """What came back over a socket."""

    status: int
    head: str
    body: bytes
    seconds: float


def raw(port: int, request: bytes, *, timeout: float = 20, pause: float = 0) -> Raw:
    """Send bytes as they are, and read until the server has closed or said enough."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        time.sleep(pause)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1]) if head else 0
    return Raw(status, head.decode("latin-1"), body, time.monotonic() - began)


def lines(*rows: str, body: bytes = b"") -> bytes:
    """Return a request of header lines, which asks for the connection to be closed."""
    head = [*rows, "Connection: close", "", ""]
    return "\r\n".join(head).encode("latin-1") + body
