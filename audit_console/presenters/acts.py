"""What the access log stores as codes, in words: acts and how they ended."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: By the code of :class:`audit_console.access.Act`.
ACTS: Mapping[str, str | Promise] = {
    "overview": _("Opened the overview"),
    "list events": _("Listed events"),
    "view event": _("Viewed an event"),
    "compare events": _("Compared events"),
    "list aggregates": _("Listed aggregates"),
    "view aggregate": _("Viewed an aggregate"),
    "view state": _("Viewed a state"),
    "view correlation": _("Viewed a conversation"),
    "follow live": _("Began to follow live"),
    "stop live": _("Stopped following live"),
    "list redactions": _("Listed redactions"),
    "view redaction": _("Viewed a redaction"),
    "draft redaction": _("Drafted a redaction"),
    "decide on redaction": _("Decided on a redaction"),
    "list exports": _("Listed exports"),
    "view export": _("Viewed an export"),
    "request export": _("Requested an export"),
    "decide on export": _("Decided on an export"),
    "begin export": _("Making of an export began"),
    "end export": _("Making of an export ended"),
    "cancel export": _("Cancelled an export"),
    "download": _("Downloaded"),
    "print": _("Opened a print view"),
    "view access log": _("Viewed the access log"),
    "state purpose": _("Stated a purpose"),
    "log in": _("Logged in"),
    "log out": _("Logged out"),
    "open page": _("Opened a page"),
}
#: By the code of :class:`audit_console.access.Outcome`.
OUTCOMES: Mapping[str, str | Promise] = {
    "shown": _("shown"),
    "done": _("done"),
    "denied": _("denied"),
    "not found": _("not found"),
    "failed": _("failed"),
}


def act(code: str) -> str:
    """Return what somebody did, in words; the code itself, if it is not known."""
    return str(ACTS.get(code, code))


def outcome(code: str) -> str:
    """Return how it ended, in words; the code itself, if it is not known."""
    return str(OUTCOMES.get(code, code))
