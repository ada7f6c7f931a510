"""Lines by the thousand: read and checked ahead, while the database stores the last."""

from __future__ import annotations

import contextlib
import queue
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eventstore.conf import store_settings
from eventstore.exceptions import InvalidEvent
from eventstore.transfer.files import Source, TransferError
from eventstore.transfer.lines import ImportRow, parse

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

#: What a chunk holds at most, so that memory stays bounded whatever the lines are.
CHUNK_LINES, CHUNK_BYTES = 5_000, 8_000_000
#: A character may be written as an escape of six bytes; the rest is names.
_ESCAPED, _NAMES = 6, 100_000
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was not stored.

    Attributes:
        number: counted from 1.
        reason: where in the line, and what.
        raw: the line as it was; its beginning, if it is longer than any event may be.
    """

    number: int
    reason: str
    raw: bytes


@dataclass(slots=True)
class Chunk:
    """Some lines of a log, checked.

    Attributes:
        rows: the good ones.
        raws: the lines that they came from, by number.
        bad: the others.
        position: how many bytes of the file were read with them.
        damage: why the file ended here, when it should not have.
    """

    rows: list[ImportRow] = field(default_factory=list)
    raws: dict[int, bytes] = field(default_factory=dict)
    bad: list[BadLine] = field(default_factory=list)
    position: int = 0
    damage: TransferError | None = None


def read_chunks(source: Source) -> Iterator[Chunk]:
    """Yield all lines of ``source``; blank ones count but are no events.

    A file that is damaged or cut off ends with a chunk that says so.
    """
    chunk, size = Chunk(), 0
    try:
        for number, raw in read_lines(source):
            _add(chunk, number, raw)
            size += len(raw)
            if len(chunk.raws) + len(chunk.bad) >= CHUNK_LINES or size >= CHUNK_BYTES:
                chunk.position = source.position
                yield chunk
                chunk, size = Chunk(), 0
    except TransferError as error:
        chunk.damage = error
    chunk.position = source.position
    yield chunk


def read_ahead(chunks: Iterator[Chunk]) -> Generator[Chunk]:
    """Yield ``chunks``, of which a thread prepares the next while one is worked on."""
    ready: queue.Queue[Chunk | BaseException | None] = queue.Queue(maxsize=1)
    stopped = threading.Event()

    def put(item: Chunk | BaseException | None) -> None:
        while not stopped.is_set():
            with contextlib.suppress(queue.Full):
                ready.put(item, timeout=0.2)
                return

    def work() -> None:
        try:
            for chunk in chunks:
                put(chunk)
                if stopped.is_set():
                    return
            put(None)
        except BaseException as error:  # noqa: BLE001 - raised where the chunks are used
            put(error)

    # A daemon: it may wait for a pipe that nobody writes to any more.
    thread = threading.Thread(target=work, name="eventstore-import", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        thread.join(timeout=1)


def _add(chunk: Chunk, number: int, raw: bytes) -> None:
    limit = max_line()
    if len(raw) > limit:
        reason = f"line: has more than {limit:,} bytes, more than any event may have."
        chunk.bad.append(BadLine(number, reason, raw))
        return
    try:
        chunk.rows.append(parse(number, raw))
    except InvalidEvent as error:
        chunk.bad.append(BadLine(number, str(error), raw))
    else:
        chunk.raws[number] = raw


def read_lines(source: Source) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of ``source`` that are not blank, with their numbers from 1.

    Of a line that is longer than any event may be comes a little more than that.

    Raises:
        TransferError: the file is damaged or cut off.
    """
    number, limit = 0, max_line() + 1
    while raw := source.readline(limit):
        number += 1
        if number == 1:
            raw = raw.removeprefix(_BOM)
        if raw.strip():
            yield number, raw
        # The rest of a line that is too long is read past, not kept.
        while len(raw) == limit and not raw.endswith(b"\n"):
            raw = source.readline(limit)


def max_line() -> int:
    """Return how many bytes the line of an event may have."""
    settings = store_settings()
    documents = settings.MAX_PAYLOAD_BYTES + settings.MAX_METADATA_BYTES
    return _ESCAPED * documents + _NAMES
