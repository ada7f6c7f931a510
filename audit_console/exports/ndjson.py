"""NDJSON, the format that counts: every value as it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from audit_console.exports.columns import DOCUMENTS, Exported
from audit_console.presenters import documents


class Ndjson:
    """A header, a line for each event, and a line that says that these are all."""

    ending = "ndjson"
    media_type = "application/x-ndjson"

    def __init__(self, facts: Mapping[str, Any], columns: Sequence[str]) -> None:
        """Remember what is told in the header."""
        self.facts = facts

    def head(self) -> str:
        """Return the line that says what this is."""
        return _line({"record": "export", **self.facts})

    def event(self, event: Exported) -> str:
        """Return the line of an event; its documents are not even parsed again."""
        parts = ['"record": "event"']
        for name, value in event.values.items():
            text = value if name in DOCUMENTS else documents.dump(value)
            parts.append(f'"{name}": {text}')
        parts.append(f'"hidden": {documents.dump(list(event.hidden))}')
        return f"{{{', '.join(parts)}}}\n"

    def tail(self, events: int) -> str:
        """Return the last line: without it, something is missing."""
        return _line({"record": "end", "complete": True, "events": events})

    def broken_off(self, events: int) -> str:
        """Return the line that says that the rest is missing."""
        return _line({"record": "INCOMPLETE", "complete": False, "events": events})


def _line(document: Mapping[str, Any]) -> str:
    return f"{documents.dump(dict(document))}\n"
