"""Chunks of lines into the log.

A chunk is stored at once, known events apart from new ones. What the log refuses is
halved until the line is found that it was about: so the good case takes one statement
for hundreds of lines, and a bad one a few more.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from eventstore import sql
from eventstore.api.appending.executing import in_transaction
from eventstore.api.appending.retries import refuse_guesses
from eventstore.api.bulk.lines import Line, Writer, read_line
from eventstore.api.problems.details import MAX_ERRORS
from eventstore.event_publisher import publisher
from eventstore.exceptions import (
    ConcurrencyError,
    DuplicateEventError,
    InvalidEvent,
)
from eventstore.grants import may
from eventstore.roles import Permission
from eventstore.transfer.chunks import read_lines
from eventstore.transfer.files import TransferError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eventstore.transfer.files import Source
    from eventstore.types import StoredDomainEvent

#: What a chunk holds at most, so that memory stays bounded whatever the lines are.
CHUNK_LINES, CHUNK_BYTES = 500, 4_000_000


@dataclass(slots=True)
class Report:
    """What became of the lines.

    Attributes:
        lines: that were dealt with; blank ones are none.
        stored: events that are new.
        known: events that were stored before.
        refused: lines that were not stored.
        next_line: where to go on, if the upload was stopped.
        position: of the last event that was stored.
        errors: the first refused lines: ``line``, ``detail``, and a ``pointer``.
        damage: why the upload was not taken to its end.
    """

    lines: int = 0
    stored: int = 0
    known: int = 0
    refused: int = 0
    next_line: int | None = None
    position: int | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    damage: str | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "lines": self.lines,
            "stored": self.stored,
            "known": self.known,
            "refused": self.refused,
            "next_line": self.next_line,
            "last_position": self.position,
            "errors": self.errors,
        }


def upload(source: Source, writer: Writer, *, skip: bool) -> Report:
    """Store the events of ``source``, each chunk in a transaction of its own.

    Args:
        source: JSON Lines.
        writer: who uploads, and where to.
        skip: leave out lines that are refused, and go on; otherwise the first of them
            is the end, and all before it are stored.
    """
    run = _Run(writer, skip=skip)
    try:
        for chunk in _chunks(source, writer):
            if not may(writer.principal, Permission.APPEND, writer.tenant_id):
                # A body takes as long as its sender likes; a key that was revoked
                # meanwhile is good for nothing any more.
                run.stop(chunk, _("Your grants have changed."))
                break
            run.store(chunk)
            if run.report.next_line is not None:
                break
    except TransferError as error:
        run.report.damage = str(error)
    return run.report


def _chunks(source: Source, writer: Writer) -> Iterator[list[Line]]:
    chunk: list[Line] = []
    size = 0
    try:
        for number, raw in read_lines(source):
            chunk.append(read_line(number, raw, writer))
            size += len(raw)
            if len(chunk) >= CHUNK_LINES or size >= CHUNK_BYTES:
                yield chunk
                chunk, size = [], 0
    except TransferError:
        # What was whole before the damage is stored as well.
        yield chunk
        raise
    yield chunk


class _Run:
    def __init__(self, writer: Writer, *, skip: bool) -> None:
        self.report = Report()
        self._writer = writer
        self._skip = skip

    def stop(self, chunk: Sequence[Line], reason: str) -> None:
        """End before the lines of a chunk."""
        self.report.damage = reason
        self.report.next_line = chunk[0].number if chunk else None

    def store(self, chunk: Sequence[Line]) -> None:
        """Store the lines of a chunk in their order."""
        known = self._known(chunk)
        kinds = groupby(chunk, lambda line: _kind(line, known))
        for kind, lines in kinds:
            if self.report.next_line is not None:
                return
            if kind == "faulty":
                for line in lines:
                    self._refuse(line, line.faults)
            else:
                self._append(list(lines), is_known=kind == "known")

    def _known(self, chunk: Sequence[Line]) -> set[str]:
        ids = [line.draft.event.event_id for line in chunk if line.draft]
        tenant_id = self._writer.tenant_id
        rows = in_transaction(
            tenant_id, lambda: sql.fetch_all("known_ids", (tenant_id, ids))
        )
        return {row[0] for row in rows}

    def _append(self, lines: list[Line], *, is_known: bool) -> None:
        """Store ``lines``; if the log refuses, halve them until it is known which."""
        if self.report.next_line is not None:
            return
        try:
            self._append_at_once(lines, is_known=is_known)
        except (InvalidEvent, ConcurrencyError, DuplicateEventError) as error:
            if isinstance(error, ConcurrencyError) and error.actual is None:
                raise
            if len(lines) == 1:
                self._refuse(lines[0], ({"detail": str(error)},))
                return
            middle = len(lines) // 2
            self._append(lines[:middle], is_known=is_known)
            self._append(lines[middle:], is_known=is_known)

    def _append_at_once(self, lines: list[Line], *, is_known: bool) -> None:
        events = [line.draft.event for line in lines if line.draft]
        expected = _expectations(lines)
        tenant_id = self._writer.tenant_id
        # Whoever was to be told of a known event was told when it was stored.
        append = publisher.store.append_events if is_known else publisher.publish_all

        def store() -> list[StoredDomainEvent]:
            found = append(events, tenant_id, expected)
            refuse_guesses(found, self._writer.actor, self._writer.permissions)
            return found

        stored = in_transaction(tenant_id, store)
        report = self.report
        report.lines += len(lines)
        if is_known:
            report.known += len(lines)
        else:
            report.stored += len(lines)
            report.position = stored[-1].position

    def _refuse(self, line: Line, faults: Sequence[dict[str, Any]]) -> None:
        report = self.report
        if report.next_line is not None:
            return
        report.refused += 1
        report.lines += 1
        room = MAX_ERRORS - len(report.errors)
        report.errors += [{"line": line.number, **fault} for fault in faults][:room]
        if not self._skip:
            report.next_line = line.number


def _kind(line: Line, known: set[str]) -> str:
    if line.draft is None:
        return "faulty"
    return "known" if line.draft.event.event_id in known else "new"


def _expectations(lines: Sequence[Line]) -> dict[tuple[str, str], int]:
    """Return where each aggregate must stand before the first of ``lines``.

    Raises:
        ConcurrencyError: the lines contradict one another.
    """
    counts: Counter[tuple[str, str]] = Counter()
    expected: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.draft is None:
            continue
        key = line.draft.event.aggregate_type, line.draft.event.aggregate_id
        given = line.draft.expected_version
        if given is not None:
            before = given - counts[key]
            if before < 0 or expected.setdefault(key, before) != before:
                raise ConcurrencyError(
                    "The versions of the aggregate's lines do not follow one another.",
                    actual=counts[key],
                )
        counts[key] += 1
    return expected
