"""Limits of what the statements of a request may cost."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from django.db import OperationalError, transaction

from eventstore.conf import store_settings
from eventstore.sql.cursor import fetch_all, fetch_one

if TYPE_CHECKING:
    from collections.abc import Iterator

#: query_canceled: what a statement ends with whose time has run out.
_CANCELED = "57014"


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Give each statement of the block ``seconds``; for use within a transaction.

    Set for the transaction alone (``SET LOCAL``), so that nothing is left on a
    connection that goes back to a pool; what goes on after the block gets its own
    limits back.
    """
    before = fetch_one("limits_enter", (f"{round(seconds * 1000)}ms",))
    yield
    if before and not transaction.get_rollback(using=store_settings().DATABASE):
        fetch_all("limits_leave", before[:3])


def walk_indexes() -> None:
    """Have the rest of a ``limited`` block read indexes in their order.

    For pages whose order an index has: where few rows are left, reading everybody's by
    the primary key and sorting them looks as cheap to the planner.
    """
    fetch_all("walk_indexes")


def ran_out(error: BaseException) -> bool:
    """Return whether it is the time limit of a statement that has ended it."""
    return (
        isinstance(error, OperationalError)
        and getattr(error.__cause__, "sqlstate", None) == _CANCELED
    )
