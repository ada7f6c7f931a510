"""Make exports: ``manage.py audit_worker``."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit_console.exports import files
from audit_console.exports.worker import AuditWorker
from eventstore.exceptions import NotPermitted


class Command(BaseCommand):
    """Run until SIGTERM or Ctrl-C."""

    help = (
        "Make the exports that people ask for in the audit console, and delete their "
        "files when their days are over. Any number of workers share the work. SIGTERM "
        "and Ctrl-C finish the piece in hand; the next worker goes on from there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one option."""
        parser.add_argument(
            "--once", action="store_true", help="end when nothing waits"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Run."""
        if not files.is_set_up():
            raise CommandError(
                'Exports have no place to lie: AUDIT_CONSOLE["EXPORT_STORAGE"] must '
                "name one of STORAGES."
            )
        worker = AuditWorker()
        self._stop_on_signal(worker)
        self.stdout.write("The audit worker runs. Ctrl-C ends it.")
        try:
            worker.run(until_idle=options["once"])
        except NotPermitted as error:
            raise CommandError(str(error)) from error
        self.stdout.write("The audit worker has ended in order.")

    def _stop_on_signal(self, worker: AuditWorker) -> None:
        def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of handlers
            worker.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
