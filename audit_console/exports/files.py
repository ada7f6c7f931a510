"""Where exports lie: a storage of Django's that no URL serves."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from audit_console.conf import console_settings
from audit_console.models import Export, ExportPiece
from eventstore.types import new_event_id

MARK = "INCOMPLETE"
MANIFEST = "manifest.json"
_CHUNK = 1 << 16
#: Up to here a file is put together in memory, then on disk.
_IN_MEMORY = 1 << 22
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def is_set_up() -> bool:
    """Return whether the host has named a storage."""
    return bool(console_settings().EXPORT_STORAGE)


def storage() -> Storage:
    """Return the storage that ``EXPORT_STORAGE`` names."""
    return storages[console_settings().EXPORT_STORAGE]


def name_of(export: Export) -> str:
    """Return the name of the finished file, without its folder."""
    ending = export.format  # its code, as each format has it
    whose = "-".join(export.tenants) if len(export.tenants) <= 2 else "tenants"  # noqa: PLR2004 - a short name
    safe = _UNSAFE.sub("_", whose)[:60].strip("._") or "tenant"
    days = f"{export.since:%Y%m%d}-{export.until:%Y%m%d}"
    return f"events-{safe}-{days}-{str(export.pk)[:8]}.{ending}"


def save_piece(export: Export, number: int, ending: str, text: bytes) -> str:
    """Save one piece and return where; its name is nobody else's."""
    own = new_event_id()[-8:]
    name = f"{_folder(export)}/{MARK}-{number:06d}-{own}.{ending}"
    return storage().save(name, ContentFile(text))


def save_manifest(export: Export, manifest: dict[str, Any], *, is_whole: bool) -> None:
    """Save the manifest, instead of the one before it."""
    marked = f"{_folder(export)}/{MARK}-{MANIFEST}"
    name = f"{_folder(export)}/{MANIFEST}" if is_whole else marked
    storage().delete(name)
    storage().save(name, ContentFile(as_text(manifest).encode("utf-8")))
    if is_whole:
        storage().delete(marked)


def as_text(manifest: dict[str, Any]) -> str:
    """Return a manifest as the file that it is."""
    return f"{json.dumps(manifest, indent=2, ensure_ascii=False)}\n"


def put_together(
    export: Export, name: str, head: bytes, pieces: Iterable[ExportPiece], tail: bytes
) -> tuple[str, int, str]:
    """Make the finished file of its pieces.

    Returns:
        Where it lies, its bytes, and their SHA-256.
    """
    digest, size = hashlib.sha256(), 0
    path = f"{_folder(export)}/{name}"
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as whole:
        for chunk in _chunks(head, pieces, tail):
            whole.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        whole.seek(0)
        storage().delete(path)
        where = storage().save(path, File(whole, name=path))
    return where, size, digest.hexdigest()


def delete_pieces(export: Export) -> None:
    """Delete the pieces of an export and what is marked as incomplete beside them."""
    for piece in export.pieces.all():
        storage().delete(piece.name)
    storage().delete(f"{_folder(export)}/{MARK}-{MANIFEST}")


def delete_file(export: Export) -> None:
    """Delete the whole file and its manifest, which stays in the database."""
    # One that was cancelled in the last moment was never told where its file lies.
    storage().delete(export.file or f"{_folder(export)}/{name_of(export)}")
    storage().delete(f"{_folder(export)}/{MANIFEST}")


def _folder(export: Export) -> str:
    return f"audit-exports/{export.pk}"


def _chunks(head: bytes, pieces: Iterable[ExportPiece], tail: bytes) -> Iterator[bytes]:
    yield head
    for piece in pieces:
        with storage().open(piece.name, "rb") as file:
            left = piece.bytes
            while left:
                chunk = file.read(min(left, _CHUNK))
                if not chunk:
                    raise OSError(f"{piece.name} is shorter than it was written.")
                left -= len(chunk)
                yield chunk
    yield tail
