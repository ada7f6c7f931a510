"""The application's own SQL, inside a scope and without one, against the policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from eventstore.hardening import policies
from tests.eventstore.guards.conftest import World
from tests.eventstore.guards.row_security.conftest import (
    TENANTS,
    in_scope,
    set_scope,
    tenants_seen,
)

Cursor = psycopg.Cursor[Any]

EVERYBODY = "SELECT tenant_id FROM stored_domain_events"


@pytest.mark.parametrize("table", sorted(policies.covered_tables()))
def test_without_a_scope_a_table_shows_nothing(walled: World, table: str) -> None:
    with walled.session() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone() == (0,)


def test_an_empty_setting_shows_nothing(walled: World) -> None:
    with walled.session() as cursor:
        cursor.execute("SET LOCAL eventstore.tenants = ''")
        assert tenants_seen(cursor, EVERYBODY) == set()


def test_a_scope_of_no_tenant_shows_nothing(walled: World) -> None:
    with in_scope(walled) as cursor:
        assert tenants_seen(cursor, EVERYBODY) == set()


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_scope_shows_its_own_tenant_whatever_its_name(
    walled: World, tenant: str
) -> None:
    with in_scope(walled, tenant) as cursor:
        assert tenants_seen(cursor, EVERYBODY) == {tenant}


@pytest.mark.parametrize(
    "setting",
    ["initech", "initech,globex", '{"initech', "{initech}{globex}", "{initech},globex"],
)
def test_a_setting_that_is_no_array_is_an_error_and_shows_nothing(
    walled: World, setting: str
) -> None:
    with walled.session() as cursor:
        cursor.execute("SELECT set_config('eventstore.tenants', %s, true)", [setting])
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            cursor.execute(EVERYBODY)


def test_a_null_in_the_scope_is_no_wildcard(walled: World) -> None:
    with walled.session() as cursor:
        cursor.execute("SET LOCAL eventstore.tenants = '{NULL,initech}'")
        assert tenants_seen(cursor, EVERYBODY) == {"initech"}


@pytest.mark.parametrize(
    "query",
    [
        f"{EVERYBODY} UNION ALL {EVERYBODY}",
        f"{EVERYBODY} WHERE tenant_id = 'globex' OR true",
        f"SELECT * FROM ({EVERYBODY} OFFSET 0) AS q",
        f"WITH q AS MATERIALIZED ({EVERYBODY}) SELECT * FROM q",
        (
            "SELECT a.tenant_id FROM event_aggregates AS a"
            " LEFT JOIN stored_domain_events AS e ON true"
        ),
        (
            "SELECT e.tenant_id FROM event_snapshots AS s"
            " RIGHT JOIN stored_domain_events AS e ON e.tenant_id <> s.tenant_id"
        ),
        (
            "SELECT q.t FROM unnest(ARRAY['initech', 'globex']) AS n(t), LATERAL ("
            "SELECT tenant_id FROM stored_domain_events WHERE tenant_id = n.t) AS q(t)"
        ),
        (
            "SELECT t FROM unnest(ARRAY['initech', 'globex']) AS n(t) WHERE EXISTS ("
            "SELECT FROM stored_domain_events WHERE tenant_id = n.t)"
        ),
        "SELECT max(tenant_id) OVER () FROM stored_domain_events",
        "SELECT DISTINCT min(tenant_id) FROM stored_domain_events GROUP BY position",
        "SELECT tenant_id FROM ONLY stored_domain_events TABLESAMPLE SYSTEM (100)",
        "SELECT tenant_id FROM stored_domain_events WHERE ctid >= '(0,0)'",
        (
            "SELECT tenant_id FROM stored_domain_events WHERE position > 0"
            " ORDER BY position DESC"
        ),
        "SELECT tenant_id FROM event_snapshots",
        "SELECT tenant_id FROM event_aggregates",
        (
            "SELECT (jsonb_populate_record(NULL::stored_domain_events, to_jsonb(e)))"
            ".tenant_id FROM stored_domain_events AS e"
        ),
    ],
)
def test_no_shape_of_a_query_leads_out_of_the_scope(inside: Cursor, query: str) -> None:
    assert tenants_seen(inside, query) == {"initech"}


def test_xml_that_runs_a_query_stays_in_the_scope(inside: Cursor) -> None:
    try:
        inside.execute("SELECT query_to_xml(%s, true, false, '')::text", [EVERYBODY])
    except psycopg.errors.FeatureNotSupported:
        # The embedded server is built without libxml, and so has no such way out.
        return
    [(text,)] = inside.fetchall()
    assert "initech" in text
    assert "globex" not in text


@pytest.mark.parametrize("what", [f"({EVERYBODY})", "stored_domain_events"])
def test_copy_out_stays_in_the_scope(inside: Cursor, what: str) -> None:
    with inside.copy(f"COPY {what} TO STDOUT") as copy:
        text = b"".join(copy).decode()
    assert "initech" in text
    assert "globex" not in text


def test_explain_runs_within_the_scope(inside: Cursor) -> None:
    inside.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {EVERYBODY}")
    [([plan],)] = inside.fetchall()
    assert plan["Plan"]["Actual Rows"] == 1


def test_an_error_in_a_filter_tells_nothing_of_hidden_rows(inside: Cursor) -> None:
    """The policy is asked before anything that could tell what it was given."""
    inside.execute(
        "SELECT count(*) FROM stored_domain_events"
        " WHERE 1 / (CASE WHEN tenant_id = 'initech' THEN 1 ELSE 0 END) = 1"
    )
    assert inside.fetchone() == (1,)


@pytest.mark.parametrize("plan", ["force_generic_plan", "force_custom_plan"])
def test_a_prepared_statement_follows_the_scope_of_its_transaction(
    inside: Cursor, plan: str
) -> None:
    inside.execute(f"SET LOCAL plan_cache_mode = {plan}")
    inside.execute(f"PREPARE everybody AS {EVERYBODY}")
    for tenant in TENANTS:
        set_scope(inside, tenant)
        assert tenants_seen(inside, "EXECUTE everybody") == {tenant}
    inside.execute("SET LOCAL eventstore.tenants = ''")
    assert tenants_seen(inside, "EXECUTE everybody") == set()


def test_deleting_snapshots_stays_in_the_scope(walled: World) -> None:
    with in_scope(walled, "initech") as cursor:
        cursor.execute("DELETE FROM event_snapshots")
        assert cursor.rowcount == 1


def test_a_row_cannot_be_written_into_another_tenant(inside: Cursor) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level"):
        inside.execute(
            "INSERT INTO event_webhooks (tenant_id, url) VALUES ('globex', 'x')"
        )


def test_a_row_cannot_be_moved_into_another_tenant(inside: Cursor) -> None:
    inside.execute(
        "INSERT INTO event_webhooks (tenant_id, url) VALUES ('initech', 'x')"
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level"):
        inside.execute("UPDATE event_webhooks SET tenant_id = 'globex'")


def test_what_belongs_to_a_webhook_is_seen_with_it(walled: World) -> None:
    with in_scope(walled, "globex") as cursor:
        cursor.execute(
            "INSERT INTO event_webhooks (tenant_id, url) VALUES ('globex', 'x')"
            " RETURNING id"
        )
        found = cursor.fetchone()
        assert found is not None
        secret = (
            "INSERT INTO event_webhook_secrets (endpoint_id, secret) VALUES (%s, 's')"
        )
        cursor.execute(secret, found)
        see = "SELECT secret FROM event_webhook_secrets"
        assert tenants_seen(cursor, see) == {"s"}
        set_scope(cursor, "initech")
        assert tenants_seen(cursor, see) == set()
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level"):
            cursor.execute(secret, found)


def _policies_dropped(cursor: Cursor) -> None:
    cursor.execute("DROP POLICY eventstore_scope ON stored_domain_events")


def _policy_added(cursor: Cursor) -> None:
    cursor.execute("CREATE POLICY mine ON stored_domain_events USING (true)")


def _switched_off(cursor: Cursor) -> None:
    cursor.execute("ALTER TABLE stored_domain_events DISABLE ROW LEVEL SECURITY")


def _other_role(cursor: Cursor) -> None:
    [(name,)] = cursor.execute("SELECT current_user").fetchall()
    cursor.execute(f'SET ROLE "{name}_worker"')


def _setting_ignored(cursor: Cursor) -> None:
    cursor.execute("SET LOCAL row_security = off")
    cursor.execute(EVERYBODY)


def _view(cursor: Cursor) -> None:
    cursor.execute(f"CREATE TEMPORARY VIEW everybody AS {EVERYBODY}")


def _leaky_function(cursor: Cursor) -> None:
    cursor.execute(
        "CREATE FUNCTION pg_temp.tell(t text) RETURNS boolean COST 0.001"
        " LANGUAGE plpgsql AS $$BEGIN RAISE NOTICE '%', t; RETURN true; END$$"
    )


def _other_samples(cursor: Cursor) -> None:
    cursor.execute("SELECT stavalues1 FROM pg_statistic")


@pytest.mark.parametrize(
    "attack",
    [
        _policies_dropped,
        _policy_added,
        _switched_off,
        _other_role,
        _setting_ignored,
        _view,
        _leaky_function,
        _other_samples,
    ],
    ids=lambda attack: attack.__name__.strip("_"),
)
def test_the_wall_itself_is_not_the_application_s_to_change(
    inside: Cursor, attack: Callable[[Cursor], None]
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        attack(inside)


def test_samples_of_columns_are_hidden_from_a_confined_role(walled: World) -> None:
    with walled.superuser(autocommit=True) as cursor:
        cursor.execute("ANALYZE stored_domain_events")
        see = "SELECT tablename FROM pg_stats WHERE tablename = 'stored_domain_events'"
        assert tenants_seen(cursor, see)
    with in_scope(walled, *TENANTS) as cursor:
        assert tenants_seen(cursor, see) == set()


def test_a_view_that_asks_as_its_caller_stays_in_the_scope(walled: World) -> None:
    """One of the owner's is a hole of the host's making: the how-to says so."""
    with walled.superuser() as cursor:
        for view, kind in (("careful", "WITH (security_invoker)"), ("careless", "")):
            cursor.execute(f"CREATE VIEW {view} {kind} AS {EVERYBODY}")
            cursor.execute(f'ALTER VIEW {view} OWNER TO "{walled.role}_owner"')
            cursor.execute(f'GRANT SELECT ON {view} TO "{walled.role}"')
        cursor.execute(f'SET LOCAL ROLE "{walled.role}"')
        set_scope(cursor, "initech")
        assert tenants_seen(cursor, "TABLE careful") == {"initech"}
        assert "globex" in tenants_seen(cursor, "TABLE careless")


def test_a_role_that_sets_the_scope_itself_sees_what_it_names(inside: Cursor) -> None:
    """No wall against hostile SQL: the how-to says so."""
    set_scope(inside, "globex")
    assert tenants_seen(inside, EVERYBODY) == {"globex"}


def test_containment_tells_no_position_of_others_in_a_scope(inside: Cursor) -> None:
    assert tenants_seen(inside, _CONTAINED) == set()


def test_containment_outside_of_a_scope_tells_positions_and_no_rows(
    walled: World,
) -> None:
    """It believes the tenants that it is given: the how-to says so."""
    with walled.session() as cursor:
        positions = tenants_seen(cursor, _CONTAINED)
        assert positions
        rows = "SELECT position FROM stored_domain_events WHERE position = ANY (%s)"
        assert tenants_seen(cursor, rows, list(positions)) == set()


_CONTAINED = (
    "SELECT event_position FROM eventstore_contains_v1("
    "ARRAY['globex'], '{}', 0, 10000, 10)"
)
