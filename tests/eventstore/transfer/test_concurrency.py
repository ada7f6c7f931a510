from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from eventstore import ConcurrencyError, store
from tests.eventstore.conftest import Session
from tests.eventstore.transfer import logs
from tests.eventstore.transfer.conftest import Imported
from tests.factories import new_event

pytestmark = pytest.mark.django_db(transaction=True)

#: Aggregates whose version is not the number of their events, or that have gaps.
FAULTS = """
    SELECT a.aggregate_id
      FROM event_aggregates AS a
      LEFT JOIN LATERAL (
           SELECT count(*), max(e.aggregate_version)
             FROM stored_domain_events AS e
            WHERE (e.tenant_id, e.aggregate_id, e.aggregate_type)
                = (a.tenant_id, a.aggregate_id, a.aggregate_type)) AS e ON true
     WHERE a.current_version <> e.count OR e.count <> e.max
"""


@pytest.mark.parametrize("numbered", [True, False])
def test_two_imports_of_one_file_at_once_store_it_once(
    numbered: bool,
    session: Session,
    bring_in: Callable[..., Imported],
    tmp_path: Path,
    stored: Callable[[], Any],
    sql: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("eventstore.transfer.chunks.CHUNK_LINES", 40)
    lines = [
        logs.new_line(
            number,
            aggregate_id=f"R-{number % 7}",
            **({"aggregate_version": number // 7 + 1} if numbered else {}),
        )
        for number in range(2_000)
    ]
    path = logs.write(tmp_path / "log.jsonl", *lines)
    other = session.start(bring_in, path)
    mine = bring_in(path)
    theirs = other.result(timeout=60)
    assert mine.run.report.bad == theirs.run.report.bad == 0
    assert mine.run.report.stored + theirs.run.report.stored == 2_000
    assert mine.run.report.known + theirs.run.report.known == 2_000
    assert mine.said == theirs.said == []
    histories: dict[str, list[str]] = {}
    for row in stored():
        histories.setdefault(row[3], []).append(row[1])
    for aggregate in range(7):
        assert histories[f"R-{aggregate}"] == [
            f"event-{number}" for number in range(aggregate, 2_000, 7)
        ]
    assert sql(FAULTS) == []


def test_an_import_and_appends_to_the_same_aggregates_mix_without_gaps(
    session: Session,
    bring_in: Callable[..., Imported],
    tmp_path: Path,
    sql: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("eventstore.transfer.chunks.CHUNK_LINES", 50)
    lines = [
        logs.new_line(number, aggregate_id=f"R-{number % 5}") for number in range(300)
    ]
    path = logs.write(tmp_path / "log.jsonl", *lines)
    done = threading.Event()

    def append() -> int:
        count = 0
        while not done.is_set():
            # Against the order of the keys: a deadlock that the import must survive.
            try:
                with transaction.atomic():
                    for aggregate in (4, 2, 0):
                        event = new_event(aggregate_id=f"R-{aggregate}")
                        store.append_event(event, "acme")
                count += 3
            except ConcurrencyError:
                continue
        return count

    appended = session.start(append)
    imported = bring_in(path)
    done.set()
    count = appended.result(timeout=60)
    assert imported.counts == (300, 0, 0)
    assert count > 0
    assert sql("SELECT count(*) FROM stored_domain_events") == [(300 + count,)]
    assert sql(FAULTS) == []


def test_an_id_that_is_taken_while_the_import_waits_is_a_bad_line(
    session: Session,
    bring_in: Callable[..., Imported],
    tmp_path: Path,
    sql: Callable[..., Any],
):
    lines = [
        logs.new_line(number, aggregate_version=number + (number < 3))
        for number in (0, 1, 2)
    ]
    path = logs.write(tmp_path / "log.jsonl", *lines)
    # Another aggregate's event takes the id of the last line, and is not committed yet.
    session.begin()
    taken = new_event(event_id="event-2", aggregate_id="R-9")
    session.run(store.append_event, taken, "acme")
    threading.Timer(0.5, session.commit).start()
    imported = bring_in(path)
    assert imported.counts == (2, 0, 1)
    assert imported.said == ["line 3: event_id: belongs to another event."]
    assert sql(FAULTS) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_import_that_is_ended_politely_can_be_repeated(
    number: int,
    manage: Callable[..., Any],
    bring_in: Callable[..., Imported],
    sql: Callable[..., Any],
):
    path = logs.log_of("municipal-permits")
    total = len(logs.read(path))
    with manage("eventstore_import", "-", stdin=subprocess.PIPE) as process:
        lines = [logs.json_line(event) + "\n" for event in logs.read(path)[:7_000]]
        process.stdin.writelines(line.encode() for line in lines)
        process.stdin.flush()
        until = time.monotonic() + 60
        while not sql("SELECT 1 FROM stored_domain_events LIMIT 1"):
            assert time.monotonic() < until
            time.sleep(0.02)
        process.send_signal(number)
        assert process.wait(timeout=60) == 128 + number
        if number == signal.SIGINT:
            said = process.stderr.read().decode()
            assert said == "Interrupted. Run it again to go on: nothing is lost.\n"
            # The signal may come between the commit and its being counted.
            counted = (b"5,000 events: 5,000 stored", b"0 events: 0 stored")
            assert process.stdout.read().startswith(counted)
    assert bring_in(path).counts == (total - 5_000, 5_000, 0)


@pytest.mark.full
def test_an_import_needs_no_more_memory_for_more_lines(
    manage: Callable[..., Any], tmp_path: Path
):
    def peak(count: int) -> int:
        path = tmp_path / "log.jsonl"
        with path.open("w") as file:
            for number in range(count):
                fields = {"text": "x" * 2_000, "number": number}
                line = logs.new_line(
                    number, aggregate_id=f"R-{number % 999}", event_data=fields
                )
                file.write(json.dumps(line) + "\n")
        with manage("eventstore_import", str(path)) as process:
            highest = 0
            while process.poll() is None:
                status = Path(f"/proc/{process.pid}/status").read_text()
                found = [line for line in status.splitlines() if "VmHWM" in line]
                highest = int(found[0].split()[1]) if found else highest
                time.sleep(0.05)
            assert process.returncode == 0
        return highest

    few, many = peak(15_000), peak(90_000)
    # In kB; chunks vary.
    assert many - few < 30_000
