from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.chart import draw
from benchmarks.figures import Section, Spread, ratio, spread
from eventstore_project import database

ROOT = Path(__file__).resolve().parents[2]


def test_every_workload_runs_and_the_results_are_written(tmp_path):
    database.ensure_running()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--smoke", "--output", tmp_path],
        cwd=ROOT,
        env=os.environ | {"PYTHONWARNINGS": "default"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    results = (tmp_path / "RESULTS.md").read_text()
    for line in (
        "| append 1 event, EventStoreService | raw upsert + INSERT |",
        "| append 10 events in one call |",
        "| append, 2 processes to one hot aggregate |",
        "| import by COPY |",
        "| publish with 3 in-process subscribers |",
        "| commit to handler, p50 | 500 appends/s |",
        "| commit to handler, p99 | 500 appends/s |",
        "| append 1 event, one client, 4 listeners |",
        "| append 1 event, one client, 4 listeners, a worker |",
        "| bulk catch-up of a counter projection |",
        "| read by type, the last page |",
        "| the same, upcast v1 -> v3 |",
        "| console: explorer, p95 |",
        "## The guide's service levels",
        "## How cost grows",
        "## What each index costs an append",
    ):
        assert line in results
    assert (tmp_path / "results.svg").read_text().startswith("<svg")


def test_a_workload_that_does_not_exist_is_named_with_those_that_do():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--smoke", "--only", "flying"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "Unknown: flying; known are append-one" in done.stderr


def test_a_ratio_is_the_median_of_the_rounds_not_the_ratio_of_medians():
    assert ratio([10, 30, 50], [10, 15, 100]) == Spread(1.0, 0.75, 1.5)


def test_one_round_has_no_spread():
    assert spread([7.0]) == Spread(7.0, 7.0, 7.0)


def test_the_chart_escapes_what_it_shows_and_runs_nothing():
    section = Section("A & B", "", bars=[("<limit>", 100.0), ("half", 50.0)])
    chart = draw([section])
    assert "A &amp; B" in chart
    assert "&lt;limit&gt;" in chart
    assert "50 (0.50)" in chart
    assert "<script" not in chart
