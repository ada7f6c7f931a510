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
import math
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
#: When this process began what last asked, by the alias of the database.
_asked: dict[str, float] = {}


def is_due(now: float) -> bool:
    """Return whether an append that commits when it returns is to notify.

    Asking costs an append a twentieth of its time: most are spared.

    Args:
        now: by the monotonic clock.
    """
    settings = store_settings()
    return settings.NOTIFY and not _has_asked(settings.DATABASE, now, PAUSE)


def has_committed(began: float, *, asked: bool) -> None:
    """Remember that an append has asked, or find out that it should have.

    One that did not ask for another's sake, and then had to wait for a lock or for its
    commit, was not seen by whom the other woke.

    Args:
        began: when it was asked whether to notify.
        asked: whether it did.
    """
    settings = store_settings()
    if asked:
        _asked[settings.DATABASE] = began
    elif settings.NOTIFY and not _has_asked(
        settings.DATABASE, time.monotonic(), 2 * PAUSE
    ):
        _notify()


def _has_asked(alias: str, now: float, seconds: float) -> bool:
    """Return whether it was so lately; a clock that was set back silences nobody."""
    return 0 <= now - _asked.get(alias, -math.inf) < seconds


def notify_on_commit() -> None:
    """Wake the listeners once the surrounding transaction has committed."""
    if store_settings().NOTIFY:
        transaction.on_commit(_notify, using=store_settings().DATABASE)


def _notify() -> None:
    began = time.monotonic()
    if not is_due(began):
        return
    try:
        sql.fetch_all("notify")
        has_committed(began, asked=True)
    except (DatabaseError, EventStoreError):
        # The events are committed: readers find them at their next poll.
        logger.warning("Listeners could not be notified.", exc_info=True)
