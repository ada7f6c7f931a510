"""One export, piece by piece; each is kept, so that a next worker can go on."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit_console import access
from audit_console.access import Act, Outcome
from audit_console.exports import files, manifest, queue, sweeping
from audit_console.exports.columns import exported
from audit_console.exports.formats import Format, format_of
from audit_console.exports.plan import (
    ExportRefusedError,
    Plan,
    cap_of,
    plan,
    refuse_unapproved,
    too_many,
)
from audit_console.models import AccessRecord, Export, ExportPiece
from audit_console.queries import ConsoleQuery, Key, Row, RowPage
from audit_console.reading import look

#: Events that are read at once, and what ends a piece: events, bytes or seconds.
BATCH = 250
PIECE_EVENTS = 10_000
_PIECE_BYTES = 8 << 20
_PIECE_SECONDS = 5.0
#: Seconds that reading one batch may take.
_PATIENCE = 60.0

#: Tells whether to stop at the next piece.
Stop = Callable[[], bool]


def make(export: Export, is_stopping: Stop) -> None:
    """Go on with an export that this worker has claimed, to its end if it can be.

    What is refused fails with its reason; what a stop interrupts is given back.

    Args:
        export: as :func:`queue.claim` returned it.
        is_stopping: asked between pieces.

    Raises:
        LostExport: it was cancelled or taken over.
        AccessNotRecordedError: the access log cannot be written, so nothing leaves.
    """
    # What is written does not depend on who happens to work.
    with translation.override(export.language), timezone.override("UTC"):
        try:
            Maker(export, plan(export)).run(is_stopping)
        except ExportRefusedError as error:
            give_up(export, str(error))


def give_up(export: Export, reason: str) -> None:
    """Put on record that there will be no file, and say why.

    Raises:
        LostExport: it was cancelled or taken over.
        AccessNotRecordedError: the access log cannot be written; it is tried again.
    """
    _record(export, Act.END_EXPORT, Outcome.FAILED)
    queue.fail(export, reason)


class Maker:
    """Makes the file of one export."""

    def __init__(self, export: Export, plan: Plan) -> None:
        """Find out how the file is written."""
        self.export = export
        self.plan = plan
        self.format: Format = format_of(export, plan.facts)
        self.basis = plan.asked.basis
        self.cap = cap_of(export.format)

    def run(self, is_stopping: Stop) -> None:
        """Write what is missing, then the whole; or give it back."""
        self._begin()
        is_done = self._is_done()
        while not is_done:
            if is_stopping():
                queue.release(self.export)
                return
            is_done = self._write_piece()
        self._finish()

    def _begin(self) -> None:
        """Put the beginning on record; begin afresh if other things may leave now."""
        export, about = self.export, manifest.incomplete(self.plan.facts)
        if export.began_at is None:
            _record(export, Act.BEGIN_EXPORT, Outcome.DONE)
        elif export.manifest != about:
            for piece in queue.begin_afresh(export):
                files.storage().delete(piece.name)
        queue.begun(export, about)
        files.save_manifest(export, about, is_whole=False)

    def _is_done(self) -> bool:
        return self.export.cursor == "end"

    def _write_piece(self) -> bool:
        """Write one more piece; return whether it is the last."""
        start = _key(self.export.cursor, self.basis)
        parts: list[bytes] = []
        size, events, until = 0, 0, time.monotonic() + _PIECE_SECONDS
        is_last = False
        while size < _PIECE_BYTES and events < PIECE_EVENTS:
            page = self._read(start)
            lines = [self._line(row) for row in reversed(page.rows)]
            parts += lines
            size += sum(map(len, lines))
            events += len(lines)
            is_last, start = page.newer is None, page.newer
            if is_last or time.monotonic() > until:
                break
        total = self.export.events + events
        if total > self.cap:
            raise ExportRefusedError(too_many(self.cap))
        refuse_unapproved(self.export, self.plan.scope, events=total)
        self._keep(b"".join(parts), total, "end" if is_last else str(start))
        return is_last

    def _read(self, start: Key | None) -> RowPage:
        tenants = tuple(self.export.tenants)
        with look(tenants) as reading:
            query = ConsoleQuery(self.plan.asked, tenants, reading)
            if query.refusal:
                raise ExportRefusedError(query.refusal)
            page = reading.part(lambda: query.batch(BATCH, start), seconds=_PATIENCE)
        if page is None:
            raise ExportRefusedError(
                _("Reading took too long: narrow the range, or add a type.")
            )
        return page

    def _line(self, row: Row) -> bytes:
        found = exported(row, self.export.columns, self.plan.permissions)
        return self.format.event(found).encode("utf-8")

    def _keep(self, content: bytes, events: int, cursor: str) -> None:
        number = self.export.pieces.count()
        mark = self.format.broken_off(events).encode("utf-8")
        name = files.save_piece(self.export, number, self.format.ending, content + mark)
        piece = ExportPiece(
            export=self.export, number=number, name=name, bytes=len(content)
        )
        try:
            queue.advance(self.export, piece=piece, cursor=cursor, events=events)
        except BaseException:
            with suppress(OSError):
                files.storage().delete(name)
            raise

    def _finish(self) -> None:
        """Put the pieces together, the end on record, and only then say so."""
        export = self.export
        at = timezone.now()
        name = files.name_of(export)
        where, size, sha256 = files.put_together(
            export,
            name,
            self.format.head().encode("utf-8"),
            export.pieces.all(),
            self.format.tail(export.events).encode("utf-8"),
        )
        about = manifest.whole(
            export, self.plan.facts, at=at, name=name, size=size, sha256=sha256
        )
        files.save_manifest(export, about, is_whole=True)
        _record(export, Act.END_EXPORT, Outcome.DONE)
        queue.finish(
            export,
            file=where,
            bytes=size,
            sha256=sha256,
            manifest=about,
            finished_at=at,
        )
        sweeping.sweep_pieces(export)


def _key(cursor: str, basis: str) -> Key | None:
    return Key.parse(cursor, "stored" if basis == "stored" else "occurred")


def _record(export: Export, act: Act, outcome: Outcome) -> None:
    """Put what the worker does for somebody on record, in their name."""
    access.write(
        AccessRecord(
            user_id=export.owner_key,
            user_name=export.owner_name,
            act=act,
            outcome=outcome,
            tenants=sorted(export.tenants),
            objects_seen=[f"export:{export.pk}"],
            query=export.description,
            result_count=export.events if act == Act.END_EXPORT else None,
            purpose=export.purpose,
            reference=export.reference,
            request_id=export.request_id,
            is_demo=export.is_demo,
        )
    )
