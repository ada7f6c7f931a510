"""Serve the demo from this process, and say where it is."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Iterator

import uvicorn
from django.conf import settings
from django.urls import reverse

from eventstore_project.demo import stories, working
from eventstore_project.demo.accounts import FOR_CONSOLE, LOGINS, PASSWORD
from eventstore_project.demo.errors import DemoRefusedError

DEFAULT_PORT = 8000
_TRIES = 100
#: Who may read all tenants by the API.
_READER = f"{LOGINS[0].name}:{PASSWORD}"
#: Seconds that requests have to end once the demo is to stop.
_PATIENCE = 5
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - recognised, to warn about it


@contextlib.contextmanager
def listening(bind: str, port: int | None) -> Iterator[socket.socket]:
    """Listen on ``port``, or on 8000 or the next free one.

    Raises:
        DemoRefusedError: the port is taken, or the address is not this machine's.
    """
    with _listen(bind, port) as listener:
        settings.DEMO = True
        yield listener


def serve(listener: socket.socket) -> None:
    """Serve until SIGTERM or Ctrl-C, which also end the streams of the live feed."""
    # For the main thread: there the server and the feed hear the signals.
    uvicorn.Server(
        uvicorn.Config(
            "eventstore_project.asgi:application",
            lifespan="off",
            log_config=None,
            access_log=False,
            # No proxy stands before it: a client must not choose its address.
            proxy_headers=False,
            timeout_graceful_shutdown=_PATIENCE,
        )
    ).run([listener])


def announcement(listener: socket.socket, bind: str) -> str:
    """Return what to tell the person at the terminal."""
    host = "localhost" if bind in (*_LOOPBACK, *_EVERYWHERE) else bind
    host = f"[{host}]" if ":" in host else host
    home = f"http://{host}:{listener.getsockname()[1]}"
    width = max(len(login.name) for login in LOGINS)
    lines = [
        "",
        "  The event store is ready.",
        "",
        f"    Console   {home}/",
        f"    Releases  {home}{reverse('start')}",
        f"    Admin     {home}/admin/",
        f"    API       {home}{reverse('eventstore-api:event-list')}",
        f"    Feed      curl -N -u {_READER} {home}{reverse('eventstore-feed:feed')}",
        "",
        f"  Log in with the password {PASSWORD} as",
        "",
        *(f"    {login.name:<{width}}  {login.can}" for login in LOGINS),
        "",
        f"  Worth a look, as {FOR_CONSOLE[0].name}",
        "",
        *_links(home),
        "",
        f"  Two workers run beside it; they write to {working.log_path()}",
        *_warning(bind),
        "  Stop it with Ctrl-C.",
        "",
    ]
    return "\n".join(lines)


def _links(home: str) -> list[str]:
    console = f"{home}{reverse('audit_console:index')}"
    lines = []
    for story in stories.find():
        lines += [f"    {story.name}", f"       {console}{story.address}"]
    return lines


def _warning(bind: str) -> list[str]:
    if bind in _LOOPBACK:
        return []
    return [
        "",
        f"  Careful: with --bind {bind} others in your network reach it, and the",
        "  password is known to all. Host names beyond this machine's own go into",
        "  ALLOWED_HOSTS.",
    ]


def _listen(bind: str, port: int | None) -> socket.socket:
    wanted = range(DEFAULT_PORT, DEFAULT_PORT + _TRIES) if port is None else [port]
    for candidate in wanted:
        try:
            family = socket.AF_INET6 if ":" in bind else socket.AF_INET
            return socket.create_server((bind, candidate), family=family)
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
