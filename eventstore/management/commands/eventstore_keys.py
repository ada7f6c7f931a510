"""API keys: ``manage.py eventstore_keys create NAME --role writer --tenant acme``."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from eventstore.exceptions import GrantError, InvalidEvent
from eventstore.keys import issuing
from eventstore.roles import Permission, Role


class Command(BaseCommand):
    """One action of the room a call."""

    help = "Create, list, rotate or revoke the keys that programs authenticate with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take an action and what it is about."""
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="prints the key, this once")
        create.add_argument("name", help="what it is for")
        create.add_argument("--role", choices=Role.values)
        create.add_argument("--tenant", action="append", default=[], dest="tenants")
        create.add_argument(
            "--scope",
            action="append",
            dest="scopes",
            choices=[scope.value for scope in Permission],
        )
        create.add_argument("--network", action="append", default=[], dest="networks")
        create.add_argument("--rate", default="", help="such as 60/min")
        create.add_argument("--days", type=float, help="until it expires; never")
        actions.add_parser("list")
        rotate = actions.add_parser("rotate", help="prints the new key, this once")
        rotate.add_argument("prefix")
        rotate.add_argument("--overlap", type=float, default=24.0, help="hours (24)")
        rotate.add_argument("--days", type=float, help="until it expires; as before")
        actions.add_parser("revoke").add_argument("prefix")

    def handle(self, *_: Any, **options: Any) -> None:
        """Do it."""
        try:
            getattr(self, f"_{options['action']}")(options)
        except (GrantError, InvalidEvent) as error:
            raise CommandError(str(error)) from error

    def _create(self, options: dict[str, Any]) -> None:
        if bool(options["role"]) is not bool(options["tenants"]):
            raise CommandError("Give --role and --tenant together, or neither.")
        key, text = issuing.create(
            options["name"],
            role=options["role"],
            tenants=options["tenants"],
            scopes=options["scopes"],
            networks=options["networks"],
            rate=options["rate"],
            expires_at=_end(options["days"]),
        )
        self.stdout.write(f"{key} is made. It is shown this once: {text}")
        if not options["role"]:
            self.stdout.write(
                f"It has no grant yet: eventstore_grant {key} ROLE --tenant TENANT"
            )

    def _list(self, _options: dict[str, Any]) -> None:
        for key in issuing.listing():
            told = (str(key), key.name, _state(key), _use(key), *_limits(key))
            self.stdout.write("  ".join(told))

    def _rotate(self, options: dict[str, Any]) -> None:
        text = issuing.rotate(
            options["prefix"].removeprefix("key:"),
            overlap=timedelta(hours=options["overlap"]),
            expires_at=_end(options["days"]),
        )
        self.stdout.write(f"The new key, shown this once: {text}")

    def _revoke(self, options: dict[str, Any]) -> None:
        prefix = options["prefix"].removeprefix("key:")
        done = issuing.revoke(prefix)
        outcome = "is revoked" if done else "was revoked already"
        self.stdout.write(f"key:{prefix} {outcome}.")


def _end(days: float | None) -> Any:
    return None if days is None else timezone.now() + timedelta(days=days)


def _state(key: Any) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if not key.is_active:
        return f"expired {key.expires_at:%Y-%m-%d}"
    return f"until {key.expires_at:%Y-%m-%d}" if key.expires_at else "active"


def _use(key: Any) -> str:
    if key.last_used_at is None:
        return "never used"
    return f"last used {key.last_used_at:%Y-%m-%d %H:%M} UTC"


def _limits(key: Any) -> Iterator[str]:
    """Yield what the key is held to, beside its grants."""
    if key.networks:
        yield f"from {', '.join(key.networks)}"
    if key.scopes is not None:
        yield f"only {', '.join(key.scopes)}"
    if key.rate:
        yield key.rate
