from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, connections
from django.test import override_settings
from psycopg import IsolationLevel

from eventstore import event_migrations
from eventstore.checks import check_database

Ask = Callable[..., list[tuple[Any, ...]]]


def _found(**options: Any) -> dict[str | None, CheckMessage]:
    return {
        message.id: message
        for message in run_checks(**options)
        if (message.id or "").startswith("eventstore.")
    }


def _in_database() -> dict[str | None, CheckMessage]:
    return _found(databases=["default"])


def _deployed() -> dict[str | None, CheckMessage]:
    return _found(include_deployment_checks=True)


@pytest.mark.django_db
def test_a_store_as_installed_passes_all_checks() -> None:
    assert _in_database() == {}


def test_without_a_database_named_nothing_connects() -> None:
    assert _found() == {}


@pytest.mark.parametrize(
    "given",
    [
        {"PAGE_SIZ": 10},
        {"PAGE_SIZE": "10"},
        {"PAGE_SIZE": 0},
        ["PAGE_SIZE"],
    ],
)
def test_e001_a_faulty_setting_is_named(given: Any) -> None:
    with override_settings(EVENTSTORE=given):
        assert set(_found()) == {"eventstore.E001"}
        assert "EVENTSTORE" in _found()["eventstore.E001"].msg


def test_e002_an_alias_that_does_not_exist() -> None:
    with override_settings(EVENTSTORE={"DATABASE": "events"}):
        message = _found()["eventstore.E002"]
    assert "'events', which DATABASES does not have" in message.msg
    assert "default" in str(message.hint)


class _To:
    def __init__(self, alias: str) -> None:
        self.alias = alias

    def db_for_write(self, model: Any, **_: Any) -> str | None:
        return self.alias if model._meta.app_label == "eventstore" else None


@override_settings(DATABASE_ROUTERS=[_To("other")])
def test_e002_models_that_are_routed_to_another_database() -> None:
    assert "its models to 'other'" in _found()["eventstore.E002"].msg


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[None]:
    connections.settings["sqlite"] = {
        **connection.settings_dict,
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": tmp_path / "events.sqlite3",
        "OPTIONS": {},
    }
    with override_settings(EVENTSTORE={"DATABASE": "sqlite"}):
        yield
    connections["sqlite"].close()
    del connections["sqlite"]
    del connections.settings["sqlite"]


@pytest.mark.usefixtures("sqlite")
def test_e003_another_database_than_postgresql() -> None:
    assert check_database(databases=["sqlite"]) == []
    message = _found()["eventstore.E003"]
    assert "is sqlite" in message.msg
    assert "PostgreSQL 15" in str(message.hint)


@pytest.mark.parametrize(
    ("level", "ids"),
    [
        (None, set()),
        (IsolationLevel.READ_COMMITTED, set()),
        (IsolationLevel.REPEATABLE_READ, {"eventstore.E004"}),
        (IsolationLevel.SERIALIZABLE, {"eventstore.E004"}),
    ],
)
def test_e004_an_isolation_level_in_the_settings(
    level: IsolationLevel | None, ids: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "isolation_level", level)
    assert set(_found()) == ids


@pytest.mark.django_db(transaction=True)
def test_e004_an_isolation_level_that_the_server_sets(sql: Ask) -> None:
    sql("SET default_transaction_isolation = 'repeatable read'")
    try:
        assert "repeatable read" in _in_database()["eventstore.E004"].msg
    finally:
        sql("RESET default_transaction_isolation")


@pytest.fixture
def gap() -> Iterator[None]:
    event_migrations.register_migration("Gapped", "v1", "v2", dict)
    event_migrations.register_migration("Gapped", "v3", "v4", dict)
    yield
    event_migrations._steps.pop("Gapped")


@pytest.mark.usefixtures("gap")
def test_e005_event_migrations_with_a_gap() -> None:
    assert "Gapped end in different versions" in _found()["eventstore.E005"].msg


@pytest.mark.django_db
def test_e006_a_server_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    # No older server is at hand: the bound is raised instead.
    monkeypatch.setattr("eventstore.checks.OLDEST_POSTGRESQL", 990000)
    assert "The store's server is PostgreSQL" in _in_database()["eventstore.E006"].msg


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "function", "what"),
    [
        (
            "DROP FUNCTION eventstore_redact_v1",
            "eventstore_redact_v1",
            "is missing",
        ),
        (
            (
                "CREATE OR REPLACE FUNCTION eventstore_refuse_v1() RETURNS trigger"
                " LANGUAGE plpgsql AS 'BEGIN END'"
            ),
            "eventstore_refuse_v1",
            "is not the one",
        ),
        (
            "ALTER FUNCTION eventstore_append_one_v1 SECURITY INVOKER",
            "eventstore_append_one_v1",
            "is not the one",
        ),
        (
            "ALTER FUNCTION eventstore_append_many_v1 RESET search_path",
            "eventstore_append_many_v1",
            "is not the one",
        ),
    ],
)
def test_e007_a_function_that_is_not_of_this_release(
    sql: Ask, statement: str, function: str, what: str
) -> None:
    sql(statement)
    message = _in_database()["eventstore.E007"]
    assert f"{function} {what}" in message.msg
    assert f"functions/{function}.sql" in str(message.hint)


_DISABLED = "ENABLE ALWAYS TRIGGER eventstore_guard"
_MISSING = "triggers/guards.sql"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "table", ["stored_domain_events", "event_redactions", "event_aggregates"]
)
@pytest.mark.parametrize(
    ("statement", "what", "hint"),
    [
        ("ALTER TABLE {} DISABLE TRIGGER eventstore_guard", "is disabled", _DISABLED),
        ("ALTER TABLE {} ENABLE TRIGGER eventstore_guard", "not ENABLE", _DISABLED),
        (
            "ALTER TABLE {} ENABLE REPLICA TRIGGER eventstore_guard",
            "not ENABLE",
            _DISABLED,
        ),
        ("DROP TRIGGER eventstore_guard ON {}", "is missing", _MISSING),
        (
            (
                "CREATE OR REPLACE TRIGGER eventstore_guard BEFORE UPDATE OR DELETE"
                " ON {0}"
                " FOR EACH ROW WHEN (false) EXECUTE FUNCTION eventstore_refuse_v1();"
                "ALTER TABLE {0} ENABLE ALWAYS TRIGGER eventstore_guard"
            ),
            "is not the one",
            _MISSING,
        ),
        (
            (
                "CREATE OR REPLACE TRIGGER eventstore_guard BEFORE UPDATE OR DELETE"
                " ON {0}"
                " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();"
                "ALTER TABLE {0} ENABLE ALWAYS TRIGGER eventstore_guard"
            ),
            "is not the one",
            _MISSING,
        ),
    ],
)
def test_e008_a_guard_that_does_not_stand(
    sql: Ask, table: str, statement: str, what: str, hint: str
) -> None:
    sql(statement.format(table))
    message = _in_database()["eventstore.E008"]
    assert f"eventstore_guard of {table}" in message.msg
    assert what in message.msg
    assert hint in str(message.hint)


@pytest.mark.django_db
def test_e008_the_remedy_in_the_hint_mends_a_guard(sql: Ask) -> None:
    sql("ALTER TABLE stored_domain_events DISABLE TRIGGER eventstore_guard")
    hint = str(_in_database()["eventstore.E008"].hint)
    sql(hint.split(";", maxsplit=1)[0])
    assert _in_database() == {}


@pytest.mark.django_db
def test_e009_a_lifted_truncate_guard_outside_a_test_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "eventstore.E009" not in _in_database()
    monkeypatch.setitem(connection.settings_dict, "NAME", "production")
    message = _in_database()["eventstore.E009"]
    assert "eventstore_no_truncate of" in message.msg
    assert "ENABLE ALWAYS TRIGGER eventstore_no_truncate" in str(message.hint)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE RULE forged AS ON INSERT TO event_redactions DO INSTEAD NOTHING",
        "CREATE TABLE forged () INHERITS (stored_domain_events)",
        (
            "CREATE TRIGGER forged BEFORE INSERT ON stored_domain_events FOR EACH ROW"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        ),
    ],
)
def test_e010_rules_child_tables_and_triggers_in_front(
    sql: Ask, statement: str
) -> None:
    sql(statement)
    assert "forged" in _in_database()["eventstore.E010"].msg


@pytest.mark.django_db
def test_w001_commits_that_do_not_wait_for_the_disk(sql: Ask) -> None:
    sql("SET LOCAL synchronous_commit = off")
    message = _in_database()["eventstore.W001"]
    assert "synchronous_commit is off" in message.msg
    sql("SET LOCAL synchronous_commit = local")
    assert _in_database() == {}


@pytest.mark.django_db
def test_w002_a_role_that_lacks_rights_on_new_tables(sql: Ask) -> None:
    sql("CREATE ROLE eventstore_check_role")
    sql("SET LOCAL ROLE eventstore_check_role")
    message = _in_database()["eventstore.W002"]
    assert "may not SELECT from" in message.msg
    assert "eventstore_harden" in str(message.hint)


@pytest.mark.django_db
def test_w003_a_role_that_could_rewrite_history() -> None:
    message = _deployed()["eventstore.W003"]
    assert "could rewrite history" in message.msg
    assert "eventstore_harden --app-role" in str(message.hint)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "right"),
    [
        (
            "GRANT UPDATE (event_data) ON stored_domain_events TO {}",
            "may UPDATE stored_domain_events",
        ),
        ("GRANT INSERT ON event_redactions TO {}", "may INSERT event_redactions"),
        ("GRANT TRUNCATE ON event_aggregates TO {}", "may TRUNCATE event_aggregates"),
        (
            "GRANT UPDATE ON SEQUENCE stored_domain_events_position_seq TO {}",
            "may set the sequence",
        ),
        (
            "GRANT EXECUTE ON FUNCTION eventstore_store_events_v1 TO {}",
            "may call eventstore_store_events_v1()",
        ),
        ("GRANT pg_write_all_data TO {}", "may DELETE"),
        ("ALTER ROLE {} CREATEROLE", "may create roles"),
        ("ALTER ROLE {} SUPERUSER", "is a superuser"),
        ("ALTER TABLE event_redactions OWNER TO {}", "the owner of event_redactions"),
        (
            "ALTER FUNCTION eventstore_redact_v1 OWNER TO {}",
            "the owner of eventstore_redact_v1()",
        ),
        ("ALTER SCHEMA public OWNER TO {}", "the owner of the schema public"),
    ],
)
def test_w003_names_each_right_by_which_history_could_change(
    sql: Ask, statement: str, right: str
) -> None:
    sql("CREATE ROLE eventstore_check_role")
    sql(statement.format("eventstore_check_role"))
    sql("SET LOCAL ROLE eventstore_check_role")
    assert right in _deployed()["eventstore.W003"].msg


@pytest.mark.django_db
def test_w004_a_role_that_could_write_beside_the_store(sql: Ask) -> None:
    sql("CREATE ROLE eventstore_check_role")
    sql("SET LOCAL ROLE eventstore_check_role")
    found = _deployed()
    assert "eventstore.W003" not in found
    assert "may create temporary tables" in found["eventstore.W004"].msg


@pytest.mark.django_db
def test_migrate_is_not_kept_from_installing_what_it_has_not_yet(sql: Ask) -> None:
    sql("DELETE FROM django_migrations WHERE app = 'eventstore'")
    sql("DROP FUNCTION eventstore_redact_v1")
    assert _in_database() == {}


@pytest.mark.django_db
def test_an_empty_database_passes(sql: Ask) -> None:
    sql("CREATE SCHEMA empty")
    sql("SET LOCAL search_path = empty")
    assert _in_database() == _deployed() == {}


@pytest.mark.django_db
def test_the_command_fails_on_a_lost_guard(sql: Ask) -> None:
    sql("DROP TRIGGER eventstore_guard ON stored_domain_events")
    with pytest.raises(SystemCheckError, match=r"eventstore\.E008"):
        call_command("check", databases=["default"])


@pytest.fixture
def unreachable() -> Iterator[None]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused at once
        connections.settings["nowhere"] = {
            **connection.settings_dict,
            "HOST": "127.0.0.1",
            "PORT": taken.getsockname()[1],
        }
        with override_settings(
            EVENTSTORE={"DATABASE": "nowhere"}, DATABASE_ROUTERS=[_To("nowhere")]
        ):
            yield
    del connections["nowhere"]
    del connections.settings["nowhere"]


@pytest.mark.usefixtures("unreachable")
def test_i001_a_database_that_cannot_be_reached_is_said_and_breaks_nothing(
    django_db_blocker: Any,
) -> None:
    with django_db_blocker.unblock():
        found = [*check_database(databases=["nowhere"]), *_deployed().values()]
    assert [message.id for message in found] == ["eventstore.I001"] * 2
    assert not found[0].is_serious()
