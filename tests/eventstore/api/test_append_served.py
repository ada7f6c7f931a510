"""The writing side through a real client and a real server, in a process of its own."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from eventstore import store
from eventstore.keys.issuing import create
from tests.eventstore.api.appends import BULK, EVENTS, LINES, draft
from tests.eventstore.feeds.test_deployment import uvicorn
from tests.not_run import not_run

pytestmark = pytest.mark.django_db(transaction=True)

MB = 1_000_000
#: What a transfer may add to the memory of the server, however much goes through.
ROOM = 60 * MB


class Server:
    """A server, and a client with a key."""

    def __init__(self, pid: int, client: httpx.Client) -> None:
        self._proc = Path(f"/proc/{pid}")
        self.client = client

    def begin(self) -> None:
        """Remember how much memory the server has, and forget its peak."""
        if not (self._proc / "clear_refs").exists():
            not_run("the peak of a process's memory", "there is no /proc")
        (self._proc / "clear_refs").write_text("5")
        self._before = self._read("VmRSS")

    def grown(self) -> int:
        """Return by how many bytes its memory has grown at most."""
        return self._read("VmHWM") - self._before

    def _read(self, name: str) -> int:
        for text in (self._proc / "status").read_text().splitlines():
            if text.startswith(f"{name}:"):
                return int(text.split()[1]) * 1024
        raise AssertionError(name)


@pytest.fixture
def server() -> Iterator[Server]:
    _key, token = create("loader", role="gateway", tenants=["acme"])
    headers = {"Authorization": f"Bearer {token}"}
    with (
        uvicorn() as (process, port),
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=120
        ) as client,
    ):
        yield Server(process.pid, client)


def lines(count: int, size: int) -> Iterator[bytes]:
    for number in range(count):
        event = draft(
            event_id=f"e-{number}",
            aggregate_id=f"R-{number % 50}",
            data={"text": "x" * size},
        )
        yield json.dumps(event).encode() + b"\n"


def transfer(server: Server, count: int, size: int) -> dict[str, Any]:
    """Send so many lines up and down again; return how it went."""
    client = server.client
    # What the first requests load is there to stay.
    client.post(
        BULK, content=b"".join(lines(1_000, size)), headers={"Content-Type": LINES}
    )
    with client.stream("GET", BULK) as answer:
        answer.read()
    began = time.monotonic()
    server.begin()
    uploaded = client.post(
        BULK, content=lines(count, size), headers={"Content-Type": LINES}
    )
    assert uploaded.status_code == 200, uploaded.text
    assert uploaded.json()["lines"] == count
    up = server.grown(), time.monotonic() - began
    began = time.monotonic()
    server.begin()
    with client.stream("GET", BULK) as answer:
        found = sum(chunk.count(b"\n") for chunk in answer.iter_bytes())
    assert found == count
    return {"up": up, "down": (server.grown(), time.monotonic() - began)}


def test_a_log_goes_up_and_down_in_constant_memory(server: Server) -> None:
    went = transfer(server, 8_000, 5_000)
    assert went["up"][0] < ROOM, went
    assert went["down"][0] < ROOM, went


@pytest.mark.full
def test_a_large_log_goes_up_and_down_in_constant_memory(server: Server) -> None:
    went = transfer(server, 100_000, 1_000)
    assert went["up"][0] < ROOM, went
    assert went["down"][0] < ROOM, went


def test_ten_megabytes_are_appended_together(server: Server) -> None:
    batch = [draft(data={"text": "x" * 990_000}) for _ in range(10)]
    answer = server.client.post(EVENTS, json=batch)
    assert answer.status_code == 201
    assert store.get_aggregate_version("R-1", "acme") == 10
    too_much = server.client.post(
        EVENTS,
        content=b" " * 20_000_001 + b"{}",
        headers={"Content-Type": "application/json"},
    )
    assert too_much.status_code == 413
    assert store.get_aggregate_version("R-1", "acme") == 10


def test_a_body_without_a_length_is_read(server: Server) -> None:
    body = json.dumps(draft()).encode()
    answer = server.client.post(
        EVENTS,
        content=iter([body[:10], body[10:]]),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 201, answer.text


def test_a_conversation_by_tags_and_keys(server: Server) -> None:
    client = server.client
    sent = {"Idempotency-Key": '"k-1"', "If-None-Match": "*"}
    first = client.post(EVENTS, json=draft(), headers=sent)
    again = client.post(EVENTS, json=draft(), headers=sent)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert client.get(first.headers["Location"]).json()["aggregate_version"] == 1
    head = client.get("/api/v1/aggregates/Requirement/R-1/")
    next_one = {"If-Match": head.headers["ETag"]}
    assert client.post(EVENTS, json=draft(), headers=next_one).status_code == 201
    assert client.post(EVENTS, json=draft(), headers=next_one).status_code == 412
    packed = gzip.compress(b"".join(lines(10, 10)))
    coded = {"Content-Type": LINES, "Content-Encoding": "gzip"}
    assert client.post(BULK, content=packed, headers=coded).json()["stored"] == 10
