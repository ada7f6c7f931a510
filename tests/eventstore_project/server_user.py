"""A process that uses the private server of a checkout, told what to do by its input.

Run as ``server_user.py CHECKOUT STATE [USER]``; it answers each line of input
(``start``, ``stop``, ``connect``) with ``ok`` or with the error. Root can have
it become another user after the imports, since that user may not be able to
read the interpreter's files.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg

from eventstore_project.embedded import places
from eventstore_project.embedded.errors import EmbeddedPostgresError
from eventstore_project.embedded.server import Server


def become(name: str) -> None:
    # What psycopg imports on its first connection, while it can be read.
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(host="/nonexistent")
    entry = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def connect(here: places.Places) -> None:
    with psycopg.connect(
        host=str(here.sockets), port=5432, user="eventstore", dbname="eventstore"
    ) as connection:
        connection.execute("SELECT 1")


def main(checkout: str, state: str, sockets_of: str = "", user: str = "") -> None:
    if user:
        become(user)
    here = places.of(Path(checkout), state=Path(state))
    if sockets_of:
        here = places.Places(home=here.home, sockets=Path(sockets_of))
    server = Server(here)
    actions: dict[str, Callable[[], None]] = {
        "start": server.start,
        "stop": server.stop,
        "connect": lambda: connect(here),
    }
    for line in sys.stdin:
        try:
            actions[line.strip()]()
        except (EmbeddedPostgresError, psycopg.Error) as error:
            print(repr(str(error)), flush=True)
        else:
            print("ok", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
