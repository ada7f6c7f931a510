"""What is deleted, and when: files after their days, pieces of what is no more."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models.functions import Now

from audit_console.exports import files
from audit_console.models import Export, ExportWorker

logger = logging.getLogger("audit_console")

State = Export.State
#: How many at a time.
_SOME = 100
#: After this, a worker without a sign of life is forgotten.
_DEAD = timedelta(days=1)


def sweep() -> None:
    """Delete what has had its time. Repeatable, and no harm if two do it at once."""
    for export in Export.objects.filter(state=State.READY, expires_at__lt=Now())[
        :_SOME
    ]:
        files.delete_file(export)
        Export.objects.filter(pk=export.pk).update(state=State.EXPIRED, file="")
        logger.info("The file of export %s has expired.", export.pk)
    over = (State.FAILED, State.CANCELLED, State.READY)
    for export in Export.objects.filter(state__in=over, has_pieces=True)[:_SOME]:
        sweep_pieces(export)
    ExportWorker.objects.filter(seen_at__lt=Now() - _DEAD).delete()


def sweep_lost(export: Export) -> None:
    """Delete what a worker has written of an export that was taken from its hands.

    What another worker goes on with stays.
    """
    export.refresh_from_db()
    if export.state in (State.FAILED, State.CANCELLED):
        sweep_pieces(export)


def sweep_pieces(export: Export) -> None:
    """Delete the pieces of an export that is over, and the whole if nobody wants it."""
    files.delete_pieces(export)
    if export.state != State.READY:
        files.delete_file(export)
    export.pieces.all().delete()
    Export.objects.filter(pk=export.pk).update(has_pieces=False)
