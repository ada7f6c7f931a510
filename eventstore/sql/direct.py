"""Statements that are sent straight to libpq: an append spends a third less in Python.

A psycopg cursor looks up anew how to adapt each value and how to prepare a statement.
The statements here are few and always the same: each begins with parameters of text,
as many as ``_TEXTS`` says, and goes on with others, which travel in their binary form
as the results do. Waiting stays that of psycopg, so that signals and cooperative
schedulers work as with its cursors.
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

#: How many parameters of each statement are texts: the first ones.
_TEXTS = {
    "append_many": 1,
    "append_one": 8,
    **{
        f"insert_{size}{place}{waking}": texts
        for size, texts in (("many", 3), ("one", 8))
        for place in ("", "_at", "_new")
        for waking in ("", "_waking")
    },
}
#: The statements that may be sent this way.
NAMES = frozenset(_TEXTS)
_PLACED = NAMES - {"append_many", "append_one"}
#: The attribute of a connection under which it keeps what it has prepared.
_PREPARED = "_eventstore_prepared"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_INT8 = struct.Struct("!q")
_TEXT, _BINARY = 0, 1
#: Dimensions, whether any is NULL, of which type; how many, numbered from where.
_ARRAY = struct.Struct("!iiIii")
_NULL_SIZE = (-1).to_bytes(4, signed=True)
# As numbers: to compare with a member of an enumeration is a call.
_IDLE, _OFF = int(pq.TransactionStatus.IDLE), int(pq.PipelineStatus.OFF)
_COMMAND_OK, _TUPLES_OK = int(pq.ExecStatus.COMMAND_OK), int(pq.ExecStatus.TUPLES_OK)
_UNKNOWN_STATEMENT, _PREPARED_ALREADY = b"26000", b"42P05"
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
    pgconn = raw.pgconn
    with raw.lock:
        if (
            not raw.autocommit
            or pgconn.transaction_status != _IDLE
            or pgconn.pipeline_status != _OFF
        ):
            return None
        texts = _TEXTS[name]
        values: list[bytes | None] = [*map(str.encode, params[:texts])]
        for value in params[texts:]:
            values.append(_DUMPS[value.__class__](value))  # noqa: PERF401 - two kinds
        prepared = _prepared(raw)
        if name not in prepared:
            _prepare(raw, name)
        result = _send(raw, name, values)
        if (
            result.status != _TUPLES_OK
            and result.error_field(pq.DiagnosticField.SQLSTATE) == _UNKNOWN_STATEMENT
        ):
            # After a rollback psycopg forgets what is prepared on the server.
            prepared.discard(name)
            _prepare(raw, name)
            result = _send(raw, name, values)
    if result.status != _TUPLES_OK:
        raise error_from_result(result, raw.info.encoding)
    if name in _PLACED:
        return _placed(result)
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


def _placed(result: PGresult) -> list[Row]:
    """Return position, version and recorded time of what was stored."""
    value_of = result.get_value
    number: Callable[[Any], tuple[int, ...]] = _INT8.unpack  # no column is NULL
    return [
        (
            number(value_of(row, 0))[0],
            number(value_of(row, 1))[0],
            _EPOCH + timedelta(microseconds=number(value_of(row, 2))[0]),
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


def _send(
    raw: psycopg.Connection[Any], name: str, values: Sequence[bytes | None]
) -> PGresult:
    pgconn, formats = raw.pgconn, _formats(name, len(values))
    pgconn.send_query_prepared(name.encode(), values, formats, _BINARY)
    return _answer(raw)


def _prepare(raw: psycopg.Connection[Any], name: str) -> None:
    raw.pgconn.send_prepare(name.encode(), _numbered(name))
    result = _answer(raw)
    if (
        result.status != _COMMAND_OK
        # Interrupted where it had just been prepared.
        and result.error_field(pq.DiagnosticField.SQLSTATE) != _PREPARED_ALREADY
    ):
        raise error_from_result(result, raw.info.encoding)
    _prepared(raw).add(name)


def _answer(raw: psycopg.Connection[Any]) -> PGresult:
    results: list[PGresult] = raw.wait(generators.execute(raw.pgconn))
    return results[-1]


def _prepared(raw: psycopg.Connection[Any]) -> set[str]:
    """Return the names of the statements that ``raw`` has prepared."""
    names: set[str] | None = getattr(raw, _PREPARED, None)
    if names is None:
        names = set()
        setattr(raw, _PREPARED, names)
    return names


@cache
def _numbered(name: str) -> bytes:
    """Return the statement with the placeholders that PostgreSQL itself knows."""
    numbers = iter(range(1, 100))
    return _PLACEHOLDER.sub(lambda _: f"${next(numbers)}", query(name)).encode()


@cache
def _formats(name: str, count: int) -> list[int]:
    """Return in which formats the ``count`` parameters of a statement go."""
    return [_TEXT] * _TEXTS[name] + [_BINARY] * (count - _TEXTS[name])


def _dump_moment(moment: datetime) -> bytes:
    """Return the microseconds since 2000 (PostgreSQL source, ``timestamptz_recv``)."""
    return _INT8.pack((moment - _EPOCH) // _MICROSECOND)


def _dump_array(values: list[Any]) -> bytes:
    """Return the array in its binary form (PostgreSQL source, ``array_recv``)."""
    oid = _oid_of(values[0])
    parts = [_ARRAY.pack(1, None in values, oid, len(values), 1)]
    for value in values:
        element = _DUMPS[value.__class__](value)
        if element is None:
            parts.append(_NULL_SIZE)
        else:
            parts += (len(element).to_bytes(4), element)
    return b"".join(parts)


def _oid_of(element: Any) -> int:
    """Return the type of an array of texts, moments, or numbers that may be none."""
    if isinstance(element, str):
        return 25
    return 1184 if isinstance(element, datetime) else 20


class _Dumps(dict[type, "Callable[[Any], bytes | None]"]):
    """What writes a value, by its type or, for its subclasses, by what they are."""

    def __missing__(self, kind: type) -> Callable[[Any], bytes | None]:
        for base in kind.__mro__:
            if base in self:
                return self[base]
        raise TypeError(f"No parameter of a statement is a {kind.__name__}.")


_DUMPS = _Dumps(
    {
        bool: lambda value: b"\x01" if value else b"\x00",
        datetime: _dump_moment,
        int: _INT8.pack,
        list: _dump_array,
        str: str.encode,
        type(None): lambda _: None,
    }
)
_LOADERS: dict[int, Callable[[bytes], Any]] = {
    16: lambda value: value == b"\x01",
    20: lambda value: _INT8.unpack(value)[0],
    25: bytes.decode,
    1184: lambda value: _EPOCH + timedelta(microseconds=_INT8.unpack(value)[0]),
}
_KNOWN_LOADERS: dict[str, list[tuple[int, Callable[[bytes], Any]]]] = {}
