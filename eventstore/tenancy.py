"""The scope of a transaction, which PostgreSQL's row-level security holds reads to.

``manage.py eventstore_rls on`` makes policies that compare each row's tenant with the
setting ``eventstore.tenants``. Without them a scope changes nothing.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from django.db import transaction

from eventstore import sql
from eventstore.conf import store_settings
from eventstore.exceptions import NotPermitted
from eventstore.sql.cursor import store_connection

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


@contextlib.contextmanager
def scoped(tenants: Collection[str]) -> Iterator[None]:
    """Hold the block's reads and writes to ``tenants``, in one transaction.

    The scope is set for the transaction alone (``SET LOCAL``): nothing is left on a
    connection that goes back to a pool. A scope inside another one narrows it and gives
    it back; none widens it. Outside of any, a confined role sees no rows.

    What is done after the block is out of scope: hooks of ``on_commit``, and the body
    of a streamed response, which opens a scope of its own.

    Args:
        tenants: whose rows; none, no rows.
    """
    alias = store_settings().DATABASE
    connection = store_connection()
    is_nested = connection.in_atomic_block or not connection.get_autocommit()
    with transaction.atomic(using=alias):
        row = sql.fetch_one("scope_enter", (sorted(tenants),))
        yield
        # A block that failed takes its setting with it.
        if row and is_nested and not transaction.get_rollback(using=alias):
            sql.fetch_all("scope_leave", (row[0],))


def require_all_tenants(what: str) -> None:
    """Refuse to go on where row-level security would hide tenants without a word.

    Args:
        what: who needs to see all tenants, as the beginning of a sentence.

    Raises:
        NotPermitted: this connection's role is confined to a scope.
    """
    row = sql.fetch_one("is_confined")
    if row and row[0]:
        raise NotPermitted(
            f"{what} sees all tenants, but row-level security confines the role of "
            "this connection. Run it as a role that `manage.py eventstore_rls on "
            "--all-tenants-role` has named: see docs/how-to/row-level-security.md."
        )
