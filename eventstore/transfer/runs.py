"""A transfer as a command runs it: files, progress, bad lines, and a clean end."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from eventstore.transfer import progress
from eventstore.transfer.exporting import ExportFilters, export_log
from eventstore.transfer.files import open_source, open_target
from eventstore.transfer.importing import ImportReport, import_log

if TYPE_CHECKING:
    from eventstore.transfer.chunks import BadLine
    from eventstore.transfer.progress import Display, Stream

#: More bad lines than these are counted and not shown.
SHOWN_BAD_LINES = 50


@dataclass(frozen=True, slots=True)
class Run:
    """How an import went.

    Attributes:
        report: what became of the lines.
        seconds: how long it took.
        interrupted: whether it was ended before the end of the file.
    """

    report: ImportReport
    seconds: float
    interrupted: bool

    @property
    def rate(self) -> float:
        """Return the lines per second."""
        return self.report.lines / max(self.seconds, 0.001)


def run_import(
    path: str,
    stderr: Stream,
    *,
    rejects: str | None = None,
    renumber: bool = False,
    dry_run: bool = False,
) -> Run:
    """Import the log at ``path`` and say on ``stderr`` what was wrong with it.

    Args:
        path: a file, or ``-`` for standard input.
        stderr: for progress and bad lines.
        rejects: a file that the bad lines are written to, as they were.
        renumber: as of ``import_log``.
        dry_run: as of ``import_log``.

    Raises:
        TransferError: a file cannot be opened.
        EventStoreError: as of ``import_log``.
    """
    interrupted = False
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        source = stack.enter_context(open_source(path))
        file = stack.enter_context(open_target(rejects)) if rejects else None
        label = "Checking" if dry_run else "Importing"
        display = stack.enter_context(progress.shown(stderr, label, source.size))
        teller = _Teller(display, file)
        try:
            import_log(source, teller, renumber=renumber, dry_run=dry_run)
        except KeyboardInterrupt:
            interrupted = True
    return Run(teller.report, time.monotonic() - started, interrupted)


def run_export(path: str, stderr: Stream, filters: ExportFilters) -> int:
    """Export events to ``path`` (``-`` for standard output); return their number.

    Raises:
        TransferError: the file cannot be written.
        EventStoreError: as of ``export_log``.
    """
    with (
        open_target(path) as target,
        progress.shown(stderr, "Exporting", None) as display,
    ):
        return export_log(
            target,
            filters,
            lambda count, position: display.advance(position, f"{count:,} events"),
        )


class _Teller:
    """Tells a person of progress and of bad lines, and keeps these in a file."""

    def __init__(self, display: Display, rejects: IO[bytes] | None) -> None:
        self.report = ImportReport()
        self._display = display
        self._rejects = rejects
        self._bad = 0
        self._started = time.monotonic()

    def bad_line(self, line: BadLine) -> None:
        if self._rejects is not None:
            self._rejects.write(line.raw.rstrip(b"\r\n") + b"\n")
        self._bad += 1
        if self._bad <= SHOWN_BAD_LINES:
            self._display.say(f"line {line.number}: {line.reason}")
        elif self._bad == SHOWN_BAD_LINES + 1:
            self._display.say("Further bad lines are counted and not shown.")

    def progress(self, report: ImportReport) -> None:
        self.report = report
        rate = report.lines / max(time.monotonic() - self._started, 0.001)
        self._display.advance(
            report.position,
            f"{report.position / 1e6:,.1f} MB, {report.lines:,} events, {rate:,.0f}/s",
        )
