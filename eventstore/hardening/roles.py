"""The roles of a hardened store. They belong to the cluster, so no name is fixed."""

from __future__ import annotations

import re
from dataclasses import astuple, dataclass

from eventstore import sql
from eventstore.exceptions import EventStoreError

#: What needs no second thought inside quotes and blocks, in at most 63 bytes.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.@-]{0,62}")


@dataclass(frozen=True, kw_only=True)
class Roles:
    """Four names, all different.

    Attributes:
        app: the login of the web process: reads, and goes through the doors.
        owner: owns tables and runs migrations; never the web process.
        writer: owns the functions that append, no login.
        redactor: owns the function that redacts, no login.
    """

    app: str
    owner: str
    writer: str
    redactor: str

    def __post_init__(self) -> None:
        """Refuse names that are none, or that serve twice.

        Raises:
            EventStoreError: a name cannot be used.
        """
        for name in astuple(self):
            check_name(name)
        if self.app == self.owner:
            raise EventStoreError(
                f"Role {self.app} owns the store's tables, and who owns a table can "
                "drop it: name another role with --owner-role, to which they will go."
            )
        if len(set(astuple(self))) != len(astuple(self)):
            raise EventStoreError("Owner, writer, redactor and app must be four roles.")


def check_name(name: str) -> None:
    """Refuse a name of a role that would need care in SQL.

    Raises:
        EventStoreError: it cannot be used.
    """
    if not _NAME.fullmatch(name):
        raise EventStoreError(
            f"{name!r} cannot be used as a role's name here: letters, digits "
            "and _ . @ -, beginning with a letter, at most 63."
        )


def choose_roles(
    app: str,
    *,
    owner: str | None = None,
    writer: str | None = None,
    redactor: str | None = None,
) -> Roles:
    """Return the roles: as given, else as the database has them, else by ``app``.

    Args:
        app: the application's login, which exists.
        owner: by default who owns the store's tables now.
        writer: by default who owns the append functions, else ``<app>_writer``.
        redactor: by default who owns the redaction, else ``<app>_redactor``.

    Raises:
        EventStoreError: a name cannot be used, or ``app`` would be the owner.
        NotInstalled: the store's tables are not there yet.
    """
    found = sql.fetch_one("owners")
    now_owner, now_writer, now_redactor = found or (app, app, app)
    return Roles(
        app=app,
        owner=owner or now_owner,
        writer=writer or (f"{app}_writer" if now_writer == now_owner else now_writer),
        redactor=redactor
        or (f"{app}_redactor" if now_redactor == now_owner else now_redactor),
    )
