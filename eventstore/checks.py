"""System checks: each says what is wrong and, in its hint, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register  # noqa: A004 - Django's name
from django.db import OperationalError, connections, router
from django.db.migrations.loader import MigrationLoader
from psycopg import IsolationLevel

from eventstore.conf import find_faults, store_settings
from eventstore.hardening import inspection, policies
from eventstore.hardening.test_databases import is_test_database
from eventstore.upcasting import event_migrations

OLDEST_POSTGRESQL = 150000
_HARDEN = (
    "Connect as a role of its own and run `manage.py eventstore_harden --app-role "
    "ROLE`; see docs/reference/privileges.md."
)


@register()
def check_settings(**_: Any) -> list[CheckMessage]:
    """E001: a setting is unknown, of the wrong type, or out of range."""
    return [
        Error(
            fault,
            hint="Correct EVENTSTORE in the settings; unset keys have defaults.",
            id="eventstore.E001",
        )
        for fault in find_faults(getattr(settings, "EVENTSTORE", {}))
    ]


@register()
def check_alias(**_: Any) -> list[CheckMessage]:
    """E002 to E004: the store's alias is no database that can keep the promises."""
    if check_settings():
        return []
    alias = store_settings().DATABASE
    if alias not in connections:
        return [
            Error(
                f"EVENTSTORE['DATABASE'] is {alias!r}, which DATABASES does not have.",
                hint=f"Name one of {', '.join(connections)}.",
                id="eventstore.E002",
            )
        ]
    if connections[alias].vendor != "postgresql":
        return [
            Error(
                f"The store's database {alias!r} is {connections[alias].vendor}.",
                hint="Use PostgreSQL 15 or newer: the guards of history live there.",
                id="eventstore.E003",
            )
        ]
    return _check_isolation_setting(alias) + _check_routing(alias)


@register()
def check_event_migrations(**_: Any) -> list[CheckMessage]:
    """E005: steps of event migrations do not form chains."""
    return [
        Error(
            fault,
            hint="Register the missing step, or let the steps end in one version.",
            id="eventstore.E005",
        )
        for fault in event_migrations.find_faults()
    ]


@register(Tags.database)
def check_database(
    *, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """E006 to E011, W001, W002: server, functions, guards, rights, policies."""
    if check_alias() or check_settings():
        return []
    if store_settings().DATABASE not in (databases or ()):
        return []
    return _look(_check_database)


@register(Tags.security, deploy=True)
def check_role(
    *, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """W003 to W005: the role could rewrite history, write beside it, see too much."""
    if check_alias() or check_settings():
        return []
    if databases is not None and store_settings().DATABASE not in databases:
        return []
    return _look(_check_role)


def _check_isolation_setting(alias: str) -> list[CheckMessage]:
    level = connections[alias].settings_dict["OPTIONS"].get("isolation_level")
    if level in (None, IsolationLevel.READ_COMMITTED):
        return []
    return [
        Error(
            f"The isolation_level of {alias!r} is {level!r}: appends and ordered reads "
            "refuse all but READ COMMITTED.",
            hint="Take isolation_level from its OPTIONS, or give the store an alias.",
            id="eventstore.E004",
        )
    ]


def _check_routing(alias: str) -> list[CheckMessage]:
    from eventstore.models import StoredEvent  # noqa: PLC0415 - the apps come first

    routed = router.db_for_write(StoredEvent)
    if routed == alias:
        return []
    return [
        Error(
            f"The store writes to {alias!r}, its models to {routed!r}: appended events "
            "would not be found in queries.",
            hint=f"Route the app eventstore to {alias!r} in DATABASE_ROUTERS.",
            id="eventstore.E002",
        )
    ]


def _look(check: Callable[[], Iterable[CheckMessage]]) -> list[CheckMessage]:
    """Return what ``check`` finds; a database that cannot be reached breaks nothing."""
    try:
        return list(check())
    except OperationalError as error:
        return [
            Info(
                f"The store's database was not looked at: {error}",
                hint="Run the check again where the database can be reached.",
                id="eventstore.I001",
            )
        ]


def _check_database() -> Iterable[CheckMessage]:
    server = inspection.server()
    yield from _check_server(server)
    if not server.has_tables or server.version < OLDEST_POSTGRESQL:
        return
    missing = inspection.missing_rights()
    if missing:
        yield Warning(
            f"The role of this connection {_some(missing)}.",
            hint="Run `manage.py eventstore_harden` again, as after each migrate.",
            id="eventstore.W002",
        )
    # A migrate is preceded by this check, which must not keep it from mending things.
    elif _is_migrated():
        yield from _check_functions()
        yield from _check_guards()
        yield from _check_policies()


def _check_server(server: inspection.Server) -> Iterable[CheckMessage]:
    if server.version < OLDEST_POSTGRESQL:
        yield Error(
            f"The store's server is PostgreSQL {server.version // 10000}.",
            hint="Use PostgreSQL 15 or newer.",
            id="eventstore.E006",
        )
    if server.isolation != "read committed":
        yield Error(
            f"Transactions of the store's connection are {server.isolation}.",
            hint="Set default_transaction_isolation back to read committed for the "
            "database and the role.",
            id="eventstore.E004",
        )
    off = [
        name
        for name, value in zip(server._fields[2:4], server[2:4], strict=True)
        if value == "off"
    ]
    for name in off:
        yield Warning(
            f"{name} is off: a crash can take back events that were already seen, and "
            "give their positions to others.",
            hint=f"Set {name} to on for the server, the database and the role.",
            id="eventstore.W001",
        )


def _check_functions() -> Iterable[CheckMessage]:
    for name, what in inspection.function_faults():
        yield Error(
            f"The function {name} {what}.",
            hint="Find out who changed it; install it as in the package's "
            f"eventstore/sql/schema/functions/{name}.sql.",
            id="eventstore.E007",
        )


def _check_guards() -> Iterable[CheckMessage]:
    alias = store_settings().DATABASE
    is_test = is_test_database(connections[alias])
    for guard, what in inspection.guard_faults():
        is_lifted = guard.trigger == inspection.NO_TRUNCATE and what == "is disabled"
        if is_lifted and is_test:
            continue
        yield Error(
            f"The guard {guard.trigger} of {guard.table} {what}: history can be "
            "changed.",
            hint=_mend(guard, what)
            + " Then find out since when, and verify what was stored.",
            id="eventstore.E009" if is_lifted else "eventstore.E008",
        )
    for table, what in inspection.detours():
        yield Error(
            f"{table} has a {what}: statements and reads are led astray.",
            hint="Drop it; nothing of the store makes one.",
            id="eventstore.E010",
        )


def _check_policies() -> Iterable[CheckMessage]:
    gaps = policies.gaps(policies.status())
    if gaps:
        yield Error(
            f"Row-level security is on, but {_some(gaps)}.",
            hint="Run `manage.py eventstore_rls on` again, as after each migrate.",
            id="eventstore.E011",
        )


def _mend(guard: inspection.Guard, what: str) -> str:
    if what.startswith(("is disabled", "is not ENABLE ALWAYS")):
        return (
            f"ALTER TABLE {guard.table} ENABLE ALWAYS TRIGGER {guard.trigger};"
            " (a restore with --disable-triggers leaves it so)."
        )
    return (
        "Create it as in the package's eventstore/sql/schema/triggers/guards.sql, with "
        "ENABLE ALWAYS."
    )


def _check_role() -> Iterable[CheckMessage]:
    if not inspection.server().has_tables:
        return
    if any(state.is_on and not state.binds for state in policies.status()):
        yield Warning(
            "Row-level security is on and does not bind the role of this connection.",
            hint="Connect as the role that `manage.py eventstore_rls status` names: "
            "owners, superusers and roles with BYPASSRLS pass every policy.",
            id="eventstore.W005",
        )
    history = inspection.history_rights()
    if history:
        yield Warning(
            f"The role of this connection could rewrite history: it {_some(history)}.",
            hint=_HARDEN,
            id="eventstore.W003",
        )
        return
    spare = inspection.spare_rights()
    if spare:
        yield Warning(
            f"The role of this connection {_some(spare)}.",
            hint=_HARDEN,
            id="eventstore.W004",
        )


def _some(items: list[str], at_most: int = 4) -> str:
    more = len(items) - at_most
    return ", ".join(items[:at_most]) + (f" and {more} more" if more > 0 else "")


def _is_migrated() -> bool:
    connection = connections[store_settings().DATABASE]
    loader = MigrationLoader(connection)
    applied: Iterable[Any] = loader.applied_migrations or ()
    return all(leaf in applied for leaf in loader.graph.leaf_nodes("eventstore"))
