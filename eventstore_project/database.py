"""Which PostgreSQL the project uses, and that it runs.

With ``DATABASE_URL`` set, that server; nothing here starts or stops it. Without
it, the private server of :mod:`eventstore_project.embedded`. The settings only
describe the connection; entrances (``manage.py``, WSGI, ASGI, the tests) call
:func:`ensure_running` before the first query.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Any

import dj_database_url

from eventstore_project import embedded

#: Commands that never open a connection; the others get a running server.
WITHOUT_DATABASE = frozenset(
    {
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "findstatic",
        "help",
        "makemessages",
        "startapp",
        "startproject",
        "version",
    }
)


def settings(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the ``default`` entry of ``DATABASES``, without starting anything."""
    url = environment.get("DATABASE_URL")
    found = _from_url(url) if url else embedded.connection_settings()
    if environment.get("DATABASE_POOL") == "1":
        # Django refuses a pool together with persistent connections.
        found["CONN_MAX_AGE"] = 0
        found["OPTIONS"] = {**found.get("OPTIONS", {}), "pool": True}
    return found


def ensure_running() -> None:
    """Start or join the private PostgreSQL, unless ``DATABASE_URL`` names another.

    Raises:
        EmbeddedPostgresError: the server cannot be prepared or started.
    """
    if not os.environ.get("DATABASE_URL"):
        embedded.start()


def ensure_running_for(argv: Sequence[str]) -> None:
    """Ensure the database for one command line, or end with a message for people."""
    if not _needs_database(argv):
        return
    _end_in_order()
    try:
        ensure_running()
    except embedded.EmbeddedPostgresError as error:
        sys.exit(f"{error}")


def _from_url(url: str) -> dict[str, Any]:
    return {**dj_database_url.parse(url)}


def _needs_database(argv: Sequence[str]) -> bool:
    command, options = (argv[1] if len(argv) > 1 else "help"), argv[1:]
    asks_for_help = {"-h", "--help", "--version"} & set(options)
    return command not in WITHOUT_DATABASE and not asks_for_help


def _end_in_order() -> None:
    """Let a polite kill run the exit handlers, so that the server stops too."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _exit)


def _exit(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
