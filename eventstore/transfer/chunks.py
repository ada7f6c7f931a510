"""Lines by the thousand, so that memory stays bounded and a commit pays for many."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eventstore.conf import store_settings
from eventstore.exceptions import InvalidEvent
from eventstore.transfer.files import Source, TransferError
from eventstore.transfer.lines import ImportRow, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

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
class RawChunk:
    """Some lines of a log, as they stand.

    Attributes:
        lines: each with its number, counted from 1; blank ones count but are no events.
        position: how many bytes of the file were read with them.
        damage: why the file ended here, when it should not have.
    """

    lines: list[tuple[int, bytes]] = field(default_factory=list)
    position: int = 0
    damage: TransferError | None = None


@dataclass(slots=True)
class Chunk:
    """Some lines of a log, checked.

    Attributes:
        position: how many bytes of the file were read with them.
        damage: why the file ended here, when it should not have.
        rows: the good ones.
        raws: the lines that they came from, by number.
        bad: the others.
    """

    position: int
    damage: TransferError | None
    rows: list[ImportRow] = field(default_factory=list)
    raws: dict[int, bytes] = field(default_factory=dict)
    bad: list[BadLine] = field(default_factory=list)

    def add(self, number: int, raw: bytes) -> None:
        """Check a line, and put it where it belongs."""
        limit = max_line()
        if len(raw) > limit:
            reason = (
                f"line: has more than {limit:,} bytes, more than any event may have."
            )
            self.bad.append(BadLine(number, reason, raw))
            return
        try:
            self.rows.append(parse(number, raw))
        except InvalidEvent as error:
            self.bad.append(BadLine(number, str(error), raw))
        else:
            self.raws[number] = raw


def read_chunks(source: Source) -> Iterator[RawChunk]:
    """Yield all lines of ``source``.

    A file that is damaged or cut off ends with a chunk that says so.
    """
    chunk, size = RawChunk(), 0
    try:
        for number, raw in read_lines(source):
            chunk.lines.append((number, raw))
            size += len(raw)
            if len(chunk.lines) >= CHUNK_LINES or size >= CHUNK_BYTES:
                chunk.position = source.position
                yield chunk
                chunk, size = RawChunk(), 0
    except TransferError as error:
        chunk.damage = error
    chunk.position = source.position
    yield chunk


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
