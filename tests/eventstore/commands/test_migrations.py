from __future__ import annotations

import io
from dataclasses import dataclass

import pytest
from django.core.management import call_command

from eventstore import event_migrations, store
from eventstore.registry import EventTypeRegistry
from eventstore.upcasting import EventMigrationHandler
from tests.factories import new_event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the project itself has registered is not there."""
    monkeypatch.setattr(event_migrations, "_steps", EventMigrationHandler()._steps)
    monkeypatch.setattr("eventstore.lineage.event_types", EventTypeRegistry())


def run(*arguments: str) -> tuple[list[str], int]:
    said = io.StringIO()
    code = 0
    try:
        call_command("eventstore_migrations", *arguments, stdout=said)
    except SystemExit as end:
        code = int(end.code or 0)
    return said.getvalue().splitlines(), code


def append(event_type: str, *versions: str) -> None:
    for version in versions:
        store.append_event(new_event(event_type, event_version=version), "acme")


def step(event_type: str, old: str, new: str) -> None:
    event_migrations.register_migration(event_type, old, new, dict)


def test_chains_and_stored_versions_are_listed():
    step("Created", "v1", "v2")
    step("Created", "v2", "v3")
    append("Created", "v1", "v1", "v2", "v3")
    append("Other", "v1", "v2")
    assert run("--check") == (
        [
            "Event migrations:",
            "  Created v1 -> v2",
            "  Created v2 -> v3",
            "Stored versions:",
            "  Created v1: 2  -> v3",
            "  Created v2: 1  -> v3",
            "  Created v3: 1",
            "  Other v1: 1",
            "  Other v2: 1",
        ],
        0,
    )


def test_a_stored_version_without_a_path_to_the_end_of_the_chain_is_stuck():
    step("Created", "v2", "v3")
    append("Created", "v1", "v3")
    lines, code = run("--check")
    assert lines[-2:] == [
        (
            "  Created v1: 1  NO PATH to v3: it is lifted to v1 and no further. "
            "Register the missing migration."
        ),
        "  Created v3: 1",
    ]
    assert code == 1
    assert run()[1] == 0


def test_a_version_beyond_the_end_of_the_chain_is_stuck():
    step("Created", "v1", "v2")
    append("Created", "v4")
    assert "NO PATH to v2" in run("--check")[0][-1]


def test_the_version_that_a_class_writes_is_the_newest(monkeypatch: pytest.MonkeyPatch):
    types = EventTypeRegistry()
    monkeypatch.setattr("eventstore.lineage.event_types", types)

    @types.event_type("Created", version="v3")
    @dataclass
    class Created:
        title: str

    step("Created", "v1", "v2")
    append("Created", "v1", "v3")
    lines, code = run("--check")
    assert "Created v1: 1  NO PATH to v3: it is lifted to v2" in lines[-2]
    assert code == 1
    step("Created", "v2", "v3")
    assert run("--check")[1] == 0


def test_a_faulty_chain_fails_the_check_though_nothing_is_stored():
    step("Created", "v1", "v2")
    step("Created", "v3", "v4")
    lines, code = run("--check")
    assert lines[-1].startswith("FAULT: The migrations of Created end in different")
    assert code == 1
