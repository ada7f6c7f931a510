from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from eventstore import store
from tests.factories import new_event

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: Any) -> str:
    """What the command said of the export."""
    complaints = io.StringIO()
    call_command("eventstore_export", *map(str, arguments), stderr=complaints)
    return complaints.getvalue()


def test_an_export_writes_a_file_and_says_how_many(tmp_path: Path):
    event = store.append_event(new_event(event_id="one"), "acme")
    path = tmp_path / "log.jsonl"
    assert run(path, "--tenant", "acme") == "1 events exported\n"
    assert json.loads(path.read_text()) == {
        "position": event.position,
        "event_id": "one",
        "tenant_id": "acme",
        "aggregate_id": "R-1",
        "aggregate_type": "Requirement",
        "aggregate_version": 1,
        "event_type": "RequirementCreated",
        "event_version": "v1",
        "occurred_at": event.occurred_at.isoformat().replace("+00:00", "Z"),
        "stored_at": event.stored_at.isoformat().replace("+00:00", "Z"),
        "is_redacted": False,
        "event_data": {"title": "Log in with a passkey"},
        "metadata": {},
    }


def test_all_options_choose(tmp_path: Path):
    event = store.append_event(new_event(), "acme")
    path = tmp_path / "log.jsonl"
    options = {
        "--event-type": event.event_type,
        "--aggregate-type": event.aggregate_type,
        "--aggregate-id": event.aggregate_id,
        "--after-position": event.position - 1,
        "--until-position": event.position,
        "--since": event.occurred_at.isoformat(),
        "--until": "2999-01-01T00:00:00Z",
    }
    chosen = [item for option in options.items() for item in option]
    assert run(path, "--all-tenants", *chosen) == "1 events exported\n"
    for option in options:
        other = "2001-01-01T00:00:00Z" if option == "--until" else "0"
        other = "2998-01-01T00:00:00Z" if option == "--since" else other
        other = "999999999" if option == "--after-position" else other
        without = [*chosen, option, other]
        assert run(path, "--all-tenants", *without) == "0 events exported\n"


def test_whose_events_must_be_said(tmp_path: Path):
    with pytest.raises(CommandError, match="--tenant --all-tenants is required"):
        run(tmp_path / "log.jsonl")


def test_a_time_without_a_zone_is_refused(tmp_path: Path):
    with pytest.raises(
        CommandError, match="argument --since: invalid time with a zone"
    ):
        run(tmp_path / "log.jsonl", "--all-tenants", "--since", "2015-09-12T00:00:00")


def test_standard_output_holds_nothing_but_the_log(
    manage: Callable[..., Any], tmp_path: Path
):
    store.append_event(new_event(), "acme")
    with manage("eventstore_export", "--all-tenants") as process:
        log, said = process.communicate(timeout=60)
    assert said == b"1 events exported\n"
    assert [json.loads(line)["tenant_id"] for line in log.splitlines()] == ["acme"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(CommandError, match="cannot be written: No such file"):
        run(tmp_path / "nowhere" / "log.jsonl", "--all-tenants")
