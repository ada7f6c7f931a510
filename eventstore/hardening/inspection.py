"""What the catalogs say of the guards, the functions and this connection's rights."""

from __future__ import annotations

from typing import NamedTuple

from eventstore import sql

GUARDED_TABLES = ("stored_domain_events", "event_redactions", "event_aggregates")
#: The functions that the application's role calls.
DOORS = (
    "eventstore_append_one_v1",
    "eventstore_append_many_v1",
    "eventstore_redact_v1",
    "eventstore_record_snapshot_v1",
    "eventstore_stable_position_v1",
    "eventstore_head_position_v1",
    "eventstore_open_appends_v1",
    "eventstore_contains_v1",
    "eventstore_position_at_v1",
    "eventstore_notify_v1",
)
NO_TRUNCATE = "eventstore_no_truncate"
# Bits of pg_trigger.tgtype.
_ROW, _BEFORE, _DELETE, _UPDATE, _TRUNCATE = 1, 2, 8, 16, 32


class Guard(NamedTuple):
    """A trigger that must stand: on which table, which function, on which events."""

    table: str
    trigger: str
    function: str
    fires_on: int


class GuardFault(NamedTuple):
    """A guard that does not stand as it should."""

    guard: Guard
    what: str


class Server(NamedTuple):
    """What the store asks of the server and of the connection."""

    version: int
    isolation: str
    synchronous_commit: str
    fsync: str
    has_tables: bool


GUARDS = (
    Guard(
        "stored_domain_events",
        "eventstore_guard",
        "eventstore_guard_event_v1",
        _ROW | _BEFORE | _UPDATE | _DELETE,
    ),
    Guard(
        "event_redactions",
        "eventstore_guard",
        "eventstore_refuse_v1",
        _ROW | _BEFORE | _UPDATE | _DELETE,
    ),
    Guard(
        "event_aggregates",
        "eventstore_guard",
        "eventstore_guard_aggregate_v1",
        _ROW | _BEFORE | _DELETE,
    ),
    *(
        Guard(table, NO_TRUNCATE, "eventstore_refuse_v1", _BEFORE | _TRUNCATE)
        for table in GUARDED_TABLES
    ),
)


def server() -> Server:
    """Return what the server of the store's connection says of itself."""
    row = sql.fetch_one("server")
    return Server(*(row or (0, "", "", "", False)))


def guard_faults() -> list[GuardFault]:
    """Return the guards that are missing, silent, conditional, or not the store's."""
    rows = sql.fetch_all("guards", [list(GUARDED_TABLES)])
    found = {(row[0], row[1]): row[2:] for row in rows}
    faults = []
    for guard in GUARDS:
        enabled, function, fires_on, has_condition = found.get(
            (guard.table, guard.trigger), ("missing", "", 0, False)
        )
        if enabled != "A":
            what = {"missing": "is missing", "D": "is disabled"}.get(
                enabled, "is not ENABLE ALWAYS, so that replication passes it"
            )
            faults.append(GuardFault(guard, what))
        elif (function, fires_on, has_condition) != (*guard[2:], False):
            faults.append(GuardFault(guard, "is not the one that the store installed"))
    return faults


def detours() -> list[tuple[str, str]]:
    """Return (table, what) for rules, children and foreign triggers of the guarded."""
    triggers = [guard.trigger for guard in GUARDS]
    params = {"tables": list(GUARDED_TABLES), "triggers": triggers}
    rows = sql.fetch_all("detours", params)
    return [(str(table), str(what)) for table, what in rows]


def function_faults() -> list[tuple[str, str]]:
    """Return (function, what) for those that are missing or not of this code."""
    rows = sql.fetch_all("functions")
    found = {row[0]: row[1:] for row in rows}
    row = sql.fetch_one("current_schema")
    schema = str(row[0]) if row else ""
    faults = []
    for name in sql.function_names():
        if name not in found:
            faults.append((name, "is missing"))
        elif tuple(found[name]) != _as_installed(name, schema):
            faults.append((name, "is not the one of this release"))
    return faults


def _as_installed(name: str, schema: str) -> tuple[str, bool, bool]:
    text = sql.schema_object(f"functions/{name}", schema)
    declaration, body, _ = text.split("$function$")
    # Past the comments, which speak of these things too.
    options = declaration.rpartition("\nLANGUAGE")[2]
    return body, "SECURITY DEFINER" in options, "SET search_path" in options


def history_rights() -> list[str]:
    """Return what this connection's role could change history with."""
    params = {"tables": list(GUARDED_TABLES), "doors": list(DOORS)}
    return [str(row[0]) for row in sql.fetch_all("history_rights", params)]


def spare_rights() -> list[str]:
    """Return what this connection's role could put beside the store."""
    return [str(row[0]) for row in sql.fetch_all("spare_rights")]


def missing_rights() -> list[str]:
    """Return what this connection's role lacks to work."""
    return [str(row[0]) for row in sql.fetch_all("missing_rights", [list(DOORS)])]
