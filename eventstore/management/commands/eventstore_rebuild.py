"""Rebuild a projection: ``manage.py eventstore_rebuild NAME``."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from eventstore.exceptions import SubscriptionError
from eventstore.projections.projection import registered
from eventstore.projections.rebuild import Outcome, Progress, rebuild


class Command(BaseCommand):
    """Find the projection, rebuild it, say what was done."""

    help = "Rebuild a projection beside the live one and switch when it has caught up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the name and what to do at the end."""
        parser.add_argument("name")
        parser.add_argument(
            "--compare", action="store_true", help="count the rows that differ"
        )
        parser.add_argument(
            "--no-switch", action="store_true", help="leave the live rows in place"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Rebuild."""
        name = options["name"]
        if name not in registered:
            known = ", ".join(sorted(registered)) or "none"
            raise CommandError(f"No projection is called {name!r}; there are: {known}.")
        try:
            outcome = rebuild(
                registered[name],
                on_progress=self._show,
                compare=options["compare"],
                switch=not options["no_switch"],
            )
        except SubscriptionError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Cancelled: the live projection is as it was.") from None
        self._report(name, outcome, compared=options["compare"])

    def _show(self, progress: Progress) -> None:
        if self.stdout.isatty():
            share = 100 * progress.position // max(progress.target, 1)
            self.stdout.write(
                f"\r{share} %, {progress.handled:,} events", ending="", style_func=str
            )

    def _report(self, name: str, outcome: Outcome, *, compared: bool) -> None:
        self.stdout.write(
            f"{name}: built of {outcome.handled:,} events up to position "
            f"{outcome.position}; the new rows are "
            f"{'live' if outcome.is_switched else 'dropped again'}."
        )
        for difference in outcome.differences:
            self.stdout.write(
                f"{difference.table}: {difference.only_live} rows were only live, "
                f"{difference.only_new} only new."
            )
        if compared and not outcome.differences:
            self.stdout.write("Old and new rows were the same.")
