from __future__ import annotations

import pytest

from tests.eventstore.guards.attacks import ACCEPTED, ATTACKS, GUARDED, Attack
from tests.eventstore.guards.conftest import World

_LOG = (
    "SELECT jsonb_agg(to_jsonb(e) ORDER BY e.position) FROM stored_domain_events AS e"
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_by_the_application_ends_as_documented(
    world: World, attack: Attack
) -> None:
    with world.session() as cursor:
        assert attack.run(cursor) == attack.expected(world.name)


def test_a_right_that_the_application_grants_has_no_effect(hardened: World) -> None:
    with hardened.session() as cursor:
        cursor.execute("GRANT UPDATE ON stored_domain_events TO PUBLIC")
        cursor.execute(
            "SELECT has_table_privilege('public', 'stored_domain_events', 'UPDATE')"
        )
        assert cursor.fetchone() == (False,)


def test_every_column_of_an_event_is_attacked(one_role: World) -> None:
    with one_role.session() as cursor:
        cursor.execute("SELECT * FROM stored_domain_events")
        columns = {f"UPDATE of {column.name}" for column in cursor.description or ()}
    assert columns == {a.name for a in ATTACKS if a.name.startswith("UPDATE of ")} - {
        "UPDATE of an aggregate's version",
        "UPDATE of redactions",
    }


def test_a_hardened_database_refuses_all_but_two_attacks() -> None:
    assert [attack.name for attack in ATTACKS if attack.hardened == ACCEPTED] == [
        "transaction marked as one that holds the lock",
        "stable position held back by an advisory lock",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stored_domain_events SET event_type = 'forged'",
        "DELETE FROM stored_domain_events",
        "TRUNCATE stored_domain_events",
        "UPDATE event_redactions SET reason = 'forged'",
        "DELETE FROM event_redactions",
        "TRUNCATE event_redactions",
        "DELETE FROM event_aggregates",
        "TRUNCATE event_aggregates",
    ],
)
def test_a_superuser_is_refused_even_under_the_replica_role(
    world: World, statement: str
) -> None:
    with world.superuser() as cursor:
        cursor.execute("SET session_replication_role = replica")
        assert Attack("", statement, "").run(cursor) == GUARDED


def test_the_owner_of_a_hardened_store_cannot_redact_past_the_function(
    hardened: World,
) -> None:
    forged = next(a for a in ATTACKS if a.name == "removal with a self-made record")
    with hardened.superuser() as cursor:
        cursor.execute(f'SET SESSION AUTHORIZATION "{hardened.role}_owner"')
        assert forged.run(cursor) == GUARDED


@pytest.mark.parametrize("suffix", ["_owner", "_writer", "_redactor"])
def test_the_application_cannot_become_another_role(
    hardened: World, suffix: str
) -> None:
    with hardened.session() as cursor:
        become = Attack("", f'SET ROLE "{hardened.role}{suffix}"', "")
        assert become.run(cursor) == "42501"


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ("NULL", "22004"),  # null array
        ("ARRAY[NULL]", "22004"),  # null bound of a loop
        ("ARRAY['']", "22004"),
    ],
)
def test_redaction_called_by_hand_with_no_pointer_removes_nothing(
    world: World, fields: str, refusal: str
) -> None:
    with world.session() as cursor:
        act = _redact("'Ada'", f"{fields}::text[]")
        assert Attack("", act, "").run(cursor) == refusal


@pytest.mark.parametrize(
    ("event_id", "fields", "outcome"),
    [
        ("'Ada'", "ARRAY['/event_type']", "missing"),
        ("'Ada'", "ARRAY['/data/tags/-1']", "missing"),
        ("'Ada'", "ARRAY['/data/nothing']", "missing"),
        ("'nobody'", "ARRAY[]::text[]", "not_found"),
        ("'Grace'", "ARRAY['/data/name']", "unchanged"),
    ],
)
def test_redaction_called_by_hand_removes_nothing_that_is_not_there(
    world: World, event_id: str, fields: str, outcome: str
) -> None:
    with world.session() as cursor:
        cursor.execute(_LOG)
        before = cursor.fetchone()
        cursor.execute(_redact(event_id, fields))
        assert cursor.fetchone() == (outcome,)
        cursor.execute(_LOG)
        assert cursor.fetchone() == before


def test_redaction_called_by_hand_leaves_its_record_and_its_notice(
    world: World,
) -> None:
    with world.session() as cursor:
        cursor.execute(_redact("'Ada'", "ARRAY['/data/name']"))
        assert cursor.fetchone() == ("redacted",)
        cursor.execute(
            "SELECT event_data -> 'name', is_redacted FROM stored_domain_events"
            " WHERE event_id = 'Ada'"
        )
        assert cursor.fetchone() == ({"redacted": True}, True)
        cursor.execute("SELECT event_id, kind FROM event_redactions ORDER BY id")
        assert cursor.fetchall()[-1] == ("Ada", "redacted")
        cursor.execute(
            "SELECT event_type FROM stored_domain_events ORDER BY position DESC"
        )
        assert cursor.fetchone() == ("eventstore.EventRedacted",)


def test_reserved_names_are_refused_at_both_doors(world: World) -> None:
    with world.session() as cursor:
        cursor.execute(
            "SELECT outcome FROM eventstore_append_one_v1('acme', 'x', 'eventstore.X',"
            " 'x', 'X', 'v1', now(), '{}', '{}', NULL)"
        )
        assert cursor.fetchone() == ("reserved",)
        cursor.execute(
            "SELECT outcome FROM eventstore_append_many_v1('acme', '{x}', '{X}', '{x}',"
            " '{eventstore.X}', '{v1}', ARRAY[now()], ARRAY['{}'::jsonb],"
            " ARRAY['{}'::jsonb], ARRAY[NULL::bigint])"
        )
        assert cursor.fetchone() == ("reserved",)


@pytest.mark.parametrize("value", ["'42'", "pg_current_xact_id()::text"])
def test_a_setting_of_the_session_never_makes_a_later_append_skip_its_lock(
    world: World, value: str
) -> None:
    with world.session(autocommit=True) as cursor:
        cursor.execute(f"SELECT set_config('eventstore.appending', {value}, false)")
        cursor.connection.autocommit = False
        cursor.execute(_APPEND)
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            " AND pid = pg_backend_pid()"
        )
        assert cursor.fetchone() == (1,)
        cursor.connection.rollback()


def test_temporary_tables_shadow_neither_append_nor_redaction(one_role: World) -> None:
    with one_role.session() as cursor:
        for table in (
            "stored_domain_events",
            "event_aggregates",
            "event_redactions",
            "event_snapshots",
        ):
            cursor.execute(
                f"CREATE TEMP TABLE {table} (LIKE public.{table} INCLUDING ALL)"
            )
        cursor.execute(_APPEND)
        cursor.execute(_redact("'Ada'", "ARRAY['/data/name']"))
        assert cursor.fetchone() == ("redacted",)
        cursor.execute(
            "SELECT eventstore_stable_position_v1(true) - max(position)"
            " FROM public.stored_domain_events"
        )
        assert cursor.fetchone() == (0,)
        for table, rows in (
            ("stored_domain_events", 5),
            ("event_aggregates", 5),
            ("event_redactions", 2),
        ):
            cursor.execute(
                f"SELECT (SELECT count(*) FROM pg_temp.{table}), count(*)"
                f" FROM public.{table}"
            )
            assert cursor.fetchone() == (0, rows)


def test_a_search_path_with_false_functions_in_front_misleads_no_door(
    one_role: World,
) -> None:
    with one_role.session() as cursor:
        cursor.execute(
            "CREATE SCHEMA forged;"
            "CREATE FUNCTION forged.starts_with(text, text) RETURNS boolean"
            " LANGUAGE sql AS 'SELECT false';"
            "CREATE FUNCTION forged.pg_current_xact_id() RETURNS xid8"
            " LANGUAGE sql AS $$SELECT '42'::xid8$$;"
            "CREATE FUNCTION forged.eventstore_within_limits_v1(text, text, text, text,"
            " text, text, timestamptz, jsonb, jsonb) RETURNS boolean"
            " LANGUAGE sql AS 'SELECT true';"
            "SET search_path = forged, pg_catalog, public"
        )
        cursor.execute(
            "SELECT outcome FROM eventstore_append_one_v1('acme', 'x', 'eventstore.X',"
            " 'x', 'X', 'v1', now(), '{}', '{}', NULL)"
        )
        assert cursor.fetchone() == ("reserved",)
        cursor.execute(_APPEND.replace("'{}', '{}'", "'[]', '{}'"))
        assert cursor.fetchone() == ("limit",)


_APPEND = (
    "SELECT outcome FROM eventstore_append_one_v1('acme', 'new', 'Person', 'new',"
    " 'PersonRegistered', 'v1', now(), '{}', '{}', NULL)"
)


def _redact(event_id: str, fields: str) -> str:
    return (
        f"SELECT outcome FROM eventstore_redact_v1('acme', {event_id}, {fields}, '',"
        " '{}', NULL, 'r-new', 'n-new', '{}')"
    )
