"""Optional indexes of the log, made and dropped while it is in use."""

from __future__ import annotations

from dataclasses import dataclass

from eventstore import sql

#: The optional indexes, by what they are for.
INDEXES = {"payload": "eventstore_ev_payload"}


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """An optional index as the database has it.

    Attributes:
        is_there: whether there is one of the name.
        is_valid: whether it can be used; one that was interrupted while it was made
            cannot, and costs as much.
        bytes: its size.
    """

    is_there: bool = False
    is_valid: bool = False
    bytes: int = 0


def status(purpose: str) -> IndexStatus:
    """Return how the index for ``purpose`` stands.

    Raises:
        KeyError: there is no such index.
    """
    row = sql.fetch_one("optional_index", (INDEXES[purpose],))
    if row is None:
        return IndexStatus()
    return IndexStatus(is_there=True, is_valid=row[0], bytes=row[1])


def create(purpose: str) -> bool:
    """Make the index for ``purpose``; return whether there was none.

    Appends and reads go on meanwhile (CREATE INDEX CONCURRENTLY), so it cannot be done
    inside a transaction. What an interrupted attempt has left is dropped first.

    Raises:
        KeyError: there is no such index.
        django.db.Error: this connection's role does not own the table, or it is in a
            transaction.
    """
    found = status(purpose)
    if found.is_valid:
        return False
    if found.is_there:
        drop(purpose)
    _run(purpose)
    return True


def drop(purpose: str) -> bool:
    """Drop the index for ``purpose``; return whether there was one.

    Raises:
        KeyError: there is no such index.
        django.db.Error: this connection's role does not own the table, or it is in a
            transaction.
    """
    found = status(purpose)
    if found.is_there:
        _run(f"drop_{purpose}")
    return found.is_there


def _run(name: str) -> None:
    row = sql.fetch_one("current_schema")
    sql.run_script(sql.schema_object(f"indexes/{name}", str(row[0]) if row else ""))
