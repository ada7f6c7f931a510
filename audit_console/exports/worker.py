"""The process that makes exports: ``manage.py audit_worker``."""

from __future__ import annotations

import logging
import threading
import time

from django.db import DatabaseError, close_old_connections, connections
from django.utils import translation
from django.utils.translation import gettext as _

from audit_console.access import AccessNotRecordedError
from audit_console.exports import queue, sweeping
from audit_console.exports.making import give_up, make
from audit_console.exports.queue import LostExport
from audit_console.models import Export
from eventstore import tenancy

logger = logging.getLogger("audit_console")

#: Seconds between two looks for work, two signs of life, and two sweeps.
_POLL, _BEAT, _SWEEP = 1.0, 4.0, 60.0


class AuditWorker:
    """Makes exports until it is told to stop. Any number of them share the work."""

    def __init__(self) -> None:
        """Take a name."""
        self.name = queue.new_name()
        self._stopping = threading.Event()
        self._swept = float("-inf")

    def stop(self) -> None:
        """End after the piece in hand; safe in a signal handler."""
        self._stopping.set()

    def run(self, *, until_idle: bool = False) -> None:
        """Work until ``stop()``.

        Args:
            until_idle: end also when nothing waits.

        Raises:
            NotPermitted: row-level security would hide events from it.
        """
        tenancy.require_all_tenants("The audit worker")
        queue.beat(self.name)
        ended = threading.Event()
        heart = threading.Thread(target=self._beat, args=(ended,), daemon=True)
        heart.start()
        try:
            while not self._stopping.is_set():
                had_work = self._attempt()
                if not had_work and until_idle:
                    break
                if not had_work:
                    self._stopping.wait(_POLL)
        finally:
            ended.set()
            heart.join()
            queue.leave(self.name)

    def _attempt(self) -> bool:
        """Do one thing; return whether there was one to do."""
        try:
            close_old_connections()
            self._sweep()
            export = queue.claim(self.name)
            if export is not None:
                self._make(export)
                return True
        except (DatabaseError, AccessNotRecordedError):
            logger.warning("The audit worker cannot reach its database.", exc_info=True)
            connections.close_all()
            self._stopping.wait(_POLL)
        return False

    def _make(self, export: Export) -> None:
        # What went wrong is told to its owner, in the owner's language.
        with translation.override(export.language):
            try:
                self._make_or_give_up(export)
            except LostExport:
                logger.info("Export %s was cancelled or taken over.", export.pk)
                sweeping.sweep_lost(export)

    def _make_or_give_up(self, export: Export) -> None:
        if export.attempts > queue.MOST_ATTEMPTS:
            give_up(export, _("It was tried several times without progress."))
            return
        try:
            make(export, self._stopping.is_set)
        except (LostExport, DatabaseError, AccessNotRecordedError):
            raise
        except Exception:
            # One export that cannot be made must not keep the others waiting.
            logger.exception("Export %s failed.", export.pk)
            give_up(export, _("An error happened; the worker's log has it."))

    def _sweep(self) -> None:
        if time.monotonic() - self._swept > _SWEEP:
            sweeping.sweep()
            self._swept = time.monotonic()

    def _beat(self, ended: threading.Event) -> None:
        try:
            while not ended.wait(_BEAT):
                try:
                    queue.beat(self.name)
                except DatabaseError:
                    connections.close_all()
        finally:
            connections.close_all()
