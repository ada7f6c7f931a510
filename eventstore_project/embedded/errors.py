"""What can go wrong with the private server, said to a person."""

from __future__ import annotations

from pathlib import Path

_TAIL = 12


class EmbeddedPostgresError(Exception):
    """The private PostgreSQL cannot be prepared, started or reached.

    The message says what happened, what the server's log ends with, and what
    can be done about it.
    """

    def __init__(self, what: str, *, log: Path | None = None, remedy: str = "") -> None:
        parts = [what, *_end_of(log)]
        parts.append(
            remedy or "Mend the cause, or set DATABASE_URL to a PostgreSQL of your own."
        )
        super().__init__("\n".join(parts))


def _end_of(log: Path | None) -> list[str]:
    if log is None or not log.exists():
        return []
    lines = log.read_text(errors="replace").splitlines()[-_TAIL:]
    return [f"The server's log, {log}, ends with:", *(f"    {line}" for line in lines)]
