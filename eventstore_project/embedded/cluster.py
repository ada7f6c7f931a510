"""One PostgreSQL data folder: made, started, stopped, looked at.

Written for root as well: nothing here follows a link or reads a file in a
folder that the server's user can write.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from eventstore_project.embedded import accounts
from eventstore_project.embedded.accounts import Account
from eventstore_project.embedded.errors import EmbeddedPostgresError
from eventstore_project.embedded.places import PORT, Places, make_folder

ROLE = "eventstore"
DATABASE = "eventstore"

_PATIENCE = 60  # seconds for a crash recovery, or for the last of a killed server
_PAUSE = 0.05
_LONGEST_LOG = 10_000_000
_PRIVATE = 0o700
_GROUP_ENTERS = 0o750
_GROUP_READS = 0o640

# macOS has no C.UTF-8; the builtin provider sorts and compares either way.
_LOCALE = "C" if sys.platform == "darwin" else "C.UTF-8"
_INITDB = (
    f"--username={ROLE}",
    "--encoding=UTF8",
    f"--locale={_LOCALE}",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth-local=reject",
    "--auth-host=reject",
    "--no-instructions",
)
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Peer: the kernel vouches for who is at the other end of the socket, so there is
# no password to keep. Roles made later (restricted ones, in tests) bring theirs.
_ACCESS = f"""\
local all         {ROLE} peer map=owner
local replication {ROLE} peer map=owner
local all         all    scram-sha-256
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The server of some places, run by an account, by the programs in a folder."""

    places: Places
    account: Account
    binaries: Path

    def prepare(self) -> None:
        """Make the folders, the access rules and, the first time, the data.

        Raises:
            EmbeddedPostgresError: something cannot be made.
        """
        if self.account.is_current:
            self.places.home.chmod(_PRIVATE)
        else:
            os.chown(self.places.home, -1, self.account.gid)
            self.places.home.chmod(_GROUP_ENTERS)
        self._prepare_sockets()
        self._write_access()
        if not self.places.data.exists():
            self._initialise()

    def answers(self) -> bool:
        """Return whether the server takes connections; wait while it comes or goes.

        Raises:
            EmbeddedPostgresError: it runs, but does not answer.
        """
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            if self._is_ready():
                return True
            if not self.processes():
                return False
            time.sleep(_PAUSE)
        raise EmbeddedPostgresError(
            f"PostgreSQL runs (processes {self.processes()}) but does not answer.",
            log=self.places.log,
            remedy="Look at its log; end these processes if they hang.",
        )

    def launch(self) -> None:
        """Start the server and wait until it takes connections.

        Raises:
            EmbeddedPostgresError: it does not start.
        """
        self._forget_killed_server()
        self._begin_log()
        options = {
            **_SETTINGS,
            "port": str(PORT),
            "unix_socket_directories": str(self.places.sockets),
            "unix_socket_permissions": "0700",
            "hba_file": str(self._access_file),
            "ident_file": str(self._names_file),
        }
        quoted = " ".join(f"-c {shlex.quote(f'{k}={v}')}" for k, v in options.items())
        result = self._pg_ctl("start", "-o", quoted, "-l", self.places.log)
        if result:
            raise EmbeddedPostgresError(
                f"PostgreSQL did not start: {result}", log=self.places.log
            )

    def halt(self) -> None:
        """Stop the server, if it runs, and wait until it has stopped.

        Raises:
            EmbeddedPostgresError: it does not stop.
        """
        if self.processes() == []:
            return
        result = self._pg_ctl("stop", "-m", "fast")
        if result and self.processes():
            raise EmbeddedPostgresError(
                f"PostgreSQL did not stop: {result}", log=self.places.log
            )
        if self.places.sockets.parent != self.places.home:
            self.places.sockets.rmdir()

    def processes(self) -> list[int] | None:
        """Return the server's processes, or None where the system cannot tell.

        A pid file can outlive its server, and its number can be given to another
        process since. The programs that work in the data folder are the truth.
        """
        if not Path("/proc/self/cwd").exists():
            return None
        pids = (int(e.name) for e in Path("/proc").iterdir() if e.name.isdecimal())
        return sorted(pid for pid in pids if self._is_ours(pid))

    @property
    def _access_file(self) -> Path:
        return self.places.home / "pg_hba.conf"

    @property
    def _names_file(self) -> Path:
        return self.places.home / "pg_ident.conf"

    def _is_ours(self, pid: int) -> bool:
        try:
            folder = Path(f"/proc/{pid}/cwd").readlink()
            program = Path(f"/proc/{pid}/exe").readlink()
        except OSError:
            return False  # ended, or somebody else's
        # A replaced program is shown as "postgres (deleted)".
        is_server = program.name.split(" ")[0] == "postgres"
        return is_server and folder == self.places.data.resolve()

    def _is_ready(self) -> bool:
        where = ["-h", str(self.places.sockets), "-p", str(PORT), "-d", DATABASE]
        result = self.account.run([self.binaries / "pg_isready", "-q", *where])
        return result.returncode == 0

    def _prepare_sockets(self) -> None:
        if not self.places.sockets.exists() or self.account.is_current:
            make_folder(self.places.sockets, _PRIVATE)
        self.places.sockets.chmod(_PRIVATE)
        self.account.own(self.places.sockets)

    def _begin_log(self) -> None:
        log = self.places.log
        if log.exists() and log.stat().st_size > _LONGEST_LOG:
            log.replace(log.with_suffix(".old.log"))
        log.touch(mode=0o600)
        self.account.own(log)

    def _write_access(self) -> None:
        names = {accounts.current().name, self.account.name}
        lines = [f'owner "{name}" {ROLE}\n' for name in sorted(names)]
        for path, text in (
            (self._access_file, _ACCESS),
            (self._names_file, "".join(lines)),
        ):
            path.write_text(text)
            os.chown(path, -1, self.account.gid)
            path.chmod(_GROUP_READS)

    def _initialise(self) -> None:
        """Make the data beside their place: only complete data ever take it."""
        draft = self.places.home / "new-data"
        shutil.rmtree(draft, ignore_errors=True)
        make_folder(draft, _PRIVATE)
        self.account.own(draft)
        result = self.account.run([self.binaries / "initdb", "-D", draft, *_INITDB])
        if result.returncode:
            raise EmbeddedPostgresError(
                f"PostgreSQL could not make its data folder: {result.stderr.strip()}"
            )
        draft.rename(self.places.data)

    def _forget_killed_server(self) -> None:
        """Remove the pid file of a server that is gone, all its processes included.

        PostgreSQL does it itself, unless another process has got that number.
        """
        if self.processes() == []:
            (self.places.data / "postmaster.pid").unlink(missing_ok=True)
            for leftover in self.places.sockets.glob(".s.PGSQL.*"):
                leftover.unlink(missing_ok=True)

    def _pg_ctl(self, action: str, *options: str | Path) -> str:
        """Return an empty text for success, or what went wrong."""
        program = self.binaries / "pg_ctl"
        always = ("-D", self.places.data, "-w", "-t", str(_PATIENCE))
        result = self.account.run([program, action, *always, *options])
        if result.returncode == 0:
            return ""
        return (result.stderr or result.stdout).strip() or f"exit {result.returncode}"
