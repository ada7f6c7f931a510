"""One page's look at the log: read-only, with one horizon and limits of time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import OperationalError, connections, transaction
from django.utils import timezone
from psycopg.errors import QueryCanceled

from audit_console.conf import console_settings
from eventstore import reading as log
from eventstore.conf import store_settings
from eventstore.tenancy import scoped

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """What all parts of a page have in common.

    Attributes:
        horizon: the position up to which the log is complete; no part shows more.
        at: when the horizon was read.
        database: the alias of the store's database.
    """

    horizon: int
    at: datetime
    database: str

    def part(self, fetch: Callable[[], T], *, seconds: float | None = None) -> T | None:
        """Return what ``fetch`` returns, or ``None`` when its time ran out.

        For what a page can do without: a count, a facet, a chart. The rest of the page
        is not touched by it.

        Args:
            fetch: runs its queries at once; a lazy QuerySet would run them later.
            seconds: how long; by default the setting ``PART_SECONDS``.
        """
        limit = console_settings().PART_SECONDS if seconds is None else seconds
        try:
            with transaction.atomic(using=self.database):
                _limit(self.database, limit)
                found = fetch()
        except OperationalError as error:
            if not ran_out_of_time(error):
                raise
            return None
        _limit(self.database, console_settings().STATEMENT_SECONDS)
        return found


@contextmanager
def look(tenants: Collection[str] = ()) -> Iterator[Reading]:
    """Open a read-only transaction, and read the horizon first.

    Args:
        tenants: whose rows row-level security lets through, where the host has it on.
            Each query names its tenants all the same.
    """
    database = store_settings().DATABASE
    with scoped(tenants):
        with connections[database].cursor() as cursor:
            # Compiling is dearer than any statement that stops at a limit; before
            # version 18, PostgreSQL compiles all that walk an index instead of sorting.
            cursor.execute("SET TRANSACTION READ ONLY; SET LOCAL jit = off")
        _limit(database, console_settings().STATEMENT_SECONDS)
        yield Reading(log.stable_position(), timezone.now(), database)


def ran_out_of_time(error: BaseException) -> bool:
    """Return whether the database stopped a statement because it took too long."""
    return isinstance(error.__cause__, QueryCanceled)


def _limit(database: str, seconds: float) -> None:
    with connections[database].cursor() as cursor:
        # A function call, for SET takes no parameters.
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true)",
            [str(max(1, round(seconds * 1000)))],
        )
