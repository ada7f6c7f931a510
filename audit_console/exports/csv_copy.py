"""CSV: a copy to look at in a spreadsheet, which must not run what it shows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from audit_console.exports.columns import Exported

#: A cell that begins like this is a formula to a spreadsheet (OWASP, CSV Injection).
#: Spreadsheets take the full-width forms for the same.
_DANGEROUS = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")


class CsvCopy:
    """A row of titles and a row for each event, after RFC 4180."""

    ending = "csv"
    media_type = "text/csv; charset=utf-8"

    def __init__(self, facts: Mapping[str, Any], columns: Sequence[str]) -> None:
        """Remember the columns; there is no place for anything else."""
        self.columns = columns

    def head(self) -> str:
        """Return the titles, and the one of what was taken out."""
        return _row([*self.columns, "hidden"])

    def event(self, event: Exported) -> str:
        """Return the row of an event."""
        return _row([*event.values.values(), " ".join(event.hidden)])

    def tail(self, events: int) -> str:
        """Return nothing: the manifest counts the rows."""
        return ""

    def broken_off(self, events: int) -> str:
        """Return the row that says that the rest is missing."""
        return _row(["INCOMPLETE", f"The rest is missing after {events} events."])


def _row(values: Iterable[Any]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([_cell(value) for value in values])
    return text.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        # A number of ours: a minus is a minus.
        return value
    text = str(value)
    return f"'{text}" if text.startswith(_DANGEROUS) else text
