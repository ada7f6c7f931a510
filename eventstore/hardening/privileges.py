"""The SQL that hardens a store: printed for a DBA, or run."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction
from psycopg import sql as quoting

from eventstore import sql
from eventstore.conf import store_settings
from eventstore.hardening.roles import Roles

#: In this order: the roles, what they own, nothing to anybody, to each its own.
_STEPS = (
    "roles",
    "owner",
    "functions",
    "nobody",
    "writer",
    "redactor",
    "app",
    "verify",
)


def script(roles: Roles) -> str:
    """Return the statements for ``psql``, as one transaction."""
    return f"BEGIN;\n{_statements(roles)}COMMIT;\n"


def harden(roles: Roles) -> None:
    """Run the statements, all or none. Run it again after each ``migrate``.

    Raises:
        django.db.Error: this connection's role may not do it all, or something is left
            that lets the application's role rewrite history.
    """
    with transaction.atomic(using=store_settings().DATABASE):
        sql.run_script(_statements(roles))


def _statements(roles: Roles) -> str:
    row = sql.fetch_one("current_schema")
    schema = str(row[0]) if row else "public"
    # Whoever runs this may do anything: nobody's function of the same name is called.
    # It is Django's connection: the next statement finds its own path again.
    parts = ["SET LOCAL search_path = pg_catalog, pg_temp;\n"]
    parts += [
        _fill(sql.schema_object(f"privileges/{step}", schema), roles) for step in _STEPS
    ]
    return "\n".join(parts)


def _fill(text: str, roles: Roles) -> str:
    for key, name in asdict(roles).items():
        text = text.replace(f"{{{key}}}", quoting.Identifier(name).as_string())
        text = text.replace(f"{{{key}_text}}", quoting.Literal(name).as_string())
    return text
