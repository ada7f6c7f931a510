"""The state of an aggregate as a JSON document, whatever its code keeps in it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from audit_console.presenters.documents import Hidden


def plain(value: Any) -> Any:
    """Return a copy of ``value`` that later changes do not reach, of JSON values only.

    What JSON does not have becomes text as Python writes it.
    """
    match value:
        case None | bool() | int() | float() | Decimal() | str() | Hidden():
            return value
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case set() | frozenset():
            return sorted((plain(item) for item in value), key=repr)
        case _:
            return str(value)
