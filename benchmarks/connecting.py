"""Raw connections to the database that Django uses now."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import connection

Connection = psycopg.Connection[tuple[Any, ...]]


def conninfo(name: str | None = None) -> dict[str, Any]:
    """Return psycopg's parameters of the database in use, or of ``name``."""
    given = connection.settings_dict
    found = {
        "dbname": name or given["NAME"],
        "user": given["USER"],
        "password": given["PASSWORD"],
        "host": given["HOST"],
        "port": given["PORT"],
    }
    return {key: value for key, value in found.items() if value}


def connect(name: str | None = None) -> Connection:
    """Return a connection in autocommit mode, to the database in use or ``name``."""
    return psycopg.connect(**conninfo(name), autocommit=True)
