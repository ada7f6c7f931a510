"""``manage.py eventstore_import FILE``: bring a log in."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from eventstore.exceptions import EventStoreError
from eventstore.transfer.runs import Run, run_import


class Command(BaseCommand):
    """Reads JSON Lines and stores what is new."""

    help = (
        "Store the events of a file of JSON Lines (plain, gzip or zstd). Repeat it as "
        "often as you like: what is stored already is skipped, also after an import "
        "that was cut off."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("file", help="the file, or - for standard input")
        parser.add_argument(
            "--dry-run", action="store_true", help="check everything, store nothing"
        )
        parser.add_argument(
            "--rejects",
            metavar="FILE",
            help="write the bad lines, as they are, to FILE",
        )
        parser.add_argument(
            "--renumber",
            action="store_true",
            help="ignore the versions of the file: events follow what is stored",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, print what became of the lines, and fail if one was bad."""
        try:
            run = run_import(
                options["file"],
                self.stderr,
                rejects=options["rejects"],
                renumber=options["renumber"],
                dry_run=options["dry_run"],
            )
        except EventStoreError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_summary(run, dry_run=options["dry_run"]))
        if run.interrupted:
            self.stderr.write("Interrupted. Run it again to go on: nothing is lost.")
            sys.exit(130)
        if run.report.damage is not None:
            raise CommandError(str(run.report.damage))
        if run.report.bad:
            sys.exit(1)


def _summary(run: Run, *, dry_run: bool) -> str:
    report = run.report
    stored = "would be stored" if dry_run else "stored"
    return (
        f"{report.lines:,} events: {report.stored:,} {stored}, {report.known:,} known "
        f"already, {report.bad:,} bad ({run.seconds:.1f} s, {run.rate:,.0f} events/s)"
    )
