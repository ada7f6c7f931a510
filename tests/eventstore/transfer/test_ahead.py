"""What was read ahead is checked in pauses, and told in its turn."""

from __future__ import annotations

import queue

import pytest

from eventstore.transfer import chunks
from eventstore.transfer.ahead import ReadAhead
from eventstore.transfer.chunks import RawChunk
from eventstore.transfer.lines import ImportRow, parse
from tests.eventstore.transfer.logs import json_line, new_line

Read = queue.Queue[RawChunk | BaseException | None]


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the lines that have been checked so far."""
    numbers: list[int] = []

    def note(number: int, raw: bytes) -> ImportRow:
        numbers.append(number)
        return parse(number, raw)

    monkeypatch.setattr(chunks, "parse", note)
    return numbers


def raw_chunk(*numbers: int) -> RawChunk:
    return RawChunk([(n, json_line(new_line(n)).encode()) for n in numbers])


def ahead_of(*items: RawChunk | BaseException | None) -> tuple[Read, ReadAhead]:
    read: Read = queue.Queue()
    for item in items:
        read.put(item)
    return read, ReadAhead(read)


def test_the_next_chunk_is_checked_while_one_is_worked_on(checked: list[int]) -> None:
    _, ahead = ahead_of(raw_chunk(1), raw_chunk(*range(2, 1002)), None)
    found = iter(ahead)
    next(found)
    assert checked == [1]
    ahead.go_on()
    part = len(checked)
    assert 1 < part < 1001
    ahead.go_on()
    assert part < len(checked) < 1001
    assert [row.line for row in next(found).rows] == list(range(2, 1002))
    assert checked == list(range(1, 1002))
    ahead.go_on()
    assert list(found) == []


def test_a_pause_in_which_nothing_was_read_waits_for_nothing() -> None:
    read, ahead = ahead_of(raw_chunk(1))
    found = iter(ahead)
    next(found)
    ahead.go_on()
    read.put(raw_chunk(2))
    read.put(None)
    assert [row.line for chunk in found for row in chunk.rows] == [2]


def test_what_ended_the_reading_is_told_after_the_chunk_that_is_worked_on() -> None:
    _, ahead = ahead_of(raw_chunk(1), raw_chunk(2), OSError("the disk failed"))
    found = iter(ahead)
    next(found)
    ahead.go_on()
    assert [row.line for row in next(found).rows] == [2]
    ahead.go_on()
    ahead.go_on()
    with pytest.raises(OSError, match="the disk failed"):
        next(found)
