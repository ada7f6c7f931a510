"""The run's own databases: made from a migrated template, dropped at the end."""

from __future__ import annotations

import os

import psycopg
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from benchmarks import filling
from benchmarks.connecting import conninfo
from benchmarks.plan import Plan


class Stage:
    """Gives each workload an empty store, or the one that holds many events."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.prefix = f"eventstore_benchmark_{os.getpid()}"
        self.template = f"{self.prefix}_template"
        self.made: list[str] = []
        self._server = psycopg.connect(**conninfo("postgres"), autocommit=True)

    def open(self) -> None:
        """Make the template."""
        self._create(self.template)
        self.use(self.template)
        call_command("migrate", verbosity=0)
        # Then the tables of the benchmark's own models, which refer to migrated ones.
        call_command("migrate", run_syncdb=True, verbosity=0)
        connection.close()

    def empty(self) -> str:
        """Make an empty store, use it, and return its name; drop the earlier ones."""
        self._drop_spent()
        return self.another()

    def another(self) -> str:
        """Make one more empty store, use it, and return its name."""
        name = f"{self.prefix}_{len(self.made)}"
        self._create(name, self.template)
        self.use(name)
        return name

    def filled(self, events: int, name: str = "filled") -> str:
        """Use the store ``name`` with at least ``events`` events; return its name."""
        self._drop_spent()
        name = f"{self.prefix}_{name}"
        if name not in self.made:
            self._create(name, self.template)
        self.use(name)
        filling.fill_to(events)
        return name

    def use(self, name: str) -> None:
        """Point Django, and what asks for ``conninfo``, at the database ``name``."""
        connection.close()
        connection.settings_dict["NAME"] = name
        os.environ["BENCHMARK_DATABASE"] = name

    def close(self) -> None:
        """Drop every database of the run."""
        connection.close()
        for name in reversed(self.made):
            self._drop(name)
        self._server.close()

    def _create(self, name: str, template: str = "template0") -> None:
        self._server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        self.made.append(name)

    def _drop_spent(self) -> None:
        """Drop what an earlier workload left, so that the disk holds one at a time."""
        connection.close()
        for name in self.made:
            if name[len(self.prefix) + 1 :].isdigit():
                self._drop(name)

    def _drop(self, name: str) -> None:
        self._server.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                sql.Identifier(name)
            )
        )
