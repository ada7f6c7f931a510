"""``manage.py eventstore_index``: optional indexes of the log."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from eventstore import indexing
from eventstore.exceptions import EventStoreError


class Command(BaseCommand):
    """Make, drop or show an optional index."""

    help = (
        "Make an optional index while the store is in use. `payload` is for the API's "
        "filter by fields of the payload; each append then costs more."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the index, and what to do with it."""
        parser.add_argument("purpose", choices=sorted(indexing.INDEXES))
        act = parser.add_mutually_exclusive_group()
        act.add_argument("--drop", action="store_true", help="drop it")
        act.add_argument("--status", action="store_true", help="say how it stands")

    def handle(self, *_: Any, **options: Any) -> None:
        """Do it, or say why not."""
        purpose = options["purpose"]
        name = indexing.INDEXES[purpose]
        try:
            if options["status"]:
                self.stdout.write(f"{name}: {_describe(indexing.status(purpose))}")
            elif options["drop"]:
                was_there = indexing.drop(purpose)
                self.stdout.write(
                    f"{name} is dropped." if was_there else f"{name} was not there."
                )
            else:
                self.stdout.write(f"Making {name}; appends go on meanwhile ...")
                is_new = indexing.create(purpose)
                told = "is there" if is_new else "was there already"
                self.stdout.write(
                    f"{name} {told}: {_describe(indexing.status(purpose))}"
                )
        except EventStoreError as error:
            raise CommandError(str(error)) from error
        except Error as error:
            raise CommandError(
                f"{error}\nRun it as the owner of the tables. An index that is not "
                "valid is of no use: run the command again, or with --drop."
            ) from error


def _describe(status: indexing.IndexStatus) -> str:
    if not status.is_there:
        return "not there"
    if not status.is_valid:
        return "not valid, left by an attempt that was interrupted"
    return f"valid, {status.bytes:,} bytes"
