"""A database of its own for each demo, beside the test database."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.db import connection
from psycopg import sql

ROOT = Path(__file__).resolve().parents[3]


class Database:
    """An empty database beside the test database, and the demo in it."""

    def __init__(self, name: str) -> None:
        self.name = name
        known = connection.settings_dict
        self._params = {
            "host": known["HOST"],
            "port": known["PORT"],
            "user": known["USER"],
            "password": known["PASSWORD"],
        }

    @property
    def exports(self) -> Path:
        """Where its exports lie: each run of the tests has a folder of its own."""
        return Path(tempfile.gettempdir()) / f"{self.name}-{os.getpid()}-exports"

    def create(self) -> None:
        self.drop()
        self._maintain("CREATE DATABASE {}")

    def copy(self, other: Database) -> None:
        """Be as another database is that nobody uses now, with its exports."""
        self.drop()
        self._maintain("CREATE DATABASE {} TEMPLATE {}", other.name)
        shutil.copytree(other.exports, self.exports)

    def drop(self) -> None:
        shutil.rmtree(self.exports, ignore_errors=True)
        self._maintain("DROP DATABASE IF EXISTS {} WITH (FORCE)")

    def rows(self, query: str) -> list[Any]:
        with psycopg.connect(
            **self._params, dbname=self.name, autocommit=True
        ) as database:
            cursor = database.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def demo(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.manage("demo", *options)

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    def environment(self) -> dict[str, str]:
        place = {
            key: quote(str(item or ""), safe="") for key, item in self._params.items()
        }
        return {
            **os.environ,
            "EXPORT_FOLDER": str(self.exports),
            "DATABASE_URL": "postgresql://{user}:{password}@{host}:{port}/{name}".format(
                **place, name=self.name
            ),
        }

    def _maintain(self, statement: str, *names: str) -> None:
        with psycopg.connect(
            **self._params, dbname="postgres", autocommit=True
        ) as server:
            identifiers = map(sql.Identifier, (self.name, *names))
            server.execute(sql.SQL(statement).format(*identifiers))
