"""The secret key of a checkout that was given none: made once, kept privately."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from eventstore_project import embedded


def key() -> str:
    """Return the key kept in this checkout's private folder; make it if missing.

    Raises:
        OSError: the folder cannot be written; set ``SECRET_KEY`` instead.
    """
    path = embedded.private_folder() / "secret-key"
    if not path.exists():
        _make(path)
    return path.read_text().strip()


def _make(path: Path) -> None:
    """Write a new key; of several processes at once the first one's stays."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()
