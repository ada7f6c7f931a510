"""Row-level security: which tables it covers, its SQL, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.apps import apps
from django.db import transaction
from psycopg import sql as quoting

from eventstore import sql
from eventstore.conf import store_settings
from eventstore.exceptions import EventStoreError
from eventstore.hardening.roles import check_name

if TYPE_CHECKING:
    from collections.abc import Sequence

_TENANTS = "NULLIF(current_setting('eventstore.tenants', true), '')::text[]"
_OWN = f"tenant_id = ANY ({_TENANTS})"
#: Tables that belong to a webhook, and by it to a tenant.
_OF_WEBHOOKS = ("event_webhook_attempts", "event_webhook_secrets")
#: They say what the scope is, so they are read before there is one.
DECIDES_THE_SCOPE = frozenset({"eventstore_tenant_grants"})
SUBSCRIPTIONS = "event_subscriptions"


class TableState(NamedTuple):
    """How one table stands.

    Attributes:
        table: its name.
        is_on: whether policies are asked at all.
        binds: whether they bind the role of this connection.
        confined: the roles that see their scope alone.
        all_tenants: the roles that see everything.
    """

    table: str
    is_on: bool
    binds: bool
    confined: Sequence[str]
    all_tenants: Sequence[str]

    @property
    def is_whole(self) -> bool:
        """Return whether row-level security is on and has its policies."""
        return self.is_on and bool(self.confined) and bool(self.all_tenants)


@dataclass(frozen=True, kw_only=True)
class Readers:
    """Whom the policies are for: roles of the cluster.

    Attributes:
        app: the login of the web process, confined to the scope of its transaction.
        all_tenants: the roles that see everything: the logins of workers and auditors,
            and the owners of the store's tables and functions.
    """

    app: str
    all_tenants: Sequence[str]


def choose_readers(app: str, all_tenants: Sequence[str] = ()) -> Readers:
    """Return the roles for the policies, with the owners of the store's functions.

    Raises:
        EventStoreError: a name cannot be used, or ``app`` owns tables or functions.
        NotInstalled: the store's tables are not there yet.
    """
    for name in (app, *all_tenants):
        check_name(name)
    owners = [str(owner) for owner in sql.fetch_one("owners") or ()]
    if app in owners:
        raise EventStoreError(
            f"Role {app} owns tables or functions of the store, and no policy binds an "
            "owner: give the web process a login of its own with `manage.py "
            "eventstore_harden`, then switch row-level security on."
        )
    return Readers(app=app, all_tenants=tuple(dict.fromkeys((*owners, *all_tenants))))


def covered_tables() -> dict[str, str]:
    """Return each table that names a tenant, and which of its rows are in scope."""
    found = {
        model._meta.db_table: _OWN  # noqa: SLF001 - Django's documented API of models
        for model in apps.get_app_config("eventstore").get_models()
        if any(
            field.name == "tenant_id"
            for field in model._meta.concrete_fields  # noqa: SLF001 - as above
        )
    }
    through_webhook = (
        "EXISTS (SELECT FROM {schema}.event_webhooks AS w WHERE w.id = endpoint_id)"
    )
    found |= dict.fromkeys(_OF_WEBHOOKS, through_webhook)
    return {name: found[name] for name in sorted(found.keys() - DECIDES_THE_SCOPE)}


def switch_on(readers: Readers, *, leakproof_json: bool = False) -> str:
    """Return the statements that switch it on, or bring it up to date.

    Args:
        readers: whom the policies are for.
        leakproof_json: also tell PostgreSQL that taking a key out of JSON leaks
            nothing, so that the indexes on metadata keep their use; for a superuser,
            and for the whole database.
    """
    tables = covered_tables()
    parts = [_fill("check", readers)]
    for table, in_scope in tables.items():
        parts.append(_fill("table", readers, table=table, in_scope=in_scope))
        if table == SUBSCRIPTIONS:
            parts.append(_fill("shared", readers, table=table))
    if leakproof_json:
        parts.append(_fill("leakproof"))
    return _safely(parts)


def switch_off() -> str:
    """Return the statements that take all of it away."""
    return _safely([_fill("off", table=table) for table in covered_tables()])


def run(statements: str) -> None:
    """Run the statements, all or none.

    Raises:
        django.db.Error: this connection's role may not do it, or the application's
            role cannot be confined.
    """
    with transaction.atomic(using=store_settings().DATABASE):
        sql.run_script(statements)


def status() -> list[TableState]:
    """Return how each table that should be covered stands, none where it is missing."""
    rows = sql.fetch_all("row_security", [list(covered_tables())])
    return [TableState(*row) for row in rows]


def gaps(states: Sequence[TableState]) -> list[str]:
    """Return what is missing of the policies; nothing while they are off.

    A table that a migration has added has no policies; functions that changed hands run
    as a role that the policies do not know, and see nothing.
    """
    if not any(state.is_on for state in states):
        return []
    owner, *doors = (str(name) for name in sql.fetch_one("owners") or ())
    shut = sorted({name for name in doors if name != owner})
    return [
        f"{state.table} has no policies" for state in states if not state.is_whole
    ] + [
        f"{state.table} is closed to {name}, as whom functions of the store run"
        for state in states
        for name in shut
        if state.is_whole and name not in state.all_tenants
    ]


def is_metadata_indexed() -> bool:
    """Return whether filters by metadata have their indexes behind policies."""
    row = sql.fetch_one("metadata_indexed")
    return bool(row and row[0])


def _safely(parts: list[str]) -> str:
    # As in hardening: nobody's function of the same name is called.
    return "\n".join(["SET LOCAL search_path = pg_catalog, pg_temp;\n", *parts])


def _fill(step: str, readers: Readers | None = None, **values: str) -> str:
    row = sql.fetch_one("current_schema")
    schema = str(row[0]) if row else "public"
    if readers:
        names = [_identifier(name) for name in readers.all_tenants]
        values |= {
            "app": _identifier(readers.app),
            "app_text": _literal(readers.app),
            "all": ", ".join(names),
            "all_texts": ", ".join(map(_literal, readers.all_tenants)),
            "table_texts": ", ".join(map(_literal, covered_tables())),
        }
    text = sql.schema_object(f"policies/{step}", schema)
    for key, value in values.items():
        text = text.replace(f"{{{key}}}", value.replace("{schema}", schema))
    return text


def _identifier(name: str) -> str:
    return quoting.Identifier(name).as_string()


def _literal(name: str) -> str:
    return quoting.Literal(name).as_string()
