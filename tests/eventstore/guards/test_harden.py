from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections
from django.test.utils import CaptureQueriesContext

from eventstore import NotPermitted, store
from eventstore.hardening import Roles, inspection
from eventstore.sql import fetch_all
from tests.eventstore.guards.conftest import OURS, PLAIN, World, empty
from tests.factories import new_event, new_tenant

_RIGHTS = """
SELECT c.relname || ' ' || COALESCE(c.relacl::text, '') FROM pg_class AS c
 WHERE c.relnamespace = 'public'::regnamespace
 UNION ALL
SELECT p.proname || ' ' || p.proowner::regrole || ' ' || COALESCE(p.proacl::text, '')
  FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace
 UNION ALL
SELECT n.nspname || ' ' || n.nspacl::text
  FROM pg_namespace AS n WHERE n.nspname = 'public'
 ORDER BY 1
"""


def _harden(world: World, **options: object) -> str:
    out = StringIO()
    with world.store(as_superuser=True):
        call_command("eventstore_harden", app_role=world.role, stdout=out, **options)
    return out.getvalue()


def test_the_store_works_for_a_hardened_application(hardened: World) -> None:
    tenant = new_tenant()
    with hardened.store():
        first = store.append_event(new_event(), tenant, expected_version=0)
        assert store.append_event(new_event(event_id=first.event_id), tenant) == first
        batch = [new_event(aggregate_id="R-1"), new_event(aggregate_id="R-2")]
        last = store.append_events(batch, tenant)[-1]
        assert store.stable_position() >= last.position
        assert len(store.get_events_after(tenant, 0)) == 3
        store.record_snapshot("R-1", tenant, f"s-{tenant}", first.event_id)
        store.redact_event(first.event_id, tenant, reason="asked for")
        assert store.get_snapshots("R-1", tenant) == []
        store.record_snapshot("R-2", tenant, f"t-{tenant}", last.event_id)
        assert store.prune_snapshots("R-2", tenant, keep=0) == 1


@pytest.mark.parametrize("size", [1, 2])
def test_an_application_appends_by_the_functions_once_it_is_hardened(
    world: World, size: int
) -> None:
    batch = [new_event() for _ in range(size)]
    with (
        world.store(),
        CaptureQueriesContext(connections[world.database]) as captured,
    ):
        store.append_events(batch, new_tenant())
    function = f"eventstore_append_{'one' if size == 1 else 'many'}_v1("
    by_function = any(function in query["sql"] for query in captured)
    assert by_function == (world.name == "hardened")


def test_what_a_hardened_application_may_not_do_is_refused_in_words(
    hardened: World,
) -> None:
    with (
        hardened.store(),
        pytest.raises(NotPermitted, match="imports and migrations run as the owner"),
    ):
        fetch_all("import_chunk", [False])


def test_an_import_by_the_application_is_refused_in_words(
    hardened: World, tmp_path: Path
) -> None:
    log = _log(tmp_path)
    with (
        hardened.store(),
        pytest.raises(CommandError, match="imports and migrations run as the owner"),
    ):
        call_command("eventstore_import", str(log))
    with hardened.session() as cursor:
        assert cursor.execute(_IMPORTED).fetchone() == (0,)


def test_an_import_by_the_owner_of_a_hardened_store_is_stored(
    hardened: World, tmp_path: Path, copy_of: Callable[[World], World]
) -> None:
    copy = copy_of(hardened)
    owner = replace(copy, role=f"{copy.role}_owner")
    with owner.store():
        call_command("eventstore_import", str(_log(tmp_path)), stdout=StringIO())
    with copy.session() as cursor:
        assert cursor.execute(_IMPORTED).fetchone() == (1,)


_IMPORTED = "SELECT count(*) FROM stored_domain_events WHERE tenant_id = 'imported'"


def _log(folder: Path) -> Path:
    log = folder / "log.jsonl"
    line = {
        "event_id": "i-1",
        "tenant_id": "imported",
        "aggregate_type": "Door",
        "aggregate_id": "front",
        "event_type": "Opened",
        "event_version": "v1",
        "occurred_at": "2026-01-01T00:00:00Z",
        "event_data": {},
        "metadata": {},
    }
    log.write_text(json.dumps(line) + "\n")
    return log


def test_a_hardened_application_adds_to_the_access_log_and_changes_none_of_it(
    hardened: World,
) -> None:
    with hardened.session() as cursor:
        cursor.execute(
            "SELECT right_, has_table_privilege('audit_console_access', right_)"
            "  FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'])"
            "    AS right_"
        )

        assert [name for name, granted in cursor.fetchall() if granted] == [
            "SELECT",
            "INSERT",
        ]


def test_hardening_again_changes_nothing(hardened: World) -> None:
    with hardened.superuser() as cursor:
        before = cursor.execute(_RIGHTS).fetchall()
    assert "Run it again after each migrate" in _harden(hardened, apply=True)
    with hardened.superuser() as cursor:
        assert cursor.execute(_RIGHTS).fetchall() == before


def test_the_printed_script_does_what_applying_does(hardened: World) -> None:
    script = _harden(hardened, print=True)
    with hardened.superuser(autocommit=True) as cursor:
        before = cursor.execute(_RIGHTS).fetchall()
        cursor.execute(script)
        assert cursor.execute(_RIGHTS).fetchall() == before


def test_printing_is_the_default_and_changes_nothing(one_role: World) -> None:
    with one_role.superuser() as cursor:
        before = cursor.execute(_RIGHTS).fetchall()
    assert _harden(one_role, owner_role="some_owner").startswith("BEGIN;")
    with one_role.superuser() as cursor:
        assert cursor.execute(_RIGHTS).fetchall() == before


def test_an_application_that_owns_the_tables_is_told_to_name_another_owner(
    one_role: World,
) -> None:
    with pytest.raises(CommandError, match="--owner-role"):
        _harden(one_role, apply=True)


def test_an_application_cannot_harden_itself(one_role: World) -> None:
    with (
        one_role.store(),
        pytest.raises(CommandError, match="superuser, or give the output of --print"),
    ):
        call_command(
            "eventstore_harden",
            app_role=one_role.role,
            owner_role="some_owner",
            apply=True,
        )


def test_a_login_that_does_not_exist_is_named(hardened: World) -> None:
    with (
        hardened.store(as_superuser=True),
        pytest.raises(CommandError, match="role nobody_here does not exist"),
    ):
        call_command("eventstore_harden", app_role="nobody_here", apply=True)


@pytest.mark.parametrize("attribute", ["SUPERUSER", "CREATEROLE"])
def test_a_login_with_too_much_power_is_not_called_hardened(
    hardened: World, attribute: str
) -> None:
    with hardened.superuser(autocommit=True) as cursor:
        cursor.execute(f'ALTER ROLE "{hardened.role}" {attribute}')
        try:
            with pytest.raises(CommandError, match="the database is not hardened"):
                _harden(hardened, apply=True)
        finally:
            cursor.execute(f'ALTER ROLE "{hardened.role}" NO{attribute}')


@pytest.mark.parametrize("name", ["", "a b", 'a"; DROP', "x" * 64, "$do$", "1st"])
def test_a_name_that_would_need_care_in_sql_is_refused(name: str) -> None:
    with pytest.raises(Exception, match="cannot be used as a role's name"):
        Roles(app=name, owner="o", writer="w", redactor="r")


def test_one_role_cannot_serve_twice() -> None:
    with pytest.raises(Exception, match="four roles"):
        Roles(app="a", owner="o", writer="w", redactor="w")


def test_the_owner_migrates_back_and_forth_and_hardens_again(
    hardened: World, copy_of: Callable[[World], World]
) -> None:
    """As in an upgrade: functions that others own are dropped and made anew."""
    copy = copy_of(hardened)
    owner = replace(copy, role=f"{copy.role}_owner")
    _harden(copy, apply=True)  # a copy does not have the rights on the database itself
    with copy.superuser(autocommit=True) as cursor:
        empty(cursor)
    with owner.store():
        call_command(
            "migrate", "eventstore", "zero", database=copy.database, verbosity=0
        )
        with copy.superuser() as cursor:
            assert cursor.execute(OURS).fetchall() == []
        call_command("migrate", "eventstore", database=copy.database, verbosity=0)
    with copy.store():
        assert "may not SELECT from event_aggregates" in inspection.missing_rights()
        with pytest.raises(NotPermitted, match="eventstore_harden"):
            store.append_event(new_event(), "acme")
    with owner.store():
        call_command(
            "eventstore_harden", app_role=copy.role, apply=True, stdout=StringIO()
        )
    with copy.store():
        assert inspection.missing_rights() == inspection.history_rights() == []
        event = store.append_event(new_event(), "acme")
        store.redact_event(event.event_id, "acme")


def test_reversing_is_refused_while_the_log_has_events(
    world: World, copy_of: Callable[[World], World]
) -> None:
    copy = copy_of(world)
    with copy.store(as_superuser=True):
        with pytest.raises(DatabaseError, match="the log is not empty"):
            call_command(
                "migrate", "eventstore", "zero", database=copy.database, verbosity=0
            )
        assert store.get_event("Ada", "acme").position == PLAIN


def test_hardening_takes_schema_and_database_from_the_application(
    hardened: World,
) -> None:
    with hardened.superuser() as cursor:
        cursor.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database"
            " WHERE datname = current_database()"
        )
        assert cursor.fetchone() == (f"{hardened.role}_owner",)


def test_every_function_is_a_door_or_closed_to_the_application(
    hardened: World,
) -> None:
    with hardened.session() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " AND has_function_privilege(oid, 'EXECUTE') ORDER BY 1"
        )
        assert [row[0] for row in cursor] == sorted(inspection.DOORS)


def test_definers_own_nothing_but_functions(hardened: World) -> None:
    with hardened.superuser() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relowner IN (%s::regrole, %s::regrole)",
            [f"{hardened.role}_writer", f"{hardened.role}_redactor"],
        )
        assert cursor.fetchall() == []


def test_functions_are_closed_to_everybody_from_the_first_migrate_on(
    one_role: World,
) -> None:
    with one_role.superuser() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " AND has_function_privilege('public', oid, 'EXECUTE')"
        )
        assert cursor.fetchall() == []
