"""Each attack in SQL by the application's login, with what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

#: SQLSTATEs: the guards' own, and PostgreSQL's "insufficient privilege".
GUARDED, FORBIDDEN = "ES002", "42501"
ACCEPTED = "accepted"

Act = str | Callable[[psycopg.Cursor[Any]], object]


@dataclass(frozen=True)
class Attack:
    """What is done, and the SQLSTATE that refuses it, or that it is accepted."""

    name: str
    act: Act
    one_role: str
    hardened: str = FORBIDDEN

    @property
    def consequence(self) -> str:
        """What an accepted attack brings about, and what finds it."""
        return CONSEQUENCES[self.name]

    def expected(self, world: str) -> str:
        return self.one_role if world == "one role" else self.hardened

    def run(self, cursor: psycopg.Cursor[Any]) -> str:
        """Return the SQLSTATE that refused it, or that it was accepted."""
        try:
            if callable(self.act):
                self.act(cursor)
            else:
                cursor.execute(self.act)
        except psycopg.Error as error:
            return error.sqlstate or "no SQLSTATE"
        return ACCEPTED


_RECORD = """
INSERT INTO event_redactions (redaction_id, tenant_id, event_id, position,
    aggregate_type, aggregate_id, aggregate_version, fields, reason, actor,
    kind{columns})
VALUES ('forged', 'acme', 'Ada', {position}, 'Person', 'Ada', 1, '[]', '', '{{}}',
    'redacted'{values});
"""
_REMOVAL = """
UPDATE stored_domain_events SET event_data = '{"redacted": true}', is_redacted = true
 WHERE tenant_id = 'acme' AND position = 1;
"""
_ROW = """(event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version,
    event_type, event_version, occurred_at, stored_at, event_data, metadata{columns})"""
_VALUES = """'forged', 'acme', 'Person', 'Ada', {version}, 'PersonRegistered', 'v1',
    now(), now(), '{{}}', '{{}}'"""


def _record(position: int = 1, columns: str = "", values: str = "") -> str:
    return _RECORD.format(position=position, columns=columns, values=values)


def _insert(version: int, position: int | None = None) -> str:
    columns, last = (
        (", position", f", {position}") if position is not None else ("", "")
    )
    return (
        f"INSERT INTO stored_domain_events {_ROW.format(columns=columns)}"
        f" VALUES ({_VALUES.format(version=version)}{last})"
    )


def _copy(cursor: psycopg.Cursor[Any]) -> None:
    row = ("forged", "acme", "Person", "Ada", 9, "PersonRegistered", "v1")
    with cursor.copy(
        f"COPY stored_domain_events {_ROW.format(columns='')} FROM STDIN"
    ) as copy:
        copy.write_row((*row, "2020-01-01Z", "2020-01-01Z", "{}", "{}"))


def _update(column: str, value: str) -> Attack:
    return Attack(
        f"UPDATE of {column}",
        f"UPDATE stored_domain_events SET {column} = {value} WHERE position = 1",
        GUARDED,
    )


UPDATES = [
    _update(column, value)
    for column, value in {
        "position": "100",
        "event_id": "'forged'",
        "tenant_id": "'forged'",
        "aggregate_type": "'forged'",
        "aggregate_id": "'forged'",
        "aggregate_version": "100",
        "event_type": "'forged'",
        "event_version": "'v0'",
        "occurred_at": "now()",
        "stored_at": "now()",
        "event_data": """'{"name": "forged"}'""",
        "metadata": """'{"ip": "forged"}'""",
        "is_redacted": "true",
    }.items()
]
CHANGES = [
    Attack("DELETE of events", "DELETE FROM stored_domain_events", GUARDED),
    Attack("TRUNCATE of events", "TRUNCATE stored_domain_events", GUARDED),
    Attack(
        "MERGE that updates events",
        "MERGE INTO stored_domain_events AS e USING (SELECT 1) AS x ON e.position = 1"
        " WHEN MATCHED THEN UPDATE SET event_type = 'forged'",
        GUARDED,
    ),
    Attack(
        "MERGE that deletes events",
        "MERGE INTO stored_domain_events AS e USING (SELECT 1) AS x ON e.position = 1"
        " WHEN MATCHED THEN DELETE",
        GUARDED,
    ),
    Attack(
        "upsert over an event",
        _insert(1) + " ON CONFLICT (tenant_id, aggregate_id, aggregate_type,"
        " aggregate_version) DO UPDATE SET event_type = 'forged'",
        GUARDED,
    ),
    Attack("DELETE of aggregates", "DELETE FROM event_aggregates", GUARDED),
    Attack("TRUNCATE of aggregates", "TRUNCATE event_aggregates", GUARDED),
    Attack(
        "UPDATE of an aggregate's version",
        "UPDATE event_aggregates SET current_version = 0",
        ACCEPTED,
    ),
    Attack("UPDATE of redactions", "UPDATE event_redactions SET reason = ''", GUARDED),
    Attack("DELETE of redactions", "DELETE FROM event_redactions", GUARDED),
    Attack("TRUNCATE of redactions", "TRUNCATE event_redactions", GUARDED),
    Attack(
        "session_replication_role = replica",
        "SET session_replication_role = replica; DELETE FROM stored_domain_events",
        FORBIDDEN,
    ),
]
INSERTS = [
    Attack("INSERT at an old position", _insert(9, -1), ACCEPTED),
    Attack("INSERT of a future version", _insert(9), ACCEPTED),
    Attack("COPY into events", _copy, ACCEPTED),
    Attack("record of a redaction that never was", _record(), ACCEPTED),
    Attack(
        "INSERT of a snapshot past its function",
        "INSERT INTO event_snapshots (snapshot_id, tenant_id, aggregate_type,"
        " aggregate_id, aggregate_version, last_event_id, state, created_at)"
        " VALUES ('forged', 'acme', 'Person', 'Ada', 1, 'Ada', '{}', now())",
        ACCEPTED,
    ),
]
REDACTIONS = [
    Attack("removal with a self-made record", _record() + _REMOVAL, ACCEPTED),
    Attack("removal without a record", _REMOVAL, GUARDED),
    Attack("removal with the record of another event", _record(2) + _REMOVAL, GUARDED),
    Attack(
        "removal with a record of another time",
        _record(columns=", recorded_at", values=", '2020-01-01Z'") + _REMOVAL,
        GUARDED,
    ),
    Attack(
        "removal with the record of another transaction",
        "UPDATE stored_domain_events SET event_data = '{\"redacted\": true}'"
        " WHERE position = 2",
        GUARDED,
    ),
    Attack(
        "change with a self-made record",
        _record() + "UPDATE stored_domain_events SET is_redacted = true, event_data ="
        """ '{"name": "X", "height": 1.5, "tags": ["a", "b"]}' WHERE position = 1""",
        GUARDED,
    ),
    Attack(
        "1.5 to 1.50 with a self-made record",
        _record() + "UPDATE stored_domain_events SET is_redacted = true, event_data ="
        """ '{"name": "Ada", "height": 1.50, "tags": ["a", "b"]}' WHERE position = 1""",
        GUARDED,
    ),
    Attack(
        "addition with a self-made record",
        _record() + "UPDATE stored_domain_events SET is_redacted = true, event_data ="
        " event_data || '{\"more\": 1}' WHERE position = 1",
        GUARDED,
    ),
    Attack(
        "shorter list with a self-made record",
        _record() + "UPDATE stored_domain_events SET is_redacted = true, event_data ="
        " event_data #- '{tags, 1}' WHERE position = 1",
        GUARDED,
    ),
    Attack(
        "other column with a self-made record and a removal",
        _record() + _REMOVAL.replace("SET", "SET event_type = 'forged',"),
        GUARDED,
    ),
    Attack(
        "redaction taken back",
        "UPDATE stored_domain_events SET is_redacted = false WHERE position = 2",
        GUARDED,
    ),
    Attack(
        "redacted value put back with a self-made record",
        _record(2) + "UPDATE stored_domain_events SET event_data ="
        ' event_data || \'{"name": "Grace"}\' WHERE position = 2',
        GUARDED,
    ),
    Attack(
        "self-made record changed in its transaction",
        _record() + "UPDATE event_redactions SET reason = 'x' WHERE position = 1",
        GUARDED,
    ),
]
INTERNALS = [
    Attack(
        "reserved event by eventstore_store_events_v1()",
        "SELECT * FROM eventstore_store_events_v1('acme', '{forged}', '{eventstore.X}',"
        " '{x}', '{eventstore.X}', '{v1}', ARRAY[now()], ARRAY['{}'::jsonb],"
        " ARRAY['{}'::jsonb], ARRAY[NULL::bigint])",
        ACCEPTED,
    ),
    Attack(
        "eventstore_unbump_v1() called",
        "SELECT eventstore_unbump_v1('acme', 'Person', 'Ada', 5)",
        ACCEPTED,
    ),
    Attack("eventstore_enter_v1() called", "SELECT eventstore_enter_v1()", ACCEPTED),
    Attack(
        "eventstore_hold_position_v1() called",
        "SELECT eventstore_hold_position_v1()",
        ACCEPTED,
    ),
    Attack(
        "position sequence set",
        "SELECT setval('stored_domain_events_position_seq', 1000)",
        ACCEPTED,
    ),
    Attack(
        "position drawn",
        "SELECT nextval('stored_domain_events_position_seq')",
        ACCEPTED,
    ),
    Attack(
        "transaction marked as one that holds the lock",
        "SELECT set_config('eventstore.appending', pg_current_xact_id()::text, true)",
        ACCEPTED,
        ACCEPTED,
    ),
    Attack(
        "stable position held back by an advisory lock",
        "SELECT pg_advisory_xact_lock_shared((15031::bigint << 48) | 0)",
        ACCEPTED,
        ACCEPTED,
    ),
]
SHADOWS = [
    Attack(
        "temporary table in the place of ours",
        "CREATE TEMP TABLE stored_domain_events (LIKE public.stored_domain_events)",
        ACCEPTED,
    ),
    Attack("schema of one's own", "CREATE SCHEMA forged", ACCEPTED),
    Attack("table of one's own", "CREATE TABLE forged ()", ACCEPTED),
    Attack("large object", "SELECT lo_from_bytea(0, 'hidden')", ACCEPTED),
]
DDL = [
    Attack(name, act, ACCEPTED)
    for name, act in {
        "guard dropped": "DROP TRIGGER eventstore_guard ON stored_domain_events",
        "guard disabled": (
            "ALTER TABLE stored_domain_events DISABLE TRIGGER eventstore_guard"
        ),
        "guard made an ordinary trigger": (
            "ALTER TABLE stored_domain_events ENABLE TRIGGER eventstore_guard"
        ),
        "guard's function replaced": (
            "CREATE OR REPLACE FUNCTION eventstore_guard_event_v1() RETURNS trigger"
            " LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
        ),
        "function's owner changed": (
            "ALTER FUNCTION eventstore_redact_v1 OWNER TO CURRENT_USER"
        ),
        "rule instead of appends": (
            "CREATE RULE forged AS ON INSERT TO stored_domain_events DO INSTEAD NOTHING"
        ),
        "child table": "CREATE TABLE forged () INHERITS (stored_domain_events)",
        "column rewritten by ALTER TABLE": (
            "ALTER TABLE stored_domain_events ALTER event_type TYPE text USING 'forged'"
        ),
        "trigger of one's own": (
            "CREATE TRIGGER forged BEFORE INSERT ON stored_domain_events FOR EACH ROW"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        ),
        "table dropped": "DROP TABLE stored_domain_events",
    }.items()
]
ATTACKS = [
    *UPDATES,
    *CHANGES,
    *INSERTS,
    *REDACTIONS,
    *INTERNALS,
    *SHADOWS,
    *DDL,
]

_SEALS = "found by sealing"
#: Of each attack that somebody may do.
CONSEQUENCES = {
    "UPDATE of an aggregate's version": "the log is unchanged; later appends fail",
    "INSERT at an old position": _SEALS,
    "INSERT of a future version": _SEALS,
    "COPY into events": _SEALS,
    "record of a redaction that never was": _SEALS,
    "INSERT of a snapshot past its function": "the log is unchanged",
    "removal with a self-made record": _SEALS,
    "reserved event by eventstore_store_events_v1()": _SEALS,
    "eventstore_unbump_v1() called": "the log is unchanged; later appends fail",
    "eventstore_enter_v1() called": "no consequence",
    "eventstore_hold_position_v1() called": "no consequence",
    "position sequence set": "later appends fail, or leave a gap",
    "position drawn": "a gap in the positions, as any roll-back leaves",
    "transaction marked as one that holds the lock": (
        "readers may miss what it appends; found by sealing"
    ),
    "stable position held back by an advisory lock": (
        "readers wait; pg_locks names the session"
    ),
    "temporary table in the place of ours": "misleads the reads of its own session",
    "schema of one's own": "the log is unchanged",
    "table of one's own": "the log is unchanged",
    "large object": "the log is unchanged",
    "guard dropped": "found by check E008",
    "guard disabled": "found by check E008",
    "guard made an ordinary trigger": "found by check E008",
    "guard's function replaced": "found by check E007",
    "function's owner changed": "no consequence",
    "rule instead of appends": "found by check E010",
    "child table": "found by check E010",
    "column rewritten by ALTER TABLE": _SEALS,
    "trigger of one's own": "found by check E010",
    "table dropped": _SEALS,
}
