"""Imports and exports, and what the log holds after them."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from eventstore.transfer.exporting import ExportFilters
from eventstore.transfer.runs import Run, run_export, run_import
from tests.eventstore.transfer import logs

CHECKOUT = Path(__file__).parents[3]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which logs stood in for the real ones."""
    if logs.made:
        terminalreporter.section("made logs")
    for name in sorted(logs.made):
        terminalreporter.line(
            f"{name}: the real log is not here (EVENTSTORE_TEST_DATA); tests ran on "
            "one of the same shape"
        )


class Imported:
    """How an import went, and what it said."""

    def __init__(self, run: Run, said: list[str]) -> None:
        self.run = run
        self.said = said

    @property
    def counts(self) -> tuple[int, int, int]:
        """Stored, known, bad."""
        return (self.run.report.stored, self.run.report.known, self.run.report.bad)


@pytest.fixture
def bring_in() -> Callable[..., Imported]:
    def bring_in(path: Path, **options: Any) -> Imported:
        said = io.StringIO()
        run = run_import(str(path), said, **options)
        return Imported(run, said.getvalue().splitlines())

    return bring_in


@pytest.fixture
def bring_in_lines(
    tmp_path: Path, bring_in: Callable[..., Imported]
) -> Callable[..., Imported]:
    """Import lines: fields, or text as it is."""

    def bring_in_lines(
        *lines: dict[str, Any] | str | bytes, **options: Any
    ) -> Imported:
        return bring_in(logs.write(tmp_path / "lines.jsonl", *lines), **options)

    return bring_in_lines


@pytest.fixture
def take_out(tmp_path: Path) -> Callable[..., Path]:
    """Export to a new file; all tenants, if none is named."""

    def take_out(name: str = "out.jsonl", **filters: Any) -> Path:
        path = tmp_path / name
        wanted = ExportFilters(**{"tenant_id": None, **filters})
        run_export(str(path), io.StringIO(), wanted)
        return path

    return take_out


@pytest.fixture
def stored() -> Callable[[], list[tuple[Any, ...]]]:
    """All that a round trip must keep, in order, documents as jsonb says them."""

    def stored() -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tenant_id, event_id, aggregate_type, aggregate_id,"
                " aggregate_version, event_type, event_version, occurred_at,"
                " event_data::text, metadata::text, is_redacted"
                " FROM stored_domain_events ORDER BY position"
            )
            return list(cursor.fetchall())

    return stored


@pytest.fixture
def manage() -> Callable[..., Any]:
    """Start ``manage.py`` in a process of its own, on the test database."""

    @contextmanager
    def manage(*argv: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *argv],
            cwd=CHECKOUT,
            env={**os.environ, "DATABASE_URL": _url()},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    return manage


def _url() -> str:
    found = {key: str(value) for key, value in connection.settings_dict.items()}
    login = quote(found["USER"], safe="")
    if found["PASSWORD"]:
        login += ":" + quote(found["PASSWORD"], safe="")
    place = quote(found["HOST"], safe="")
    return f"postgresql://{login}@{place}:{found['PORT'] or 5432}/{found['NAME']}"
