"""Run subscriptions: ``manage.py eventstore_worker [names] --processes N``."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from eventstore.exceptions import NotPermitted, SubscriptionError
from eventstore.subscriptions.processes import Supervisor
from eventstore.subscriptions.worker import Worker


class Command(BaseCommand):
    """Parse the names, run until SIGTERM or Ctrl-C."""

    help = (
        "Run the named subscriptions, or all: catch up, then follow. Any number of "
        "workers share the work. SIGTERM and Ctrl-C finish the events in hand."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take names and the number of processes."""
        parser.add_argument("names", nargs="*", help="subscriptions; all by default")
        parser.add_argument(
            "--processes", type=int, default=1, help="worker processes (1)"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Run."""
        try:
            runner: Worker | Supervisor = Worker(options["names"])
            if options["processes"] > 1:
                runner = Supervisor(options["names"], options["processes"])
            self._stop_on_signal(runner)
            self.stdout.write("The worker runs. Ctrl-C ends it.")
            runner.run()
        except (NotPermitted, SubscriptionError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("The worker has ended in order.")

    def _stop_on_signal(self, runner: Worker | Supervisor) -> None:
        def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of handlers
            runner.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
