"""Say who may do what: ``manage.py eventstore_grant ada auditor --tenant acme``."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from eventstore import granting
from eventstore.exceptions import GrantError, InvalidEvent
from eventstore.roles import PERMISSIONS, Role


class Command(BaseCommand):
    """Give, take or list grants."""

    help = (
        "Give a user, a group or a key a role in a tenant, take it back, or list them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take who, what and where."""
        parser.add_argument(
            "principal", nargs="?", help="the name of a user, group:NAME, key:PREFIX"
        )
        parser.add_argument("role", nargs="?", choices=Role.values)
        parser.add_argument(
            "--tenant", action="append", default=[], help="where; repeatable"
        )
        act = parser.add_mutually_exclusive_group()
        act.add_argument("--revoke", action="store_true", help="take it back")
        act.add_argument("--list", action="store_true", help="show the grants")
        act.add_argument("--roles", action="store_true", help="show what roles allow")

    def handle(self, *_: Any, **options: Any) -> None:
        """Do it."""
        try:
            if options["roles"]:
                self._show_roles()
            elif options["list"]:
                self._list(options)
            else:
                self._change(options)
        except (GrantError, InvalidEvent) as error:
            raise CommandError(str(error)) from error

    def _show_roles(self) -> None:
        for role, allowed in PERMISSIONS.items():
            self.stdout.write(f"{role:<16} {', '.join(sorted(allowed))}")

    def _list(self, options: dict[str, Any]) -> None:
        for tenant in options["tenant"] or [None]:
            for grant in granting.listing(options["principal"], tenant):
                self.stdout.write(str(grant))

    def _change(self, options: dict[str, Any]) -> None:
        principal, role = options["principal"], options["role"]
        if not (principal and role and options["tenant"]):
            raise CommandError(
                "Say who, which role and where: "
                "eventstore_grant USER ROLE --tenant TENANT"
            )
        for tenant in options["tenant"]:
            if options["revoke"]:
                done = granting.take(principal, role, tenant)
                outcome = "taken back" if done else "was not given"
            else:
                done = granting.give(principal, role, tenant)
                outcome = "given" if done else "was given already"
            self.stdout.write(f"{principal}: {role} in {tenant} {outcome}.")
