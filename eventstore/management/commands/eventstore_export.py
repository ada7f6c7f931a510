"""``manage.py eventstore_export FILE``: write the log out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from eventstore.exceptions import EventStoreError
from eventstore.transfer import ExportFilters
from eventstore.transfer.runs import run_export


class Command(BaseCommand):
    """Writes events as JSON Lines, each exactly as stored."""

    help = (
        "Write events as JSON Lines, which eventstore_import reads. A file that ends "
        "in .gz or .zst is packed; it gets its name when it is complete."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the filters."""
        parser.add_argument(
            "file", nargs="?", default="-", help="the file, or - for standard output"
        )
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--tenant", help="whose events")
        whose.add_argument(
            "--all-tenants", action="store_true", help="the events of all tenants"
        )
        parser.add_argument("--event-type")
        parser.add_argument("--aggregate-type")
        parser.add_argument("--aggregate-id")
        parser.add_argument(
            "--after-position", type=int, default=0, help="not this one, those after it"
        )
        parser.add_argument("--until-position", type=int, help="this one included")
        parser.add_argument(
            "--since", type=_moment, help="occurred at this time or later"
        )
        parser.add_argument("--until", type=_moment, help="occurred before this time")

    def handle(self, *args: Any, **options: Any) -> None:
        """Export, and print how many."""
        filters = ExportFilters(
            tenant_id=options["tenant"],
            event_type=options["event_type"],
            aggregate_type=options["aggregate_type"],
            aggregate_id=options["aggregate_id"],
            after_position=options["after_position"],
            until_position=options["until_position"],
            occurred_since=options["since"],
            occurred_until=options["until"],
        )
        try:
            count = run_export(options["file"], self.stderr, filters)
        except EventStoreError as error:
            raise CommandError(str(error)) from error
        # Standard output may be the log itself.
        self.stderr.write(f"{count:,} events exported")


def _moment(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None or moment.tzinfo is None:
        raise ValueError(text)
    return moment


_moment.__name__ = "time with a zone (2015-09-12T00:46:58Z)"
