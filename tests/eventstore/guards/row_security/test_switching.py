"""``eventstore_rls`` and the checks that look after what it has made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.test import override_settings

from eventstore.hardening import policies
from tests.eventstore.guards.conftest import World
from tests.eventstore.guards.row_security.conftest import (
    in_scope,
    role_of,
    switch,
    switch_on,
    tenants_seen,
)

_POLICIES = """
SELECT tablename, policyname, roles, cmd, qual, with_check, c.relrowsecurity
  FROM pg_policies AS p
  JOIN pg_class AS c ON c.oid = format('%I.%I', schemaname, tablename)::regclass
 ORDER BY 1, 2
"""


def _policies(world: World) -> list[tuple[object, ...]]:
    with world.superuser() as cursor:
        return cursor.execute(_POLICIES).fetchall()


def _on(world: World, **options: object) -> None:
    switch(world, "on", **{"app_role": world.role, **options})


class _To:
    """Routes the models of the store to where it is."""

    def __init__(self, database: str) -> None:
        self.database = database

    def db_for_write(self, _model: object, **_: object) -> str:
        return self.database


def _found(world: World, **options: Any) -> dict[str | None, str]:
    with world.store(), override_settings(DATABASE_ROUTERS=[_To(world.database)]):
        messages = run_checks(databases=[world.database], **options)
    return {message.id: message.msg for message in messages}


def test_every_table_that_names_a_tenant_is_covered_or_decides_the_scope(
    walled: World,
) -> None:
    with walled.superuser() as cursor:
        named = tenants_seen(
            cursor,
            "SELECT c.relname FROM pg_class AS c JOIN pg_attribute AS a"
            " ON a.attrelid = c.oid AND a.attname = 'tenant_id'"
            " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
            " AND NOT starts_with(c.relname, 'eventstore_import')"
            # Counts and saved searches, no events: its pages look up the grants.
            " AND NOT starts_with(c.relname, 'audit_console')",
        )
    assert named <= policies.covered_tables().keys() | policies.DECIDES_THE_SCOPE


def test_switching_on_again_changes_nothing(walled: World) -> None:
    before = _policies(walled)
    assert "Run it again after each migrate" in switch_on(walled)
    assert _policies(walled) == before


def test_the_printed_sql_does_what_switching_on_does(walled: World) -> None:
    before = _policies(walled)
    script = switch(
        walled, "sql", app_role=walled.role, all_tenants_role=[f"{walled.role}_worker"]
    )
    with walled.superuser(autocommit=True) as cursor:
        cursor.execute(script)
    assert _policies(walled) == before


def test_the_owner_switches_it_on_and_off(
    walled: World, copy_of: Callable[[World], World]
) -> None:
    copy = copy_of(walled)
    with role_of(copy, "_owner").store():
        for act in ("off", "on"):
            call_command("eventstore_rls", act, app_role=copy.role, stdout=StringIO())
            with copy.session() as cursor:
                seen = tenants_seen(cursor, "SELECT tenant_id FROM event_aggregates")
                assert bool(seen) == (act == "off")


def test_switching_off_leaves_no_policy(
    walled: World, copy_of: Callable[[World], World]
) -> None:
    copy = copy_of(walled)
    assert "is off" in switch(copy, "off")
    assert _policies(copy) == []
    assert "stored_domain_events: off" in switch(copy, "status")


def test_the_application_cannot_switch_anything(walled: World) -> None:
    for act in ("on", "off"):
        with walled.store(), pytest.raises(CommandError, match="Nothing was changed"):
            call_command("eventstore_rls", act, app_role=walled.role)


def test_without_a_role_the_command_asks_for_one(walled: World) -> None:
    with pytest.raises(CommandError, match="--app-role"):
        switch(walled, "on")


def test_an_application_that_owns_the_tables_is_refused_and_told_what_to_do(
    one_role: World,
) -> None:
    with pytest.raises(CommandError, match="eventstore_harden"):
        _on(one_role)
    assert _policies(one_role) == []


def test_an_owner_of_functions_is_refused(walled: World) -> None:
    with pytest.raises(CommandError, match="owns tables or functions"):
        _on(walled, app_role=f"{walled.role}_writer")


def test_a_role_that_is_not_there_is_named(walled: World) -> None:
    with pytest.raises(CommandError, match="role nobody_here does not exist"):
        _on(walled, app_role="nobody_here")


def test_a_role_that_would_see_everything_anyway_is_refused(walled: World) -> None:
    with pytest.raises(CommandError, match="whom the policies let through"):
        _on(walled, all_tenants_role=[walled.role])


@pytest.mark.parametrize("attribute", ["SUPERUSER", "BYPASSRLS"])
def test_a_role_that_no_policy_binds_is_refused(walled: World, attribute: str) -> None:
    before = _policies(walled)
    with _given(walled, attribute):
        with pytest.raises(CommandError, match="a superuser or has BYPASSRLS"):
            _on(walled)
        assert "eventstore.W005" in _found(walled, include_deployment_checks=True)
    assert _policies(walled) == before


def test_a_member_of_the_owner_is_refused(walled: World) -> None:
    with walled.superuser(autocommit=True) as cursor:
        cursor.execute(f'GRANT "{walled.role}_owner" TO "{walled.role}"')
        try:
            with pytest.raises(CommandError, match="a member of"):
                _on(walled)
        finally:
            cursor.execute(f'REVOKE "{walled.role}_owner" FROM "{walled.role}"')


@contextmanager
def _given(world: World, attribute: str) -> Iterator[None]:
    with world.superuser(autocommit=True) as cursor:
        cursor.execute(f'ALTER ROLE "{world.role}" {attribute}')
        try:
            yield
        finally:
            cursor.execute(f'ALTER ROLE "{world.role}" NO{attribute}')


def test_a_wall_as_it_should_be_passes_the_checks(walled: World) -> None:
    for world in (walled, role_of(walled, "_worker")):
        found = _found(world, include_deployment_checks=True)
        assert not found.keys() & {"eventstore.E011", "eventstore.W005"}


def test_the_status_names_who_sees_what(walled: World) -> None:
    with walled.store():
        out = StringIO()
        call_command("eventstore_rls", "status", stdout=out)
    assert f"stored_domain_events: on: {walled.role} by scope" in out.getvalue()
    assert "does not bind" not in out.getvalue()
    assert "does not bind the role of this connection" in switch(walled, "status")


def test_e011_a_table_that_a_migration_has_added_has_no_policies(
    walled: World, copy_of: Callable[[World], World]
) -> None:
    copy = copy_of(walled)
    with copy.superuser(autocommit=True) as cursor:
        cursor.execute("ALTER TABLE event_failures DISABLE ROW LEVEL SECURITY")
    assert "event_failures has no policies" in _found(copy)["eventstore.E011"]
    with pytest.raises(CommandError, match="event_failures has no policies"):
        switch(copy, "status")
    switch_on(copy)
    assert "eventstore.E011" not in _found(copy)


def test_e011_functions_that_changed_hands_see_nothing(
    walled: World, copy_of: Callable[[World], World]
) -> None:
    copy = copy_of(walled)
    writer = f"{walled.role}_writer"
    with copy.superuser(autocommit=True) as cursor:
        cursor.execute(
            "ALTER POLICY eventstore_all ON event_aggregates"
            f' TO "{walled.role}_redactor"'
        )
    assert f"event_aggregates is closed to {writer}" in _found(copy)["eventstore.E011"]


def test_hardening_again_leaves_the_wall_as_it_is(walled: World) -> None:
    before = _policies(walled)
    with walled.store(as_superuser=True):
        call_command(
            "eventstore_harden", app_role=walled.role, apply=True, stdout=StringIO()
        )
    assert _policies(walled) == before
    with in_scope(walled, "globex") as cursor:
        assert tenants_seen(cursor, "SELECT tenant_id FROM event_aggregates") == {
            "globex"
        }


def test_a_dump_by_the_owner_is_whole(walled: World) -> None:
    """Without FORCE the owner passes: pg_dump and redactions need it."""
    owner = replace(walled, role=f"{walled.role}_owner")
    with owner.session() as cursor:
        cursor.execute("SET row_security = off")
        assert "globex" in tenants_seen(
            cursor, "SELECT tenant_id FROM stored_domain_events"
        )


def test_json_is_marked_as_leakproof_only_when_asked_for(
    walled: World, copy_of: Callable[[World], World]
) -> None:
    copy = copy_of(walled)
    assert "Indexes on metadata: unused" in switch(copy, "status")
    _on(copy, leakproof_json=True)
    assert "Indexes on metadata: used" in switch(copy, "status")


def test_only_a_superuser_marks_json_as_leakproof(walled: World) -> None:
    with (
        role_of(walled, "_owner").store(),
        pytest.raises(CommandError, match="Nothing was changed"),
    ):
        call_command("eventstore_rls", "on", app_role=walled.role, leakproof_json=True)
