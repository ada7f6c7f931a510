"""Databases in which the demo runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests.eventstore_project.demo.databases import Database


@pytest.fixture(scope="session")
def server(
    django_db_setup: None,
    django_db_blocker: Any,
) -> Iterator[str]:
    """The name from which those of scratch databases are made."""
    with django_db_blocker.unblock():
        yield str(connection.settings_dict["NAME"])


@pytest.fixture(scope="session")
def told(server: str) -> Iterator[Database]:
    """The story, told once; nobody adds to it."""
    database = Database(f"{server}_told")
    database.create()
    done = database.demo("--check")
    assert (done.returncode, done.stderr) == (0, "")
    yield database
    database.drop()


@pytest.fixture(scope="module")
def filled(server: str, told: Database) -> Iterator[Database]:
    """A copy of the story, for the tests of one module."""
    database = Database(f"{server}_demo")
    database.copy(told)
    yield database
    database.drop()


@pytest.fixture
def empty(server: str) -> Iterator[Database]:
    database = Database(f"{server}_other")
    database.create()
    yield database
    database.drop()
