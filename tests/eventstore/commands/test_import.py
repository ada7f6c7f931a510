from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from tests.eventstore.transfer.logs import new_line, write

pytestmark = pytest.mark.django_db


def run(path: Path | str, **options: Any) -> tuple[str, str, int]:
    """What the command said, what it complained of, and how it ended."""
    said, complaints = io.StringIO(), io.StringIO()
    code: Any = 0
    try:
        call_command(
            "eventstore_import", str(path), stdout=said, stderr=complaints, **options
        )
    except SystemExit as end:
        code = end.code
    return said.getvalue(), complaints.getvalue(), code


def test_an_import_says_what_became_of_the_lines(tmp_path: Path):
    path = write(tmp_path / "log.jsonl", new_line(1), new_line(2))
    said, complaints, code = run(path)
    assert said.startswith("2 events: 2 stored, 0 known already, 0 bad (")
    assert said.endswith(" events/s)\n")
    assert (complaints, code) == ("", 0)
    assert run(path)[0].startswith("2 events: 0 stored, 2 known already, 0 bad (")


def test_a_bad_line_makes_it_fail_after_storing_the_others(tmp_path: Path):
    path = write(tmp_path / "log.jsonl", "bad", new_line(1))
    rejects = tmp_path / "bad.jsonl"
    said, complaints, code = run(path, rejects=str(rejects))
    assert said.startswith("2 events: 1 stored, 0 known already, 1 bad (")
    assert complaints == ("line 1: line: is no JSON: Expecting value at character 1.\n")
    assert code == 1
    assert rejects.read_text() == "bad\n"


def test_a_dry_run_says_what_would_happen_and_does_nothing(tmp_path: Path):
    path = write(tmp_path / "log.jsonl", new_line(1))
    for _ in range(2):
        said, _, code = run(path, dry_run=True)
        assert said.startswith("1 events: 1 would be stored, 0 known already, 0 bad (")
        assert code == 0


def test_a_damaged_file_makes_it_fail_after_storing_what_there_is(tmp_path: Path):
    path = tmp_path / "log.jsonl.gz"
    path.write_bytes(b"\x1f\x8b damaged")
    with pytest.raises(CommandError, match="is damaged or cut off"):
        run(path)


def test_a_missing_file_is_named():
    with pytest.raises(CommandError, match="nowhere cannot be read: No such file"):
        run("nowhere")


@pytest.mark.django_db(transaction=True)
def test_another_isolation_level_is_told_in_one_line(tmp_path: Path):
    path = write(tmp_path / "log.jsonl", new_line(1))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        with pytest.raises(CommandError, match="needs READ COMMITTED"):
            run(path)
