"""What the three formats have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from audit_console.exports.columns import Exported
from audit_console.exports.csv_copy import CsvCopy
from audit_console.exports.ndjson import Ndjson
from audit_console.exports.report import Report
from audit_console.models import Export


class Format(Protocol):
    """How a file of some kind is written; all of it is text in UTF-8.

    Attributes:
        ending: of the file's name.
        media_type: of the file.
    """

    ending: str
    media_type: str

    def head(self) -> str:
        """Return what stands before the first event."""

    def event(self, event: Exported) -> str:
        """Return one event."""

    def tail(self, events: int) -> str:
        """Return what stands after the last of all ``events``."""

    def broken_off(self, events: int) -> str:
        """Return the record that ends a file of which the rest is missing."""


def format_of(export: Export, facts: Mapping[str, Any]) -> Format:
    """Return what writes the file of ``export``.

    Args:
        export: its format and its columns.
        facts: what the file says about itself (:mod:`.manifest`).
    """
    return _KINDS[export.format](facts, export.columns)


def media_type_of(export: Export) -> str:
    """Return what the file of ``export`` is to a browser."""
    return _KINDS[export.format].media_type


_KINDS: dict[str, type[Ndjson | CsvCopy | Report]] = {
    Export.Format.NDJSON: Ndjson,
    Export.Format.CSV: CsvCopy,
    Export.Format.HTML: Report,
}
