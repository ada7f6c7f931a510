"""The report: an HTML page of its own, without scripts, to read and to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.template.loader import get_template
from django.utils.translation import gettext as _

from audit_console.exports.columns import COLUMNS, DOCUMENTS, Exported
from audit_console.presenters import documents
from eventstore import serialization

_FOLDER = "audit_console/exports/report"


class Report:
    """A head that says what this is, a section for each event, and the end."""

    ending = "html"
    media_type = "text/html; charset=utf-8"

    def __init__(self, facts: Mapping[str, Any], columns: Sequence[str]) -> None:
        """Remember what is told in the head."""
        self.facts = facts
        self.columns = columns

    def head(self) -> str:
        """Return the beginning of the page."""
        return str(get_template(f"{_FOLDER}/head.html").render({"facts": self.facts}))

    def event(self, event: Exported) -> str:
        """Return the section of an event."""
        values = event.values
        plain = [
            (COLUMNS[name], _text(value))
            for name, value in values.items()
            if name not in DOCUMENTS and value not in {None, ""}
        ]
        pretty = [
            (COLUMNS[name], documents.visible(_pretty(values[name])))
            for name in DOCUMENTS
            if name in values
        ]
        context = {
            "title": _text(values.get("event_type") or values.get("position") or ""),
            "plain": plain,
            "documents": pretty,
            "hidden": event.hidden,
        }
        return str(self._section.render(context))

    def tail(self, events: int) -> str:
        """Return the end of the page."""
        return get_template(f"{_FOLDER}/tail.html").render({"events": events})

    def broken_off(self, events: int) -> str:
        """Return the end of a page of which the rest is missing."""
        context = {"events": events, "is_broken_off": True}
        return get_template(f"{_FOLDER}/tail.html").render(context)

    @cached_property
    def _section(self) -> Any:
        return get_template(f"{_FOLDER}/event.html")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return documents.visible(str(value))


def _pretty(text: str) -> str:
    return documents.dump(serialization.decode(text, decimals=True), indent=2)
