"""Wait for news of the log: LISTEN on a connection of its own, and a slow poll below.

A lost notification delays a reader by the poll, and never hangs it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connections

from eventstore.conf import store_settings
from eventstore.notifying import CHANNEL

logger = logging.getLogger(__name__)

#: Seconds after which a reader looks without having been woken.
POLL = 1.0
#: Seconds for which a woken reader keeps looking: longer than ``notifying.INTERVAL``
#: and ``PAUSE`` together, in which an append may wake nobody, and its commit.
LINGER = 0.06
#: Seconds between the looks of a reader that was just woken.
STEP = 0.006
_RECONNECT = 1.0


class Bell:
    """Rings for all who wait in this process."""

    def __init__(self) -> None:
        """Begin silent."""
        self._waiting: set[threading.Event] = set()
        self._lock = threading.Lock()

    def ring(self) -> None:
        """Wake everybody."""
        with self._lock:
            for event in self._waiting:
                event.set()

    def ticket(self) -> threading.Event:
        """Return an event that is set at each ring; clear it before looking."""
        event = threading.Event()
        with self._lock:
            self._waiting.add(event)
        return event

    def give_back(self, event: threading.Event) -> None:
        """Ring this one no more."""
        with self._lock:
            self._waiting.discard(event)


def listen(ring: Callable[[], Any], stopping: threading.Event) -> None:
    """Call ``ring`` for each notification until ``stopping`` is set.

    The connection is one of its own to the database alias ``LISTEN_DATABASE`` (behind
    a pooler, one that reaches PostgreSQL directly); when it breaks, it is made again,
    and readers are woken once: what was missed meanwhile is found.
    """
    while not stopping.is_set():
        try:
            with _connect() as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                ring()
                _pass_on(connection, ring, stopping)
        except psycopg.Error:
            logger.warning("The listening connection broke.", exc_info=True)
            stopping.wait(_RECONNECT)


def _pass_on(
    connection: psycopg.Connection[Any],
    ring: Callable[[], Any],
    stopping: threading.Event,
) -> None:
    while not stopping.is_set():
        for _ in connection.notifies(timeout=POLL, stop_after=1):
            ring()


def _connect() -> psycopg.Connection[Any]:
    settings = store_settings()
    wrapper = connections[settings.LISTEN_DATABASE or settings.DATABASE]
    params = wrapper.get_connection_params()
    params.pop("cursor_factory", None)
    params.pop("context", None)
    params.pop("prepare_threshold", None)
    return psycopg.connect(**params, autocommit=True)
