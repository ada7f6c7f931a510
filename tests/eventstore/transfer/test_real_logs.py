from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from eventstore import publisher
from tests.eventstore.transfer import logs
from tests.eventstore.transfer.conftest import Imported

LOGS = [
    "municipal-permits",
    pytest.param("travel-expenses", marks=pytest.mark.full),
    pytest.param("wikipedia-edits", marks=pytest.mark.full),
]


@pytest.mark.django_db
@pytest.mark.parametrize("name", LOGS[:2])
def test_every_aggregate_of_a_real_log_replays_as_the_file_has_it(
    name: str, bring_in: Callable[..., Imported]
):
    path = logs.log_of(name)
    events = logs.read(path)
    assert bring_in(path).counts == (len(events), 0, 0)

    histories = defaultdict(list)
    for event in events:
        key = (event["tenant_id"], event["aggregate_type"], event["aggregate_id"])
        histories[key].append(event)
    for (tenant_id, aggregate_type, aggregate_id), history in histories.items():
        replayed = publisher.replay_events(aggregate_id, tenant_id, aggregate_type)
        assert [_fields(event) for event in replayed] == [
            {**event, "occurred_at": event["occurred_at"].replace("+00:00", "Z")}
            for event in history
        ]
        versions = [event.aggregate_version for event in replayed]
        assert versions == list(range(1, len(history) + 1))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", LOGS)
def test_a_second_import_adds_nothing_and_an_export_imports_as_the_same_log(
    name: str,
    bring_in: Callable[..., Imported],
    take_out: Callable[..., Path],
    stored: Callable[[], Any],
    sql: Callable[..., Any],
):
    count = bring_in(logs.log_of(name)).run.report.stored
    before = stored()
    # Every digit: what Python reads has floats.
    assert [(row[8], row[9]) for row in before] == sql(
        "SELECT (line::jsonb -> 'event_data')::text, (line::jsonb -> 'metadata')::text"
        " FROM unnest(%s::text[]) WITH ORDINALITY AS l(line, n) ORDER BY n",
        logs.read_lines(logs.log_of(name)),
    )
    assert bring_in(logs.log_of(name)).counts == (0, count, 0)
    exported = take_out("first.jsonl.gz")
    assert bring_in(exported).counts == (0, count, 0)
    assert stored() == before

    sql("TRUNCATE stored_domain_events, event_aggregates, event_redactions")
    assert bring_in(exported).counts == (count, 0, 0)
    assert stored() == before
    assert _without_place(take_out("second.jsonl.gz")) == _without_place(exported)


@pytest.mark.django_db(transaction=True)
def test_a_killed_import_goes_on_where_it_was_and_nothing_is_lost_or_doubled(
    manage: Callable[..., Any],
    bring_in: Callable[..., Imported],
    stored: Callable[[], Any],
    sql: Callable[..., Any],
):
    path = logs.log_of("municipal-permits")
    lines = logs.read_lines(path)
    with manage("eventstore_import", "-", stdin=subprocess.PIPE) as process:
        # More than a chunk, and then it waits for more.
        process.stdin.writelines(line.encode() for line in lines[:8_000])
        process.stdin.flush()
        _wait_for(lambda: sql("SELECT count(*) FROM stored_domain_events")[0][0])
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    half = len(stored())
    assert 0 < half < len(lines)

    assert bring_in(path).counts == (len(lines) - half, half, 0)
    assert [row[1] for row in stored()] == [
        json.loads(line)["event_id"] for line in lines
    ]
    assert sql("SELECT count(*) FROM eventstore_import_lines") == [(0,)]


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", [0.2, 0.5, 0.8])
def test_an_import_killed_at_any_moment_can_be_repeated(
    moment: float,
    manage: Callable[..., Any],
    bring_in: Callable[..., Imported],
    stored: Callable[[], Any],
    sql: Callable[..., Any],
):
    path = logs.log_of("travel-expenses")
    ids = [event["event_id"] for event in logs.read(path)]
    with manage("eventstore_import", str(path)) as process:
        _wait_for(
            lambda: (
                sql("SELECT count(*) FROM stored_domain_events")[0][0]
                > moment * len(ids)
            )
        )
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    bring_in(path)
    assert [row[1] for row in stored()] == ids
    versions = sql(
        "SELECT count(*) FROM event_aggregates AS a WHERE current_version <> ("
        " SELECT count(*) FROM stored_domain_events AS e"
        " WHERE (e.tenant_id, e.aggregate_id, e.aggregate_type)"
        " = (a.tenant_id, a.aggregate_id, a.aggregate_type))"
    )
    assert versions == [(0,)]


def _fields(event: Any) -> dict[str, Any]:
    moment = event.occurred_at.isoformat(timespec="microseconds").replace("+00:00", "")
    seconds, _, fraction = moment.partition(".")
    fraction = fraction.rstrip("0")
    if fraction:
        fraction = "." + fraction.ljust(3, "0")
    return {
        "event_id": event.event_id,
        "tenant_id": event.tenant_id,
        "aggregate_id": event.aggregate_id,
        "aggregate_type": event.aggregate_type,
        "event_type": event.event_type,
        "event_version": event.event_version,
        "occurred_at": f"{seconds}{fraction}Z",
        "event_data": event.data,
        "metadata": event.metadata,
    }


def _without_place(path: Path) -> list[dict[str, Any]]:
    """What an export says, but for what each store gives itself."""
    events = logs.read(path)
    return [
        {
            key: value
            for key, value in event.items()
            if key not in {"position", "stored_at"}
        }
        for event in events
    ]


def _wait_for(condition: Callable[[], Any]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until, "the import has not come so far"
        connection.close_if_unusable_or_obsolete()
        time.sleep(0.02)
