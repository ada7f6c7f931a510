"""Which system user runs the server, and how a program runs as that user."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eventstore_project.embedded.errors import EmbeddedPostgresError

NAME = "django-eventstore"

_SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
# Nothing of the caller's environment: PGPORT, PGDATA, LC_ALL would steer the server.
_ENVIRONMENT = {"PATH": _SYSTEM_PATH, "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Account:
    """A system user."""

    uid: int
    gid: int
    name: str

    @property
    def is_current(self) -> bool:
        """Whether this process already is that user."""
        return self.uid == os.geteuid()

    def own(self, path: Path) -> None:
        """Give one path of ours to this user."""
        if not self.is_current:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, with a clean environment; never raises for it."""
        switch = not self.is_current
        others: list[int] = []
        return subprocess.run(  # noqa: S603 - our own programs by absolute path
            command,
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            # The server's user may not be able to enter the caller's folder.
            cwd="/",
            env=_ENVIRONMENT,
            umask=0o077,
            user=self.uid if switch else None,
            group=self.gid if switch else None,
            extra_groups=others if switch else None,
        )


def current() -> Account:
    """Return the user of this process.

    Raises:
        EmbeddedPostgresError: the system does not know the user by a name.
    """
    uid = os.geteuid()
    try:
        return _from(pwd.getpwuid(uid))
    except KeyError:
        raise EmbeddedPostgresError(
            f"PostgreSQL cannot run as user id {uid}: the system has no name for it."
        ) from None


def for_server(data: Path) -> Account:
    """Return the user that runs the server of this data folder.

    Everybody runs it as themselves but root, whom PostgreSQL refuses: there it
    is the owner of the data, else a system user of our own, else ``nobody``.

    Raises:
        EmbeddedPostgresError: there is no such user.
    """
    if os.geteuid() != 0:
        return current()
    if data.exists():
        return _from(pwd.getpwuid(data.stat().st_uid))
    account = _named(NAME) or _added() or _named("nobody")
    if account is None:
        raise EmbeddedPostgresError(
            f"PostgreSQL refuses to run as root, and no user {NAME} could be added."
        )
    return account


def _added() -> Account | None:
    useradd = shutil.which("useradd", path=_SYSTEM_PATH)
    if useradd is None:
        return None
    options = ["--system", "--user-group", "--no-create-home"]
    places = ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    current().run([useradd, *options, *places, NAME])
    return _named(NAME)


def _named(name: str) -> Account | None:
    try:
        return _from(pwd.getpwnam(name))
    except KeyError:
        return None


def _from(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)
