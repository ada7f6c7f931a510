"""One thread with one database connection, for the queries of many clients in turn."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import Error as DatabaseFault
from django.db import connections

from eventstore.exceptions import EventStoreError

P = ParamSpec("P")
T = TypeVar("T")

#: What a query may raise when the database is away, or is not as it should be.
FAULTS = (DatabaseFault, EventStoreError)


class Lane:
    """Runs what it is given, one call after the other."""

    def __init__(self, name: str) -> None:
        """Make no thread and no connection yet."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"eventstore-{name}")

    async def call(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what ``act`` returns, without blocking the event loop."""
        guarded = functools.partial(_call, act, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._thread, guarded)

    def close(self) -> None:
        """End the thread and its connection after what is in hand; do not wait."""
        self._thread.submit(connections.close_all)
        self._thread.shutdown(wait=False)


def _call(act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return act(*args, **kwargs)
    except FAULTS:
        # The next call begins with a new connection: this one may be dead.
        connections.close_all()
        raise
