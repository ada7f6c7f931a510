"""Who works on what: claimed by one worker at a time, taken over when it is dead."""

from __future__ import annotations

import os
import socket
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from django.db import router, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from audit_console.conf import console_settings
from audit_console.models import Export, ExportPiece, ExportWorker
from eventstore.types import new_event_id

#: Seconds without a sign of life after which a worker's exports are taken over.
LEASE = 15.0
#: Attempts without any progress after which an export has failed.
MOST_ATTEMPTS = 5

State = Export.State


class LostExport(Exception):
    """The export was cancelled, or another worker has taken it over."""


def new_name() -> str:
    """Return a name that no other worker has."""
    return f"{socket.gethostname()}:{os.getpid()}:{new_event_id()[-8:]}"


def beat(name: str) -> None:
    """Say that the worker is alive."""
    ExportWorker.objects.update_or_create(name=name, defaults={"seen_at": Now()})


def leave(name: str) -> None:
    """Say that the worker has ended in order, and give back what it had in hand."""
    Export.objects.filter(worker=name, state=State.RUNNING).update(
        state=State.QUEUED, worker=""
    )
    ExportWorker.objects.filter(name=name).delete()


def alive() -> bool:
    """Return whether any worker lives."""
    return _living().exists()


def last_seen() -> datetime | None:
    """Return when a worker last gave a sign of life, if there ever was one."""
    row = ExportWorker.objects.order_by("-seen_at").first()
    return row.seen_at if row else None


def claim(name: str) -> Export | None:
    """Take the oldest export that nobody works on, if there is one."""
    alias = router.db_for_write(Export)
    with transaction.atomic(using=alias):
        others = _living().exclude(name=name).values("name")
        waiting = Q(state=State.QUEUED) | (
            Q(state=State.RUNNING) & ~Q(worker__in=others)
        )
        found = (
            Export.objects.using(alias)
            .select_for_update(skip_locked=True, of=("self",))
            .filter(waiting)
            .order_by("requested_at")
            .first()
        )
        if found is None:
            return None
        found.state, found.worker = State.RUNNING, name
        found.attempts += 1
        found.save(update_fields=["state", "worker", "attempts"])
        return found


def begin_afresh(export: Export) -> list[ExportPiece]:
    """Forget what was written; return the pieces, whose files are to be deleted."""
    with _together():
        pieces = list(export.pieces.all())
        export.pieces.all().delete()
        _set(export, cursor="", events=0)
    return pieces


def begun(export: Export, manifest: dict[str, Any]) -> None:
    """Note that the export has begun, and what its file will say."""
    began_at = export.began_at or timezone.now()
    _set(export, began_at=began_at, manifest=manifest, has_pieces=True)


def advance(export: Export, *, piece: ExportPiece, cursor: str, events: int) -> None:
    """Note that another piece is written, and from where to go on.

    Raises:
        LostExport: the piece is not wanted any more; delete its file.
    """
    with _together():
        piece.save(force_insert=True)
        _set(export, cursor=cursor, events=events, attempts=0)


def finish(export: Export, *, finished_at: datetime, **facts: Any) -> None:
    """Note that the file is whole, and forget which personal values were asked for.

    Raises:
        LostExport: nobody wants it any more.
    """
    days = timedelta(days=console_settings().EXPORT_DAYS)
    _set(
        export,
        state=State.READY,
        worker="",
        kept={},
        finished_at=finished_at,
        expires_at=finished_at + days,
        **facts,
    )


def fail(export: Export, reason: str) -> None:
    """Note that there will be no file, and why."""
    _set(
        export,
        state=State.FAILED,
        failure=reason,
        finished_at=timezone.now(),
        worker="",
        kept={},
    )


def release(export: Export) -> None:
    """Give the export back, to be gone on with."""
    _set(export, state=State.QUEUED, worker="")


def decide(export: Export, approver: Any, *, refusal: str = "") -> bool:
    """Let a waiting export be made, or refuse that; return whether it still waited.

    Args:
        export: whose owner is somebody else: the database holds that, too.
        approver: who decides.
        refusal: why not; "" approves.
    """
    decision: dict[str, Any] = {"state": State.QUEUED}
    if refusal:
        decision = {
            "state": State.REJECTED,
            "failure": refusal,
            "finished_at": timezone.now(),
            "kept": {},
        }
    return bool(
        Export.objects.filter(pk=export.pk, state=State.WAITING).update(
            approver_key=str(approver.pk),
            approver_name=approver.get_username(),
            decided_at=timezone.now(),
            **decision,
        )
    )


def cancel(export: Export) -> bool:
    """Cancel an export that is not finished; return whether it was one."""
    return bool(
        Export.objects.filter(
            pk=export.pk, state__in=(State.WAITING, State.QUEUED, State.RUNNING)
        ).update(state=State.CANCELLED, finished_at=timezone.now(), worker="", kept={})
    )


def count_download(export: Export) -> None:
    """Note one more download."""
    Export.objects.filter(pk=export.pk).update(
        downloads=F("downloads") + 1, downloaded_at=Now()
    )


def _living() -> QuerySet[ExportWorker]:
    # By the database's clock, as the signs of life are.
    return ExportWorker.objects.filter(seen_at__gt=Now() - timedelta(seconds=LEASE))


def _together() -> AbstractContextManager[None]:
    return transaction.atomic(using=router.db_for_write(Export))


def _set(export: Export, **values: Any) -> None:
    """Change the row as long as it is the worker's; the object follows.

    Raises:
        LostExport: it is not, or no longer.
    """
    changed = Export.objects.filter(
        pk=export.pk, state=State.RUNNING, worker=export.worker
    ).update(**values)
    if not changed:
        raise LostExport
    for name, value in values.items():
        setattr(export, name, value)
