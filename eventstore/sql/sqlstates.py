"""Translate what the database refuses into the store's errors, by SQLSTATE alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventstore import exceptions

if TYPE_CHECKING:
    import psycopg

#: Raised by the guards of history.
APPEND_ONLY = "ES002"


def translate(
    error: psycopg.Error, *, in_transaction: bool
) -> exceptions.EventStoreError | None:
    """Return the store's error for what the database raised, if it has one.

    Args:
        error: what psycopg raised.
        in_transaction: whether the statement ran inside an ``atomic()`` block.
    """
    match error.sqlstate:
        case "ES002":
            return exceptions.AppendOnlyViolation(
                error.diag.message_primary or "History is append-only."
            )
        case "40P01":
            return exceptions.ConcurrencyError(
                "Two transactions appended to the same aggregates in opposite order, "
                "and the database ended this one. "
                + (
                    "Retry the whole transaction: the atomic() block is lost."
                    if in_transaction
                    else "Retry the call."
                ),
                retryable=not in_transaction,
            )
        case "42883" | "42P01":
            return exceptions.NotInstalled(
                "The database lacks the event store's tables or functions: "
                "run `manage.py migrate`, and check the connection's search_path."
            )
        case "42501":
            return exceptions.NotPermitted(
                f"The database refused it: {error.diag.message_primary}. In a hardened "
                "database the application's role appends, redacts and reads; imports "
                "and migrations run as the owner. After a migrate, run "
                "`manage.py eventstore_harden` again. Row-level security refuses what "
                "lies outside of the scope of the transaction."
            )
    return None
