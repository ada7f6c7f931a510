"""Addresses that differ in few values: made once, with something in their place."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from urllib.parse import quote_plus

#: Stand for values while an address is made; nobody types them.
FIRST, SECOND = uuid.uuid4().hex, uuid.uuid4().hex


def filler(address: str) -> Callable[..., str]:
    """Return what makes ``address`` with one or two texts in place of the stand-ins."""

    def fill(first: str, second: str = "") -> str:
        filled = address.replace(FIRST, quote_plus(first))
        return filled.replace(SECOND, quote_plus(second))

    return fill
