"""Steer webhooks: ``manage.py eventstore_webhooks add TENANT URL``, and more."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from eventstore import tenancy
from eventstore.exceptions import NotPermitted, WebhookError
from eventstore.webhooks import endpoints, subscribing


class Command(BaseCommand):
    """One action of the room a call."""

    help = "List, add, test, rotate, disable or enable the URLs that get events."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take an action and what it is about."""
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list").add_argument("tenant", nargs="?")
        add = actions.add_parser("add", help="prints the secret, this once")
        add.add_argument("tenant")
        add.add_argument("url")
        add.add_argument("--event-type", action="append", dest="event_types")
        add.add_argument("--aggregate-type", action="append", dest="aggregate_types")
        add.add_argument("--start", default="now", help="now, beginning, a position")
        add.add_argument("--partitions", type=int, default=1)
        add.add_argument("--description", default="")
        for action in ("ping", "enable"):
            actions.add_parser(action).add_argument("webhook", type=int)
        rotate = actions.add_parser("rotate", help="prints the new secret, this once")
        rotate.add_argument("webhook", type=int)
        rotate.add_argument("--overlap", type=float, default=24.0, help="hours (24)")
        disable = actions.add_parser("disable")
        disable.add_argument("webhook", type=int)
        disable.add_argument("--reason", default="Disabled by an operator.")

    def handle(self, *_: Any, **options: Any) -> None:
        """Do it."""
        try:
            tenancy.require_all_tenants("This command")
            getattr(self, f"_{options['action']}")(options)
        except (NotPermitted, WebhookError) as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        for one in endpoints.listing(options["tenant"]):
            state = "active" if one.is_active else f"disabled: {one.disabled_reason}"
            self.stdout.write(f"{one.pk}  {one.tenant_id}  {one.url}  {state}")

    def _add(self, options: dict[str, Any]) -> None:
        start = options["start"]
        endpoint, secret = subscribing.add(
            options["tenant"],
            options["url"],
            event_types=options["event_types"],
            aggregate_types=options["aggregate_types"],
            start=int(start) if start.isdigit() else start,
            partitions=options["partitions"],
            description=options["description"],
        )
        self.stdout.write(f"Webhook {endpoint.pk} is added. Its secret: {secret}")

    def _ping(self, options: dict[str, Any]) -> None:
        attempt = subscribing.ping(options["webhook"])
        outcome = attempt.error or f"HTTP {attempt.status}"
        self.stdout.write(f"{outcome} ({attempt.seconds:.3f} s)")

    def _rotate(self, options: dict[str, Any]) -> None:
        overlap = timedelta(hours=options["overlap"])
        secret = endpoints.rotate(options["webhook"], overlap=overlap)
        self.stdout.write(f"The new secret: {secret}")

    def _disable(self, options: dict[str, Any]) -> None:
        endpoints.disable(options["webhook"], options["reason"])
        self.stdout.write(f"Webhook {options['webhook']} is disabled.")

    def _enable(self, options: dict[str, Any]) -> None:
        endpoints.enable(options["webhook"])
        self.stdout.write(f"Webhook {options['webhook']} is enabled.")
