"""Statements that are sent straight to libpq: an append spends a third less in Python.

A psycopg cursor looks up anew how to adapt each value and how to prepare a statement.
The statements here are few and always the same: their parameters go as text, each with
its type in the statement, but lists of texts, whose documents would be escaped and read
back character by character; their results come in binary form. Waiting stays that of
psycopg, so that signals and cooperative schedulers work as with its cursors.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from psycopg import generators, pq
from psycopg.errors import error_from_result

from eventstore.sql.statements import query

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGresult

    Row = tuple[Any, ...]

#: The statements that may be sent this way: their values are of the kinds below.
NAMES = frozenset(
    {
        "append_many",
        "append_one",
        "insert_many",
        "insert_many_at",
        "insert_one",
        "insert_one_at",
    }
)
#: The attribute of a connection under which it keeps what it has prepared.
_PREPARED = "_eventstore_prepared"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_INT8 = struct.Struct("!q").unpack
_TEXT, _BINARY = 0, 1
#: Dimensions, whether any is NULL, of which type; how many, numbered from where.
_ARRAY_OF_TEXTS = struct.Struct("!iiIii")
_TEXT_OID = 25
# As numbers: to compare with a member of an enumeration is a call.
_IDLE, _OFF = int(pq.TransactionStatus.IDLE), int(pq.PipelineStatus.OFF)
_COMMAND_OK, _TUPLES_OK = int(pq.ExecStatus.COMMAND_OK), int(pq.ExecStatus.TUPLES_OK)
_UNKNOWN_STATEMENT = b"26000"
_PLACEHOLDER = re.compile("%s")


def run(
    raw: psycopg.Connection[Any], name: str, params: Sequence[Any]
) -> list[Row] | None:
    """Run ``queries/<name>.sql``, one of ``NAMES``, and return its rows.

    Returns:
        ``None``, with nothing done, where a statement cannot simply be sent: inside a
        transaction, which the loss of a prepared statement would end, and in a
        pipeline.

    Raises:
        psycopg.Error: as psycopg's cursors raise it.
    """
    with raw.lock:
        if not _is_ready(raw):
            return None
        values, formats = _dump_all(params)
        result = _send(raw, name, values, formats)
        if (
            result.status != _TUPLES_OK
            and result.error_field(pq.DiagnosticField.SQLSTATE) == _UNKNOWN_STATEMENT
        ):
            # After a rollback psycopg forgets what is prepared on the server.
            _prepared(raw).pop(name, None)
            result = _send(raw, name, values, formats)
    if result.status != _TUPLES_OK:
        raise error_from_result(result, raw.info.encoding)
    value_of, loaders = result.get_value, _loaders(name, result)
    return [
        tuple(
            [
                None if (value := value_of(row, column)) is None else load(value)
                for column, load in loaders
            ]
        )
        for row in range(result.ntuples)
    ]


def _loaders(name: str, result: PGresult) -> list[tuple[int, Callable[[bytes], Any]]]:
    """Return what reads each column of a statement: it is always the same."""
    known = _KNOWN_LOADERS.get(name)
    if known is None:
        known = [(at, _LOADERS[result.ftype(at)]) for at in range(result.nfields)]
        _KNOWN_LOADERS[name] = known
    return known


def _is_ready(raw: psycopg.Connection[Any]) -> bool:
    pgconn = raw.pgconn
    return (
        raw.autocommit
        and pgconn.transaction_status == _IDLE
        and pgconn.pipeline_status == _OFF
    )


def _send(
    raw: psycopg.Connection[Any],
    name: str,
    values: Sequence[bytes | None],
    formats: Sequence[int] | None,
) -> PGresult:
    pgconn, prepared = raw.pgconn, _prepared(raw)
    key = prepared.get(name)
    if key is None:
        key = name.encode()
        pgconn.send_prepare(key, _numbered(name))
        result = _answer(raw)
        if result.status != _COMMAND_OK:
            return result
        prepared[name] = key
    pgconn.send_query_prepared(key, values, formats, _BINARY)
    return _answer(raw)


def _answer(raw: psycopg.Connection[Any]) -> PGresult:
    results: list[PGresult] = raw.wait(generators.execute(raw.pgconn))
    return results[-1]


def _prepared(raw: psycopg.Connection[Any]) -> dict[str, bytes]:
    """Return the names of what ``raw`` has prepared, and what they are called there."""
    names: dict[str, bytes] | None = getattr(raw, _PREPARED, None)
    if names is None:
        names = {}
        setattr(raw, _PREPARED, names)
    return names


@cache
def _numbered(name: str) -> bytes:
    """Return the statement with the placeholders that PostgreSQL itself knows."""
    numbers = iter(range(1, 100))
    return _PLACEHOLDER.sub(lambda _: f"${next(numbers)}", query(name)).encode()


def _dump_all(
    params: Sequence[Any],
) -> tuple[list[bytes | None], list[int] | None]:
    """Return what is sent for ``params``, and in which formats; ``None``: all text."""
    formats = None
    values: list[bytes | None] = []
    for place, value in enumerate(params):
        if value.__class__ is str:
            values.append(value.encode())
        elif value.__class__ is list and value and value[0].__class__ is str:
            formats = formats or [_TEXT] * len(params)
            formats[place] = _BINARY
            values.append(_dump_texts(value))
        else:
            values.append(_dump(value))
    return values, formats


def _dump_texts(texts: list[str]) -> bytes:
    """Return the array in its binary form (PostgreSQL source, ``array_recv``)."""
    parts = [_ARRAY_OF_TEXTS.pack(1, 0, _TEXT_OID, len(texts), 1)]
    for text in texts:
        value = text.encode()
        parts += (len(value).to_bytes(4), value)
    return b"".join(parts)


def _dump(value: Any) -> bytes | None:
    if value is None:
        return None
    if type(value) is list:
        return f"{{{','.join(map(_element, value))}}}".encode()
    return _TEXTS[type(value)](value).encode()


def _element(value: Any) -> str:
    """Return what stands for ``value`` in an array (PostgreSQL documentation, 8.15)."""
    return "NULL" if value is None else f'"{_TEXTS[type(value)](value)}"'


_TEXTS: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "t" if value else "f",
    datetime: datetime.isoformat,
    int: str,
}
_LOADERS: dict[int, Callable[[bytes], Any]] = {
    16: lambda value: value == b"\x01",
    20: lambda value: _INT8(value)[0],
    25: bytes.decode,
    1184: lambda value: _EPOCH + timedelta(microseconds=_INT8(value)[0]),
}
_KNOWN_LOADERS: dict[str, list[tuple[int, Callable[[bytes], Any]]]] = {}
