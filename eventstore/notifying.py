"""Wake who waits for events: after the commit, and not more often than it helps.

PostgreSQL serialises the commits of all that notify, which would halve what
concurrent writers reach if each of them did. So all sessions together notify once in
``INTERVAL``, which the database keeps (``eventstore_notify_v1``). An append that is a
transaction of its own notifies by itself. In a longer one the moment of the append
says nothing about that of the commit: it notifies afterwards.
"""

from __future__ import annotations

import logging
import time

from django.db import DatabaseError, transaction

from eventstore import sql
from eventstore.conf import store_settings
from eventstore.exceptions import EventStoreError

logger = logging.getLogger(__name__)

#: The channel that is notified.
CHANNEL = "eventstore"
#: Seconds between two notifications. Whoever was woken keeps looking for longer than
#: this, and so sees what was appended in between.
INTERVAL = 0.025


class _Throttle:
    """When this process notified last: most transactions are spared the round trip."""

    def __init__(self) -> None:
        self.last = 0.0

    def is_due(self) -> bool:
        now = time.monotonic()
        if now - self.last < INTERVAL:
            return False
        self.last = now
        return True


_throttle = _Throttle()


def comes_with_append() -> bool:
    """Return whether the append itself is to notify: it commits when it returns."""
    return store_settings().NOTIFY and not sql.in_atomic_block()


def notify_on_commit() -> None:
    """Wake the listeners once the surrounding transaction has committed."""
    if store_settings().NOTIFY:
        transaction.on_commit(_notify, using=store_settings().DATABASE)


def _notify() -> None:
    if not _throttle.is_due():
        return
    try:
        sql.fetch_all("notify")
    except (DatabaseError, EventStoreError):
        # The events are committed: readers find them at their next poll.
        logger.warning("Listeners could not be notified.", exc_info=True)
