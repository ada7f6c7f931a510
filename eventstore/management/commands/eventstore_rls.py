"""``manage.py eventstore_rls``: row-level security, a second wall between tenants."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from eventstore.exceptions import EventStoreError
from eventstore.hardening import policies


class Command(BaseCommand):
    """Switch policies on or off, print their SQL, or show how they stand."""

    help = (
        "Have PostgreSQL hold the application's role to the tenants of its "
        "transaction. Run `on` again after each migrate."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the act and the roles."""
        parser.add_argument("act", choices=("on", "off", "status", "sql"))
        parser.add_argument(
            "--app-role", help="the login of the web process; for on and sql"
        )
        parser.add_argument(
            "--all-tenants-role",
            action="append",
            default=[],
            metavar="ROLE",
            help="sees all tenants: the login of the workers; repeat it for others",
        )

        parser.add_argument(
            "--leakproof-json",
            action="store_true",
            help="keep the indexes on metadata in use; as a superuser, for on and sql",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Do it, or say why not."""
        try:
            getattr(self, f"_{options['act']}")(options)
        except EventStoreError as error:
            raise CommandError(str(error)) from error
        except Error as error:
            raise CommandError(
                f"{error}\nNothing was changed. If rights were missing, run it as the "
                "owner of the tables, or give the output of `sql` to a superuser."
            ) from error

    def _on(self, options: dict[str, Any]) -> None:
        readers = _readers(options)
        policies.run(_statements(readers, options))
        self.stdout.write(
            f"Row-level security is on: {readers.app} sees the tenants of its scope; "
            f"{', '.join(readers.all_tenants)} see all. "
            "Run it again after each migrate."
        )

    def _off(self, _: dict[str, Any]) -> None:
        policies.run(policies.switch_off())
        self.stdout.write("Row-level security is off, and its policies are gone.")

    def _sql(self, options: dict[str, Any]) -> None:
        statements = _statements(_readers(options), options)
        self.stdout.write(f"BEGIN;\n{statements}COMMIT;\n")

    def _status(self, _: dict[str, Any]) -> None:
        states = policies.status()
        for state in states:
            self.stdout.write(f"{state.table}: {_describe(state)}")
        if any(state.is_on for state in states):
            known = "used" if policies.is_metadata_indexed() else "unused"
            self.stdout.write(f"Indexes on metadata: {known} (--leakproof-json)")
        gaps = policies.gaps(states)
        if gaps:
            raise CommandError(
                f"{'; '.join(gaps)}.\nRun `manage.py eventstore_rls on` again."
            )


def _readers(options: dict[str, Any]) -> policies.Readers:
    if not options["app_role"]:
        raise CommandError("Name the login of the web process with --app-role.")
    return policies.choose_readers(options["app_role"], options["all_tenants_role"])


def _statements(readers: policies.Readers, options: dict[str, Any]) -> str:
    return policies.switch_on(readers, leakproof_json=options["leakproof_json"])


def _describe(state: policies.TableState) -> str:
    if not state.is_whole:
        return "on, without policies" if state.is_on else "off"
    you = "" if state.binds else "; it does not bind the role of this connection"
    return (
        f"on: {', '.join(state.confined)} by scope, "
        f"{', '.join(state.all_tenants)} all{you}"
    )
