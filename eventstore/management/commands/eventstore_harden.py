"""``manage.py eventstore_harden``: hand the application's role only what it needs."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from eventstore import hardening
from eventstore.exceptions import EventStoreError


class Command(BaseCommand):
    """Print or run the SQL that hardens the store."""

    help = (
        "Hand the application's role only SELECT and the store's functions on the log, "
        "and ordinary rights elsewhere. Run it again after each migrate."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the roles, and say whether to print or to run."""
        parser.add_argument(
            "--app-role", required=True, help="the login of the web process"
        )
        parser.add_argument(
            "--owner-role",
            help="owns the tables and runs migrations; by default who owns them now",
        )
        parser.add_argument(
            "--writer-role", help="owns the append functions; by default <app>_writer"
        )
        parser.add_argument(
            "--redactor-role", help="owns the redaction; by default <app>_redactor"
        )
        act = parser.add_mutually_exclusive_group()
        act.add_argument(
            "--print",
            action="store_true",
            help="print the SQL for a database administrator (the default)",
        )
        act.add_argument("--apply", action="store_true", help="run the SQL")

    def handle(self, *args: Any, **options: Any) -> None:
        """Harden, or say how."""
        try:
            roles = hardening.choose_roles(
                options["app_role"],
                owner=options["owner_role"],
                writer=options["writer_role"],
                redactor=options["redactor_role"],
            )
            if not options["apply"]:
                self.stdout.write(hardening.script(roles))
                return
            hardening.harden(roles)
        except EventStoreError as error:
            raise CommandError(str(error)) from error
        except Error as error:
            raise CommandError(
                f"{error}\nNothing was changed. Run it on a connection of a superuser, "
                "or give the output of --print to one."
            ) from error
        self.stdout.write(
            f"Hardened: {roles.app} reads and appends; {roles.owner} owns the tables, "
            f"{roles.writer} and {roles.redactor} the functions. "
            "Run it again after each migrate."
        )
