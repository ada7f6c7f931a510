"""Each event once and in order, whatever writers and readers do."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections, transaction

from eventstore import reading, store
from eventstore.feeds import streams
from tests.eventstore.conftest import Session
from tests.eventstore.feeds.serving import Served, SseClient
from tests.factories import new_event
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 6
APPENDS = 60


class _Undone(Exception):
    pass


def write(number: int, committed: list[int]) -> None:
    """Append with random pauses inside and between transactions; undo some."""
    chance = random.Random(number)
    for _ in range(APPENDS):
        positions: list[int] = []
        try:
            with transaction.atomic():
                for _ in range(chance.randint(1, 4)):
                    event = new_event(
                        aggregate_id=f"R-{number}",
                        event_type=chance.choice(["Kept", "Other"]),
                        data={"padding": "x" * chance.randint(0, 4000)},
                    )
                    positions.append(store.append_event(event, "acme").position)
                    time.sleep(chance.random() * 0.01)
                if chance.random() < 0.2:
                    raise _Undone
        except _Undone:
            continue
        committed.extend(positions)
    connections.close_all()


class Reader(threading.Thread):
    """A client with a habit, until it has seen the last position."""

    def __init__(self, server: Served, headers: dict[str, str], start: int) -> None:
        super().__init__()
        self.server = server
        self.headers = headers
        self.seen: list[int] = []
        self.last_event_id = str(start)
        self.until: int | None = None
        self.chance = random.Random(id(self))
        self.start()

    def connect(self) -> SseClient:
        return SseClient(
            self.server.port, self.headers, last_event_id=self.last_event_id
        )

    def is_done(self) -> bool:
        return self.until is not None and int(self.last_event_id) >= self.until

    def run(self) -> None:
        while not self.is_done():
            with self.connect() as client:
                self.read(client)
                # Only what a client has read counts as seen.
                self.last_event_id = client.last_event_id

    def read(self, client: SseClient) -> None:
        while (block := client._block()) is not None:
            if "data" in block:
                self.seen.append(int(block["id"]))
            self.last_event_id = client.last_event_id
            if self.is_done():
                return
            if "data" in block and not self.goes_on():
                return

    def goes_on(self) -> bool:
        return True


class Dropping(Reader):
    """Drops its connection every few events."""

    def goes_on(self) -> bool:
        return self.chance.random() > 0.05


class Slow(Reader):
    """Reads slower than the writers write, through a narrow socket."""

    def connect(self) -> SseClient:
        return SseClient(
            self.server.port,
            self.headers,
            last_event_id=self.last_event_id,
            receive_buffer=4096,
        )

    def goes_on(self) -> bool:
        if self.until is None:
            time.sleep(self.chance.random() * 0.05)
        return True


def test_slow_dropping_and_steady_clients_see_each_event_once_and_in_order(
    server: Served, as_ann: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small, so that clients fall behind and come back all the time.
    monkeypatch.setattr(streams, "QUEUE_EVENTS", 5)
    monkeypatch.setattr(streams, "CHUNK_BYTES", 4096)
    start = reading.stable_position(strict=True)
    readers = [
        kind(server, as_ann, start) for kind in (Reader, Dropping, Slow) for _ in "ab"
    ]
    committed: list[int] = []
    writers = [
        threading.Thread(target=write, args=(number, committed))
        for number in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    expected = sorted(committed)
    for reader in readers:
        reader.until = expected[-1]
    for reader in readers:
        reader.join(timeout=60)
    assert len(expected) > 500
    for reader in readers:
        assert reader.seen == expected, type(reader).__name__


@pytest.fixture
def session() -> Iterator[Session]:
    other = Session()
    yield other
    other.run(connections.close_all)


def test_an_open_append_holds_later_events_back_and_nothing_is_skipped(
    server: Served, as_ann: dict[str, str], session: Session
) -> None:
    with SseClient(server.port, as_ann).begin() as client:
        session.begin()
        first = session.run(store.append_event, new_event(), "acme")
        second = store.append_event(new_event(aggregate_id="R-2"), "acme")
        assert first.position < second.position
        # Heartbeats come, and nothing else.
        for _ in range(3):
            block = client._block()
            assert block is not None
            assert "data" not in block
        session.commit()
        seen = [event["position"] for event in client.take(2)]
    assert seen == [first.position, second.position]


def test_an_append_that_is_rolled_back_delays_what_waits_for_it_only_a_moment(
    server: Served, as_ann: dict[str, str], session: Session
) -> None:
    with SseClient(server.port, as_ann).begin() as client:
        session.begin()
        session.run(store.append_event, new_event(), "acme")
        waiting = store.append_event(new_event(aggregate_id="R-2"), "acme")
        time.sleep(0.3)
        session.roll_back()
        began = time.monotonic()
        assert client.take(1)[0]["position"] == waiting.position
        assert time.monotonic() - began < 0.6


def test_a_client_that_does_not_read_holds_a_bounded_queue_and_misses_nothing(
    server: Served, as_ann: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "QUEUE_EVENTS", 50)
    with SseClient(server.port, as_ann, receive_buffer=4096).begin() as client:
        (stream,) = server.hub.clients()
        appended: list[int] = []
        longest = 0
        for number in range(60):
            batch = [
                new_event(aggregate_id=f"R-{number}", data={"padding": "x" * 20_000})
                for _ in range(10)
            ]
            appended += [e.position for e in store.append_events(batch, "acme")]
            longest = max(longest, len(stream._queue))  # type: ignore[attr-defined]
        eventually(lambda: server.hub.head == appended[-1])
        assert longest <= 50
        assert not stream._is_following  # type: ignore[attr-defined]
        assert stream.position < appended[-1]  # type: ignore[attr-defined]
        assert [event["position"] for event in client.take(600)] == appended


def test_one_look_at_the_log_serves_all_clients_at_the_head(
    server: Served, as_ann: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from eventstore.feeds import log

    reads: list[Any] = []
    real = {name: getattr(log, name) for name in ("read_news", "read_wanted")}
    for name, read in real.items():

        def counted(*args: Any, name: str = name, read: Any = read) -> Any:
            reads.append(name)
            return read(*args)

        monkeypatch.setattr(log, name, counted)
    clients = [SseClient(server.port, as_ann).begin() for _ in range(15)]
    eventually(lambda: len(server.hub._following) == 15)
    reads.clear()
    stored = store.append_event(new_event(), "acme")
    for client in clients:
        assert client.take(1)[0]["event_id"] == stored.event_id
        client.close()
    assert reads == ["read_news"]
