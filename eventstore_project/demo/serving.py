"""Serve the demo from this process, and say where it is."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator

from django.conf import settings
from django.core.servers.basehttp import (
    ThreadedWSGIServer,
    WSGIRequestHandler,
    get_internal_wsgi_application,
)
from django.urls import reverse

from eventstore_project.demo.accounts import LOGINS, PASSWORD
from eventstore_project.demo.errors import DemoRefusedError

DEFAULT_PORT = 8000
_TRIES = 100
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - recognised, to warn about it


@contextlib.contextmanager
def listening(bind: str, port: int | None) -> Iterator[ThreadedWSGIServer]:
    """Listen on ``port``, or on 8000 or the next free one.

    Raises:
        DemoRefusedError: the port is taken, or the address is not this machine's.
    """
    server = _listen(bind, port)
    try:
        settings.DEMO = True
        server.set_app(get_internal_wsgi_application())
        server.daemon_threads = True
        yield server
    finally:
        server.server_close()


def announcement(server: ThreadedWSGIServer, bind: str) -> str:
    """Return what to tell the person at the terminal."""
    host = "localhost" if bind in (*_LOOPBACK, *_EVERYWHERE) else bind
    home = f"http://{host}:{server.server_port}"
    width = max(len(login.name) for login in LOGINS)
    lines = [
        "",
        "  The event store is ready.",
        "",
        f"    Start   {home}/",
        f"    Admin   {home}/admin/",
        f"    API     {home}{reverse('eventstore-api:event-list')}",
        "",
        f"  Log in with the password {PASSWORD} as",
        "",
        *(f"    {login.name:<{width}}  {login.can}" for login in LOGINS),
        "",
        *_warning(bind),
        "  Stop it with Ctrl-C.",
        "",
    ]
    return "\n".join(lines)


def _warning(bind: str) -> list[str]:
    if bind in _LOOPBACK:
        return []
    return [
        f"  Careful: with --bind {bind} others in your network reach it, and the",
        "  password is known to all. Host names beyond this machine's own go into",
        "  ALLOWED_HOSTS.",
        "",
    ]


def _listen(bind: str, port: int | None) -> ThreadedWSGIServer:
    wanted = range(DEFAULT_PORT, DEFAULT_PORT + _TRIES) if port is None else [port]
    for candidate in wanted:
        try:
            return ThreadedWSGIServer(
                (bind, candidate), WSGIRequestHandler, ipv6=":" in bind
            )
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                reason = os.strerror(error.errno or 0)
                raise DemoRefusedError(
                    f"Cannot listen on {bind}:{candidate}: {reason}."
                ) from error
    raise DemoRefusedError(
        f"Port {port} is taken: choose another with --port, or leave it out."
        if port is not None
        else f"No port from {DEFAULT_PORT} on is free: choose one with --port."
    )
