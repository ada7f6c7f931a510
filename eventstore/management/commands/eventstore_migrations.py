"""``manage.py eventstore_migrations``: event migrations, and what they do not reach."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from eventstore.exceptions import EventStoreError
from eventstore.lineage import StoredVersion, stored_versions
from eventstore.upcasting import event_migrations


class Command(BaseCommand):
    """Lists chains and stored versions."""

    help = (
        "List the event migrations and the stored versions of events, and which of "
        "these have no path to the newest version of their type. Counts the whole log."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the option."""
        parser.add_argument(
            "--check",
            action="store_true",
            help="exit with 1 if a stored version is stuck or a chain is faulty",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the lists, and fail if asked to."""
        try:
            versions = stored_versions()
        except EventStoreError as error:
            raise CommandError(str(error)) from error
        faults = event_migrations.find_faults()
        self.stdout.write("\n".join(_lines(versions, faults)))
        if options["check"] and (faults or any(item.is_stuck for item in versions)):
            sys.exit(1)


def _lines(versions: list[StoredVersion], faults: list[str]) -> Iterator[str]:
    yield "Event migrations:"
    for event_type, steps in event_migrations.chains().items():
        for old, new in steps:
            yield f"  {event_type} {old} -> {new}"
    yield "Stored versions:"
    for item in versions:
        yield f"  {item.event_type} {item.event_version}: {item.count:,}{_note(item)}"
    for fault in faults:
        yield f"FAULT: {fault}"


def _note(item: StoredVersion) -> str:
    if item.is_stuck:
        return (
            f"  NO PATH to {item.newest}: it is lifted to {item.lifted_to} and no "
            "further. Register the missing migration."
        )
    if item.lifted_to != item.event_version:
        return f"  -> {item.lifted_to}"
    return ""
