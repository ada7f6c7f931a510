"""Show and steer subscriptions: ``manage.py eventstore_subscriptions``."""

from __future__ import annotations

import getpass
import json
import time
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from eventstore import tenancy
from eventstore.exceptions import EventStoreError
from eventstore.subscriptions import checkpoints, failures, status


class Command(BaseCommand):
    """Print the state; pause, resume, requeue, discard."""

    help = (
        "Show checkpoint, lag, rate, state and failures of the subscriptions, and who "
        "holds the log back; pause, resume, move, requeue or discard."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take an action and a name."""
        parser.add_argument(
            "action",
            nargs="?",
            default="list",
            choices=["list", "pause", "resume", "move", "requeue", "discard"],
        )
        parser.add_argument("name", nargs="?", help="the subscription")
        parser.add_argument("--event", help="only this event id (requeue, discard)")
        parser.add_argument("--to", type=int, help="the new checkpoint (move)")
        parser.add_argument(
            "--rate",
            type=float,
            metavar="SECONDS",
            help="watch for so long and show the events handled a second (list)",
        )
        parser.add_argument("--json", action="store_true", help="for machines (list)")

    def handle(self, *_: Any, **options: Any) -> None:
        """Do it."""
        action, name = options["action"], options["name"]
        if action != "list" and not name:
            raise CommandError(f"{action} needs the name of a subscription.")
        try:
            tenancy.require_all_tenants("This command")
            if action == "list":
                self._list([name] if name else None, options)
            else:
                self.stdout.write(self._steer(action, name, options))
        except EventStoreError as error:
            raise CommandError(str(error)) from error

    def _steer(self, action: str, name: str, options: dict[str, Any]) -> str:
        if action == "move":
            if options["to"] is None:
                raise CommandError("move needs --to, the new checkpoint.")
            count = checkpoints.move_all(name, options["to"])
            return f"{name}: {count} partitions go on after position {options['to']}."
        if action in ("pause", "resume"):
            state = "paused" if action == "pause" else "running"
            count = checkpoints.set_state(name, state)
            return f"{name}: {count} partitions are {state}."
        decide = failures.requeue if action == "requeue" else failures.discard
        count = decide(name, event_id=options["event"], actor=getpass.getuser())
        done = "requeued" if action == "requeue" else "discarded"
        return f"{name}: {count} events {done}."

    def _list(self, names: list[str] | None, options: dict[str, Any]) -> None:
        found = status.read(names)
        rates: dict[status.Key, float] = {}
        if options["rate"]:
            before = found
            time.sleep(options["rate"])
            found = status.read(names)
            rates = status.rates(before, found, options["rate"])
        if options["json"]:
            rows = [
                asdict(row) | {"rate": rates.get(status.key_of(row))} for row in found
            ]
            self.stdout.write(json.dumps(rows, default=str, indent=2))
            return
        if not found:
            self.stdout.write("There are no subscriptions yet: a worker creates them.")
        for row in found:
            rate = rates.get(status.key_of(row))
            ending = "" if rate is None else f", {rate:,.1f} events/s"
            self.stdout.write(_line(row) + ending)
            if row.last_error:
                self.stdout.write(f"    {row.last_error}")
        for held in status.open_appends():
            self.stdout.write(
                f"The log is held back by backend {held.pid} "
                f"({held.application or '-'}, {held.state}), which has appended and "
                f"is open for {held.seconds:.0f} s."
            )


def _line(row: status.PartitionStatus) -> str:
    waiting = f"{row.waiting}{'+' if row.waiting >= status.COUNTED else ''}"
    runner = "" if row.is_run else ", no worker"
    return (
        f"{row.name} {row.partition + 1}/{row.partitions}: {row.state}{runner}; "
        f"at {row.position}, lag {waiting} events and {row.lag_seconds:.1f} s, "
        f"{row.handled} handled, {row.retrying} to retry, {row.dead} given up"
    )
