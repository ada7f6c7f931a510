"""The only module that opens a cursor: psycopg's own, on Django's connection.

Django binds parameters on the client and never prepares. These statements are sent
with their parameters beside them, prepared once a connection, with results in binary
form; transactions, errors and instrumentation stay Django's.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import psycopg
from django.db import connections
from psycopg import errors

from eventstore.conf import store_settings
from eventstore.sql import direct
from eventstore.sql.sqlstates import translate
from eventstore.sql.statements import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper

    Params = Sequence[Any] | Mapping[str, Any]

Row = tuple[Any, ...]
P = TypeVar("P")
T = TypeVar("T")

#: The attribute of a connection under which it keeps a cursor for the next statement.
_KEPT = "_eventstore_cursor"
#: And that under which it keeps whether its role may write the log by plain SQL.
_MAY_INSERT = "_eventstore_may_insert"

#: Planned at each call: which index is best hangs on the tenant and the position. The
#: general plan of a prepared statement walks the primary key through all tenants.
_PLANNED_EACH_TIME = frozenset(
    {
        "feed_news",
        "feed_read",
        "read_after",
        "read_by_aggregate_type",
        "read_by_type",
        "read_since",
    }
)


def store_connection() -> BaseDatabaseWrapper:
    """Return Django's connection to the store's database."""
    return connections[store_settings().DATABASE]


def in_atomic_block() -> bool:
    """Return whether what runs now is part of a longer transaction of Django's."""
    return store_connection().in_atomic_block


def is_autocommitting() -> bool:
    """Return whether a statement that is sent now is a transaction of its own."""
    connection = store_connection()
    return not connection.in_atomic_block and connection.get_autocommit()


def opened(connection: BaseDatabaseWrapper) -> psycopg.Connection[Row]:
    """Return psycopg's connection, as Django gives it to its own cursors.

    Raises:
        django.db.Error: there is none to be had, or it is another thread's.
    """
    connection.validate_thread_sharing()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    raw: psycopg.Connection[Row] = connection.connection
    return raw


def fetch_all(name: str, params: Params = ()) -> list[Row]:
    """Run ``queries/<name>.sql`` and return its rows.

    Raises:
        EventStoreError: the database refused in a way that the store knows.
        django.db.Error: anything else, as Django's own cursors raise it.
    """
    connection = store_connection()
    connection.validate_no_broken_transaction()
    if not connection.execute_wrappers:
        return _execute(connection, name, query(name), params, _run)

    def execute(sql: str, params: Params, _many: object, _context: object) -> Any:
        return _execute(connection, name, sql, params, _run)

    for wrapper in reversed(connection.execute_wrappers):
        execute = functools.partial(wrapper, execute)
    context = {"connection": connection, "cursor": None}
    rows: list[Row] = execute(query(name), params, False, context)  # noqa: FBT003 - Django's signature of wrappers
    return rows


def standing_alone() -> BaseDatabaseWrapper | None:
    """Return the connection if what is sent now is a transaction of its own.

    And if nobody looks at it on its way: who wraps statements wants to see the one
    that counts. And unless its role is known not to write the tables.
    """
    connection = store_connection()
    if (
        connection.in_atomic_block
        or connection.execute_wrappers
        or not store_settings().PREPARE_STATEMENTS
        or getattr(connection.connection, _MAY_INSERT, None) is False
    ):
        return None
    return connection


def fetch_alone(
    connection: BaseDatabaseWrapper, name: str, params: Sequence[Any]
) -> list[Row] | None:
    """Run ``queries/<name>.sql``, which writes events, as a transaction of its own.

    Args:
        connection: as ``standing_alone`` gives it.
        name: the statement.
        params: its parameters.

    Returns:
        Its rows; ``None`` with nothing done when an id is taken, when this role may
        not, or when the connection does not let it stand alone.

    Raises:
        EventStoreError: the database refused in another way that the store knows.
        django.db.Error: anything else, as Django's own cursors raise it.
    """
    return _execute(connection, name, query(name), params, _run_alone)


def fetch_one(name: str, params: Params = ()) -> Row | None:
    """Run ``queries/<name>.sql`` and return its first row, if there is one."""
    rows = fetch_all(name, params)
    return rows[0] if rows else None


def run_script(text: str) -> None:
    """Run statements without parameters, as Django's own cursors do.

    Raises:
        django.db.Error: the database refused one.
    """
    with store_connection().cursor() as cursor:
        cursor.execute(text)


def _execute(
    connection: BaseDatabaseWrapper,
    name: str,
    sql: str,
    params: P,
    run: Callable[[psycopg.Connection[Row], str, str, P], T],
) -> T:
    raw = opened(connection)
    if connection.queries_logged:
        run = functools.partial(_log, connection, run)
    try:
        return run(raw, name, sql, params)
    except psycopg.Error as error:
        # Not around all of it: an append would pay for a fault that it does not have.
        with connection.wrap_database_errors:
            refusal = translate(error, in_transaction=not connection.get_autocommit())
            if refusal is None:
                raise
            raise refusal from error


def _log(
    connection: BaseDatabaseWrapper,
    run: Callable[[psycopg.Connection[Row], str, str, P], T],
    raw: psycopg.Connection[Row],
    name: str,
    sql: str,
    params: P,
) -> T:
    """Run the statement, and show it where Django shows its own."""
    started = time.monotonic()
    try:
        return run(raw, name, sql, params)
    finally:
        taken = f"{time.monotonic() - started:.3f}"
        connection.queries_log.append({"sql": sql, "time": taken})


def _run_alone(
    raw: psycopg.Connection[Row], name: str, _sql: str, params: Sequence[Any]
) -> list[Row] | None:
    try:
        return direct.run(raw, name, params) if _may_insert(raw) else None
    except (
        errors.UniqueViolation,
        errors.InsufficientPrivilege,
        errors.SerializationFailure,
    ):
        return None


def _may_insert(raw: psycopg.Connection[Row]) -> bool:
    """Return whether the role of ``raw`` may write the log by plain SQL; asked once."""
    known: bool | None = getattr(raw, _MAY_INSERT, None)
    if known is None:
        if not raw.autocommit:
            return False
        row = raw.execute(query("may_insert").encode()).fetchone()
        known = row is not None and bool(row[0])
        setattr(raw, _MAY_INSERT, known)
    return known


def _run(
    raw: psycopg.Connection[Row], name: str, sql: str, params: Params
) -> list[Row]:
    prepare = store_settings().PREPARE_STATEMENTS and name not in _PLANNED_EACH_TIME
    # A wrapper may have changed the statement, say by a comment.
    if prepare and name in direct.NAMES and sql is query(name):
        rows = direct.run(raw, name, cast("Sequence[Any]", params))
        if rows is not None:
            return rows
    threshold = raw.prepare_threshold
    if prepare and threshold is None:
        # Django's setting means its own cursors, whose statements vary without end.
        raw.prepare_threshold = 0
    try:
        cursor = getattr(raw, _KEPT, None) or psycopg.Cursor(raw)
        # Taken meanwhile: whoever is called back by a query gets one of its own.
        setattr(raw, _KEPT, None)
        cursor.execute(cast("Any", sql), params, prepare=prepare, binary=True)
        rows = cursor.fetchall()
        if len(rows) <= 1:
            # An append spends a tenth of its time on a cursor that has seen nothing.
            # Not after a page: a cursor holds its last result until the next one.
            setattr(raw, _KEPT, cursor)
        return rows
    finally:
        raw.prepare_threshold = threshold
