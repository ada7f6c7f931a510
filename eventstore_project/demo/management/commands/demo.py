"""``manage.py demo``: a store full of events, served, in one command."""

from __future__ import annotations

import contextlib
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from eventstore_project.demo import (
    badge,
    catching_up,
    living,
    preparing,
    serving,
    stories,
    working,
)
from eventstore_project.demo.errors import DemoRefusedError


class Command(BaseCommand):
    """Prepare, announce, serve."""

    help = (
        "Fill the store with the demo's ninety days, create its users, and serve it, "
        "with a worker beside it and a new event every few seconds. Repeat it freely: "
        "what is there stays."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--check", action="store_true", help="do all but serve, and exit"
        )
        parser.add_argument(
            "--still",
            action="store_true",
            help="let nothing happen by itself while it serves",
        )
        parser.add_argument(
            "--reset",
            action="store_true",
            help="drop the private database first; refused for DATABASE_URL",
        )
        parser.add_argument(
            "--port", type=int, help="default: 8000, or the next that is free"
        )
        parser.add_argument(
            "--bind", default="127.0.0.1", help="address (default: %(default)s)"
        )

    def handle(self, **options: Any) -> None:
        """Prepare the database; serve until interrupted."""
        badge.wear()
        try:
            preparing.prepare(self._say, self._show, reset=options["reset"])
            if options["check"]:
                catching_up.catch_up()
                stories.check()
                self._say("The demo is ready.")
                return
            with contextlib.suppress(KeyboardInterrupt):
                self._serve(options)
            self._say("\nStopped. Start it again any time: nothing is lost.")
        except DemoRefusedError as error:
            raise CommandError(str(error)) from error

    def _serve(self, options: dict[str, Any]) -> None:
        life = contextlib.nullcontext() if options["still"] else living.going_on()
        with (
            serving.listening(options["bind"], options["port"]) as listener,
            working.beside(self._say),
            life,
        ):
            self._say(serving.announcement(listener, options["bind"]))
            serving.serve(listener)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _show(self, done: int, total: int) -> None:
        """Draw the progress on a terminal, every hundredth scene."""
        if not self.stdout.isatty() or (done % 100 and done < total):
            return
        filled = 30 * done // total
        bar = "█" * filled + "░" * (30 - filled)
        end = "\n" if done == total else ""
        self.stdout.write(f"\r  {bar} {done:,} of {total:,} scenes", ending=end)
        self.stdout.flush()
