"""Why somebody reads: asked once in a session, stamped on every record."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.http import HttpRequest

from audit_console.conf import console_settings

_KEY = "audit_console_purpose"
#: Seconds between two writes of the session by mere reading.
_TOUCH = 60


@dataclass(frozen=True, slots=True)
class Purpose:
    """A stated purpose.

    Attributes:
        code: the key in the setting ``PURPOSES``.
        reference: the number of a case or ticket, as given.
    """

    code: str
    reference: str

    @property
    def label(self) -> str:
        """What the purpose is called."""
        return str(console_settings().PURPOSES.get(self.code, self.code))


def active(request: HttpRequest) -> Purpose | None:
    """Return the session's purpose, unless none was stated or it has expired."""
    stated = request.session.get(_KEY)
    if not isinstance(stated, dict) or stated["user"] != str(request.user.pk):
        return None
    conf, now = console_settings(), time.time()
    is_old = now - stated["stated"] > conf.PURPOSE_HOURS * 3600
    is_idle = now - stated["used"] > conf.PURPOSE_IDLE_MINUTES * 60
    if is_old or is_idle or stated["code"] not in conf.PURPOSES:
        return None
    return Purpose(stated["code"], stated["reference"])


def is_due(request: HttpRequest) -> bool:
    """Return whether a purpose must be stated before payloads are shown."""
    return bool(console_settings().PURPOSES) and active(request) is None


def state(request: HttpRequest, code: str, reference: str) -> None:
    """Keep the purpose for this session and user."""
    now = time.time()
    request.session[_KEY] = {
        "user": str(request.user.pk),
        "code": code,
        "reference": reference,
        "stated": now,
        "used": now,
    }


def keep_alive(request: HttpRequest) -> None:
    """Note that the session's purpose is in use."""
    if active(request) is None:
        return
    stated, now = request.session[_KEY], time.time()
    if now - stated["used"] > _TOUCH:
        request.session[_KEY] = {**stated, "used": now}
