"""Where the private server's files lie.

An ordinary user has everything in ``.postgres/`` in the checkout. PostgreSQL
refuses to run as root, and the user that runs it for root may reach neither a
private home folder nor a virtual environment in it: root has a folder per
checkout under the system's state folder.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from eventstore_project.embedded.errors import EmbeddedPostgresError

STATE = Path("/var/lib/django-eventstore")
PORT = 5432

# The kernel's limit for a socket's path is 107 bytes on Linux, 103 on macOS.
_LONGEST_SOCKET = 103
_PRIVATE = 0o700
_TRAVERSABLE = 0o755


@dataclass(frozen=True, slots=True)
class Places:
    """The paths of one checkout's server."""

    #: Locks, log, access rules, binaries; belongs to the user of the checkout.
    home: Path
    #: The socket's folder; belongs to the user that runs the server.
    sockets: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder; it exists once it is complete."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """What the server wrote."""
        return self.home / "server.log"

    @property
    def door(self) -> Path:
        """The lock under which the server is started and stopped."""
        return self.home / "door.lock"

    @property
    def users(self) -> Path:
        """The lock that each process shares for as long as it uses the server."""
        return self.home / "users.lock"

    def make_home(self) -> None:
        """Make the home folder, private.

        Raises:
            EmbeddedPostgresError: it cannot be made, or belongs to somebody else.
        """
        if os.geteuid() == 0:
            make_folder(self.home.parent, _TRAVERSABLE)
        make_folder(self.home, _PRIVATE)


def of(checkout: Path, *, state: Path = STATE) -> Places:
    """Return the places of a checkout for the current user; touches nothing."""
    digest = hashlib.sha256(os.fsencode(checkout)).hexdigest()[:12]
    home = state / digest if os.geteuid() == 0 else checkout / ".postgres"
    return Places(home=home, sockets=_sockets(home, digest))


def make_folder(path: Path, mode: int) -> None:
    """Make one folder of our own with this mode; an existing one keeps its mode.

    Raises:
        EmbeddedPostgresError: it cannot be made, or belongs to somebody else.
    """
    try:
        path.mkdir(mode=_PRIVATE)
    except FileExistsError:
        _refuse_foreign(path)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"The folder {path} cannot be made: {error}."
        ) from error
    else:
        path.chmod(mode)


def _refuse_foreign(path: Path) -> None:
    """A folder that somebody else prepared could lead to somebody else's server."""
    if path.is_symlink() or not path.is_dir() or path.stat().st_uid != os.geteuid():
        raise EmbeddedPostgresError(
            f"{path} is not a folder that belongs to you.",
            remedy="Remove it, or set SECRET_KEY and DATABASE_URL to do without it.",
        )


def _sockets(home: Path, digest: str) -> Path:
    """The socket lies in the home folder, unless that path is too long for one."""
    near = home / "run"
    longest = os.fsencode(near / f".s.PGSQL.{PORT}")
    # libpq and the server read a comma as the end of a folder's name.
    if len(longest) <= _LONGEST_SOCKET and b"," not in longest:
        return near
    # Made private; one that somebody else has made is refused.
    return Path("/tmp") / f"django-eventstore-{os.geteuid()}-{digest}"  # noqa: S108
