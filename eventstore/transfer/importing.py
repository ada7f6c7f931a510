"""Bring a log in: chunk by chunk, each whole or not at all.

What is stored already is skipped, so that an import can be repeated, also one that was
cut off: nothing is lost and nothing comes twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from django.db import DataError, connections, transaction

from eventstore import sql
from eventstore.conf import store_settings
from eventstore.exceptions import ConcurrencyError, IsolationLevelError
from eventstore.sql import copying
from eventstore.transfer import previewing, straight
from eventstore.transfer.ahead import read_ahead
from eventstore.transfer.chunks import BadLine
from eventstore.transfer.verdicts import Verdict, reason_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from eventstore.transfer.chunks import Chunk
    from eventstore.transfer.files import Source, TransferError
    from eventstore.transfer.lines import ImportRow

    #: Stores rows and returns a verdict on each that was not stored.
    Store = Callable[[list[ImportRow]], list[Verdict]]

#: How often a chunk is tried again when the database ended it in favour of another.
_ATTEMPTS = 20


@dataclass(slots=True)
class ImportReport:
    """What became of the lines so far.

    Attributes:
        stored: events that are new; in a dry run, that would be.
        known: events that were stored before.
        bad: lines that were refused.
        position: how many bytes of the file were read.
        damage: why the file could not be read to its end, if so.
    """

    stored: int = 0
    known: int = 0
    bad: int = 0
    position: int = 0
    damage: TransferError | None = None

    @property
    def lines(self) -> int:
        """Return how many lines were looked at."""
        return self.stored + self.known + self.bad


class Observer(Protocol):
    """Who is told while an import runs."""

    def bad_line(self, line: BadLine) -> None:
        """Take note of a line that was not stored; in the order of the file."""

    def progress(self, report: ImportReport) -> None:
        """Take note of a chunk that is done."""


def import_log(
    source: Source,
    observer: Observer,
    *,
    renumber: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Store every event of ``source`` that the log does not have.

    Each chunk is a transaction of its own; events of an aggregate keep their order.

    Args:
        source: JSON Lines.
        observer: is told of each bad line and each chunk.
        renumber: ignore the versions of the lines; events follow what is stored.
        dry_run: leave no trace, and report what an import would do.

    Raises:
        IsolationLevelError: the connection is not READ COMMITTED.
        ConcurrencyError: other transactions would not let a chunk through.
    """
    with read_ahead(source) as chunks:
        meanwhile = chunks.go_on
        if dry_run:
            with previewing.preview(renumber=renumber, meanwhile=meanwhile) as judge:
                return _import(chunks, observer, judge)
        store = partial(_store, renumber=renumber, meanwhile=meanwhile)
        return _import(chunks, observer, store)


def _import(chunks: Iterable[Chunk], observer: Observer, store: Store) -> ImportReport:
    report = ImportReport()
    for chunk in chunks:
        for line in _work(chunk, store, report):
            observer.bad_line(line)
        report.position, report.damage = chunk.position, chunk.damage
        observer.progress(report)
    return report


def _work(chunk: Chunk, store: Store, report: ImportReport) -> list[BadLine]:
    verdicts = _divided(chunk.rows, store) if chunk.rows else []
    versions = {row.line: row.aggregate_version for row in chunk.rows}
    known = [verdict for verdict in verdicts if verdict.outcome == "known"]
    bad = chunk.bad + [
        BadLine(
            verdict.line,
            reason_of(verdict, versions[verdict.line]),
            chunk.raws[verdict.line],
        )
        for verdict in verdicts
        if verdict.outcome != "known"
    ]
    report.known += len(known)
    report.bad += len(bad)
    report.stored += len(chunk.rows) - len(verdicts)
    return sorted(bad, key=lambda line: line.number)


def _divided(rows: list[ImportRow], store: Store) -> list[Verdict]:
    """Store ``rows``; if the database cannot hold one, find it and store the others."""
    try:
        return store(rows)
    except DataError as error:
        if len(rows) == 1:
            return [Verdict(rows[0].line, "refused", detail=str(error).splitlines()[0])]
    middle = len(rows) // 2
    return _divided(rows[:middle], store) + _divided(rows[middle:], store)


def _store(
    rows: list[ImportRow], *, renumber: bool, meanwhile: Callable[[], None]
) -> list[Verdict]:
    alias = store_settings().DATABASE
    attempts = 1 if connections[alias].in_atomic_block else _ATTEMPTS
    while True:
        attempts -= 1
        try:
            if straight.store(rows, renumber=renumber, meanwhile=meanwhile):
                return []
            with transaction.atomic(using=alias):
                return _store_once(rows, renumber=renumber, meanwhile=meanwhile)
        except ConcurrencyError:
            # A deadlock with a transaction that appends in another order: it won.
            if not attempts:
                raise


def _store_once(
    rows: list[ImportRow], *, renumber: bool, meanwhile: Callable[[], None]
) -> list[Verdict]:
    staged = [row.staged for row in rows]
    copying.copy_in("import_stage", staged, meanwhile=meanwhile)
    found = sql.fetch_all("import_chunk", (renumber,))
    verdicts = [Verdict(*row) for row in found]
    if verdicts and verdicts[0].outcome == "isolation":
        raise IsolationLevelError
    return verdicts
