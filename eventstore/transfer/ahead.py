"""Chunks ahead: the next is read and checked while the database stores the last.

A thread reads, for a pipe may keep it waiting. It does not check: beside a thread that
computes, each pause of a COPY lasts as long as the interpreter lets a thread run, 5 ms.
Lines are checked in these pauses instead, by the thread that sends.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from itertools import islice
from typing import TYPE_CHECKING

from eventstore.transfer.chunks import Chunk, RawChunk, read_chunks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventstore.transfer.files import Source

#: How many lines are checked in a pause: about as long as the server needs for a block.
_LINES = 200


class ReadAhead:
    """The chunks of a log; ``go_on`` checks the next while one is worked on."""

    def __init__(self, read: queue.Queue[RawChunk | BaseException | None]) -> None:
        self._read = read
        #: The next chunk, and those of its lines that are still to be checked.
        self._chunk: Chunk | None = None
        self._lines: Iterator[tuple[int, bytes]] = iter(())
        self._has_ended = False
        self._error: BaseException | None = None

    def __iter__(self) -> Iterator[Chunk]:
        """Yield all chunks, each checked to its end."""
        while True:
            if self._chunk is None and not self._has_ended:
                self._take(self._read.get())
            if self._error is not None:
                raise self._error
            if self._chunk is None:
                return
            self._check(self._chunk, None)
            chunk, self._chunk = self._chunk, None
            yield chunk

    def go_on(self) -> None:
        """Check some lines of the next chunk, if it has been read by now.

        What ended the reading is told when the chunk that is worked on is done.
        """
        if self._chunk is None and not self._has_ended:
            with contextlib.suppress(queue.Empty):
                self._take(self._read.get_nowait())
        if self._chunk is not None:
            self._check(self._chunk, _LINES)

    def _take(self, item: RawChunk | BaseException | None) -> None:
        if isinstance(item, RawChunk):
            self._chunk = Chunk(item.position, item.damage)
            self._lines = iter(item.lines)
        else:
            self._has_ended, self._error = True, item

    def _check(self, chunk: Chunk, count: int | None) -> None:
        for number, raw in islice(self._lines, count):
            chunk.add(number, raw)


@contextlib.contextmanager
def read_ahead(source: Source) -> Iterator[ReadAhead]:
    """Lend the chunks of ``source``, which a thread reads."""
    read: queue.Queue[RawChunk | BaseException | None] = queue.Queue(maxsize=1)
    stopped = threading.Event()

    def put(item: RawChunk | BaseException | None) -> None:
        while not stopped.is_set():
            with contextlib.suppress(queue.Full):
                read.put(item, timeout=0.2)
                return

    def work() -> None:
        try:
            for chunk in read_chunks(source):
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
        yield ReadAhead(read)
    finally:
        stopped.set()
        thread.join(timeout=1)
