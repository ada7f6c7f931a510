"""One request and its answer, within a time and a size.

A thread keeps its last connection for a moment: deliveries to one endpoint follow one
another, and a TLS handshake each would take longer than the request.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util.connection import is_connection_dropped

from eventstore.conf import store_settings
from eventstore.webhooks import targets
from eventstore.webhooks.targets import Target

#: How much of an answer is read, in bytes; nothing of it is used.
MAX_ANSWER = 16_384
#: For how many seconds an idle connection is used again.
_KEEP = 2.0
#: At most so many seconds of a Retry-After are honoured: a day.
_MAX_WAIT = 86_400.0


class SendingFailed(Exception):
    """The request got no answer; the message names the host and no secrets."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said.

    Attributes:
        retry_after: seconds that it asks to wait, ``None`` if it does not.
    """

    status: int
    retry_after: float | None


class _Line:
    """A connection to a target, and when it was used last."""

    def __init__(self, target: Target, connection: HTTPConnection) -> None:
        self.origin = (target.scheme, target.host, target.port)
        self.connection = connection
        self.used = time.monotonic()

    def fits(self, target: Target) -> bool:
        return (
            self.origin == (target.scheme, target.host, target.port)
            and self.connection.sock is not None
            and time.monotonic() - self.used < _KEEP
            and not is_connection_dropped(self.connection)
        )

    def __del__(self) -> None:
        """Close with the thread that kept it."""
        self.connection.close()


_kept = threading.local()


def post(target: Target, headers: Mapping[str, str], body: bytes) -> Answer:
    """Send ``body`` and return the answer; redirects are answers like any other.

    Raises:
        WebhookError: the host's address may not be reached.
        SendingFailed: there was no connection, no TLS, or no answer in time.
    """
    deadline = time.monotonic() + store_settings().WEBHOOK_TIMEOUT
    outcome: Answer | SendingFailed
    try:
        connection = _connection_to(target)
        with _cut_off(connection, deadline):
            outcome = _exchange(connection, target, headers, body)
    except (OSError, HTTPError, HTTPException) as error:
        outcome = SendingFailed(f"{target.host}: {_in_words(error)}")
    except BaseException:
        hang_up()
        raise
    # A cut can look like the end of an answer.
    if time.monotonic() >= deadline:
        outcome = SendingFailed(f"{target.host} did not answer in time.")
    if isinstance(outcome, SendingFailed):
        hang_up()
        raise outcome
    return outcome


def hang_up() -> None:
    """Close the connection that this thread keeps, if it does."""
    line: _Line | None = getattr(_kept, "line", None)
    _kept.line = None
    if line is not None:
        line.connection.close()


def _connection_to(target: Target) -> HTTPConnection:
    line: _Line | None = getattr(_kept, "line", None)
    if line is None or not line.fits(target):
        hang_up()
        line = _Line(target, _connect(target))
        _kept.line = line
    line.used = time.monotonic()
    return line.connection


def _connect(target: Target) -> HTTPConnection:
    """Connect to the first of the target's judged addresses that takes it."""
    failed: Exception = OSError("it has no address.")
    for address in targets.addresses_of(target):
        connection = _make(target, address)
        try:
            connection.connect()
        except (OSError, HTTPError) as error:
            connection.close()
            failed = error
        else:
            return connection
    raise failed


def _make(target: Target, address: str) -> HTTPConnection:
    timeout = float(store_settings().WEBHOOK_CONNECT_TIMEOUT)
    if target.scheme == "http":
        return HTTPConnection(address, target.port, timeout=timeout)
    return HTTPSConnection(
        address,
        target.port,
        timeout=timeout,
        ssl_context=ssl.create_default_context(),
        # The certificate must be the name's, though the address is dialled.
        server_hostname=target.host,
    )


def _exchange(
    connection: HTTPConnection,
    target: Target,
    headers: Mapping[str, str],
    body: bytes,
) -> Answer:
    connection.timeout = float(store_settings().WEBHOOK_TIMEOUT)
    sent = {"Host": target.authority, "Connection": "keep-alive", **headers}
    connection.request(
        "POST", target.path, body=body, headers=sent, preload_content=False
    )
    response = connection.getresponse()
    read = response.read(MAX_ANSWER, decode_content=False)
    if len(read) == MAX_ANSWER or not _is_read(response):
        # The rest is not wanted, and without it the connection is of no use.
        hang_up()
    return Answer(response.status, _wait_of(response.headers.get("Retry-After")))


def _is_read(response: urllib3.BaseHTTPResponse) -> bool:
    length = getattr(response, "length_remaining", None)
    return length in (0, None) and not response.read(1, decode_content=False)


@contextlib.contextmanager
def _cut_off(connection: HTTPConnection, deadline: float) -> Iterator[None]:
    """Break the connection at ``deadline``.

    A time-out of the socket begins anew with each byte: a receiver that sends one now
    and then would hold the thread for hours.
    """
    timer = threading.Timer(
        max(deadline - time.monotonic(), 0.0), _break, args=(connection,)
    )
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _break(connection: HTTPConnection) -> None:
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            # The plain socket's: SSLSocket.shutdown() would drop the session's object
            # under the thread that reads from it.
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def _wait_of(value: str | None) -> float | None:
    """Return the seconds of a Retry-After: a number, or a date (RFC 9110, 10.2.3)."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), _MAX_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), _MAX_WAIT)


def _in_words(error: Exception) -> str:
    """Return the error without the objects that urllib3 prints with it."""
    text = (
        str(error).rsplit(": ", 1)[-1] if isinstance(error, HTTPError) else str(error)
    )
    return f"{type(error).__name__}: {text}"
