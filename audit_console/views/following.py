"""The right to poll a list: given by a page on record, for that list and reader."""

from __future__ import annotations

import hashlib

from django.core import signing
from django.http import HttpRequest

from audit_console.queries import Asked

_SALT = "audit_console.following"
#: Seconds; the script ends following after a quarter of an hour.
_LONGEST = 20 * 60


def token(request: HttpRequest, asked: Asked, position: int) -> str:
    """Return what a poll must bring along: whose it is, of which list, since when."""
    return signing.dumps([*_owner(request, asked), position], salt=_SALT)


def since(request: HttpRequest, asked: Asked) -> int | None:
    """Return the position that a poll counts from.

    Returns:
        ``None`` when it was not given to this reader for this list, or is too old.
    """
    try:
        *owner, position = signing.loads(
            request.GET.get("follow", ""), salt=_SALT, max_age=_LONGEST
        )
    except signing.BadSignature:
        return None
    return position if owner == _owner(request, asked) else None


def again(asked: Asked, position: int) -> str:
    """Return the list anew, with what was stored after ``position`` marked in it."""
    return f"{asked.url()}&live=1&seen={position}#results"


def _owner(request: HttpRequest, asked: Asked) -> list[str]:
    # The words themselves, not what the access log says of them: that hides some.
    list_ = repr((asked.text, asked.url()))
    return [str(request.user.pk), hashlib.sha256(list_.encode()).hexdigest()]
