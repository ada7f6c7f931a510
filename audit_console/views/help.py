"""Help: what is where, which keys do what, and what can be asked."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from audit_console.access import Act
from audit_console.language.fields import FIELDS
from audit_console.views.base import Page

#: What each single key does: the same table on the page and in the dialog.
KEYS = (
    ("/", _("Go to an event, an aggregate or a conversation")),
    ("f", _("To the filters")),
    ("t", _("To the time range")),
    ("j", _("Next row")),
    ("k", _("Previous row")),
    ("Enter", _("Open the row")),
    ("o", _("Unfold the row in its place, or fold it up")),
    (_("Space"), _("Unfold the row in its place, or fold it up")),
    ("x", _("Select the row")),
    ("c", _("Compare the selected rows")),
    ("]", _("Older page")),
    ("[", _("Newer page")),
    ("s", _("Save this list")),
    ("y", _("Copy a pinned link")),
    ("?", _("Show these keys")),
)

#: Examples that can be tried: what is typed, what it asks.
EXAMPLES = (
    ("type:RequirementRejected", _("Events of one type")),
    ("type:Requirement*", _("Types that begin so")),
    ("actor:anna -type:CommentAdded", _("What Anna did, but for comments")),
    ('agg:"Requirement:R-17"', _("One aggregate; quotes keep a colon or a blank")),
    ("occurred:2026-03-01..2026-03-31", _("A range of days, both included")),
    ("weekday:6..7", _("What happened on Saturdays and Sundays")),
    ("pos>=1000", _("From a position on")),
    ("redacted:yes", _("Events that something was removed from")),
)


class HelpPage(Page):
    """Where to find what, and the keys."""

    act = Act.OPEN_PAGE
    template_name = "audit_console/help/page.html"
    fragments = {"keys": "audit_console/help/_keys.html"}
    title = _("Help")

    def context(self) -> dict[str, Any]:
        """Return the keys."""
        self.seen.query = "help"
        return {"keys": KEYS}


class QueryHelpPage(Page):
    """The language of the explorer, from the very table that it is parsed with."""

    act = Act.OPEN_PAGE
    template_name = "audit_console/help/query.html"
    title = _("What can be asked")

    def context(self) -> dict[str, Any]:
        """Return its fields and some examples."""
        self.seen.query = "help"
        return {"fields": FIELDS.values(), "examples": EXAMPLES}
