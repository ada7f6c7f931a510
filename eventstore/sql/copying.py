"""Rows in bulk, on Django's connection: COPY in, and a stream out."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, cast

import psycopg

from eventstore.sql.cursor import Row, opened, store_connection
from eventstore.sql.sqlstates import translate
from eventstore.sql.statements import query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

#: Bytes that are sent at once: less than the buffer of a socket holds.
_BLOCK = 65_536


def copy_line(values: Iterable[str]) -> str:
    """Return a row in COPY's text format, for a COPY that says ``NULL ''``.

    Args:
        values: the columns, none of them with a NUL character; empty for NULL.
    """
    # All at once: a call for each column would take longer than the COPY itself.
    joined = "\0".join(values).replace("\\", "\\\\")
    joined = joined.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return joined.replace("\0", "\t") + "\n"


def copy_in(
    name: str, lines: Iterable[str], *, meanwhile: Callable[[], None] | None = None
) -> None:
    """Send rows, as ``copy_line`` gives them, to the COPY of ``queries/<name>.sql``.

    Args:
        name: of the statement.
        lines: all of them; they are in memory together.
        meanwhile: does a little work of another kind and must not raise; called each
            time that the server has some rows to work on.

    Raises:
        EventStoreError: the database refused in a way that the store knows.
        django.db.Error: anything else; a ``DataError`` for a value that it cannot hold.
    """
    with _psycopg() as raw, psycopg.Cursor(raw).copy(_text(name)) as copy:
        data = memoryview("".join(lines).encode())
        for start in range(0, len(data), _BLOCK):
            copy.write(data[start : start + _BLOCK])
            if meanwhile is not None:
                meanwhile()


def stream(name: str, params: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the rows of ``queries/<name>.sql`` as they come, few in memory at a time.

    Planned anew with its values, never prepared: its filters may be given or not. Until
    the last row the connection can do nothing else.
    """
    with _psycopg() as raw:
        yield from psycopg.Cursor(raw).stream(_text(name), params, binary=True)


def _text(name: str) -> Any:
    return cast("Any", query(name))


@contextlib.contextmanager
def _psycopg() -> Iterator[psycopg.Connection[Row]]:
    """Lend psycopg's own connection, with Django's checks and errors around it."""
    connection = store_connection()
    connection.validate_no_broken_transaction()
    raw = opened(connection)
    with connection.wrap_database_errors:
        try:
            yield raw
        except psycopg.Error as error:
            refusal = translate(error, in_transaction=connection.in_atomic_block)
            if refusal is None:
                raise
            raise refusal from error
