"""Import a log by COPY."""

from __future__ import annotations

import io
import tempfile
import time
from pathlib import Path

from benchmarks import sample
from benchmarks.connecting import connect
from benchmarks.figures import Measured, Section
from benchmarks.harness import turns
from benchmarks.stage import Stage
from eventstore.transfer import ImportReport, import_log
from eventstore.transfer.chunks import BadLine
from eventstore.transfer.files import Source

RAW = "raw COPY"
IMPORT = "import_log"
_MOMENT = "2025-01-01T00:00:00.000000Z"
_COPY = """
COPY stored_domain_events
     (event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version, event_type,
      event_version, occurred_at, stored_at, event_data, metadata, is_redacted)
FROM STDIN
"""


class Silent:
    """Hears of every chunk and of no bad line."""

    def bad_line(self, line: BadLine) -> None:
        """Refuse to measure what was not stored."""
        raise AssertionError(line)

    def progress(self, report: ImportReport) -> None:
        """Need no bar."""


def measure(stage: Stage) -> Section:
    """Measure the import of a file beside a COPY of rows that are ready."""
    stage.empty()
    events, rounds = stage.plan.import_events, max(1, stage.plan.rounds // 3)
    measured: Measured = {RAW: [], IMPORT: []}
    runs = {RAW: _copy, IMPORT: _import}
    for place, (counted, names) in enumerate(turns(list(runs), rounds)):
        for name in names:
            seconds = runs[name](f"{name}-{place}", events)
            if counted:
                measured[name].append(events / seconds)
    section = Section(
        f"Import {events:,} events",
        "From a file of JSON Lines, parsed, checked, staged, judged against what is "
        "stored, and numbered by their aggregates. The limit is a COPY of rows that "
        "are ready, checked by nobody, into the same table.",
    )
    section.add_rates(measured, RAW, unit="events/s")
    section.compare("import by COPY", measured, IMPORT, RAW, 0.6)
    return section


def _copy(name: str, events: int) -> float:
    rows = "".join(_row(name, number) for number in range(events))
    with connect() as raw, raw.cursor() as cursor:
        started = time.perf_counter()
        with cursor.copy(_COPY) as copy:
            copy.write(rows)
        return time.perf_counter() - started


def _import(name: str, events: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        path.write_text("".join(_line(name, number) for number in range(events)))
        started = time.perf_counter()
        with path.open("rb") as file:
            assert isinstance(file, io.BufferedReader)
            source = Source(file, path.name, path.stat().st_size)
            report = import_log(source, Silent())
        assert report.stored == events
        return time.perf_counter() - started


def _row(name: str, number: int) -> str:
    return (
        f"{name}-{number:09}\ttenant-0\t{sample.AGGREGATE_TYPE}\t{name}-{number // 100}"
        f"\t{number % 100 + 1}\t{sample.EVENT_TYPE}\tv1\t{_MOMENT}\t{_MOMENT}\t"
        f"{sample.DATA_TEXT}\t{sample.METADATA_TEXT}\tf\n"
    )


def _line(name: str, number: int) -> str:
    return (
        f'{{"event_id":"{name}-{number:09}","tenant_id":"tenant-0",'
        f'"aggregate_id":"{name}-{number // 100}",'
        f'"aggregate_type":"{sample.AGGREGATE_TYPE}",'
        f'"aggregate_version":{number % 100 + 1},'
        f'"event_type":"{sample.EVENT_TYPE}","event_version":"v1",'
        f'"occurred_at":"{_MOMENT}","event_data":{sample.DATA_TEXT},'
        f'"metadata":{sample.METADATA_TEXT}}}\n'
    )
