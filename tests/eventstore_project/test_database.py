"""Which database the project describes, and which commands wait for it."""

from __future__ import annotations

import pytest

from eventstore_project import database


def test_a_database_url_is_used_as_it_is() -> None:
    found = database.settings({"DATABASE_URL": "postgresql://u:p@db.example:6432/name"})

    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", 6432, "name")
    assert (found["USER"], found["PASSWORD"]) == ("u", "p")


def test_without_a_database_url_the_private_server_is_described() -> None:
    found = database.settings({})

    assert (found["NAME"], found["PORT"]) == ("eventstore", "5432")
    assert found["HOST"].startswith("/")


def test_a_pool_is_an_option_and_ends_persistent_connections() -> None:
    url = "postgresql://db.example/name?connect_timeout=3"

    found = database.settings({"DATABASE_URL": url, "DATABASE_POOL": "1"})

    assert found["OPTIONS"]["pool"] is True
    assert found["OPTIONS"]["connect_timeout"] == 3
    assert found["CONN_MAX_AGE"] == 0


@pytest.mark.parametrize(
    "line",
    [
        "",
        "help",
        "help migrate",
        "version",
        "--version",
        "migrate --help",
        "test -h",
    ],
)
def test_a_command_line_that_asks_nothing_of_the_database_starts_none(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "ensure_running", lambda: pytest.fail("started"))

    database.ensure_running_for(["manage.py", *line.split()])
