"""Wake who waits for events: after the commit, and not more often than it helps.

PostgreSQL serialises the commits of all that notify, which would halve what
concurrent writers reach if each of them did. So all sessions together notify once in
``INTERVAL``, which the database keeps (``eventstore_notify_v1``), and a process asks
for it once in ``PAUSE``. An append that is a transaction of its own notifies by itself.
In a longer one the moment of the append says nothing about that of the commit: it
notifies afterwards.
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
#: Seconds between two notifications of all sessions together.
INTERVAL = 0.025
#: Seconds for which a process that has asked for one asks for no other. Whoever was
#: woken keeps looking for longer than both, and so sees what was appended meanwhile.
PAUSE = 0.015


class _Throttle:
    """When this process asked last: asking costs an append a twentieth of its time."""

    def __init__(self) -> None:
        self.last = 0.0


_throttle = _Throttle()


def is_due() -> bool:
    """Return whether an append that commits when it returns is to notify."""
    return store_settings().NOTIFY and time.monotonic() - _throttle.last >= PAUSE


def has_asked() -> None:
    """Remember that an append of this moment was to notify, and has committed."""
    _throttle.last = time.monotonic()


def notify_on_commit() -> None:
    """Wake the listeners once the surrounding transaction has committed."""
    if store_settings().NOTIFY:
        transaction.on_commit(_notify, using=store_settings().DATABASE)


def _notify() -> None:
    if not is_due():
        return
    try:
        sql.fetch_all("notify")
        has_asked()
    except (DatabaseError, EventStoreError):
        # The events are committed: readers find them at their next poll.
        logger.warning("Listeners could not be notified.", exc_info=True)
