"""JSON documents for people to read: every digit as stored, every character visible."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from eventstore import serialization

#: Characters that are drawn as nothing or that turn the order of others around:
#: controls, zero-width and bidirectional ones, separators of lines, lone surrogates.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e0fff]"
)


class Hidden(dict[str, Any]):
    """Stands where a value was hidden from the one who looks.

    Equal to the marker of a redacted value, which every fold and migration can bear.
    """

    def __init__(self) -> None:
        """Look like a redacted value."""
        super().__init__(redacted=True)


#: What stands where a value was redacted.
REDACTED = {"redacted": True}


def decode(text: str) -> Any:
    """Return the document of an exact JSON text; no number passes through a float."""
    return serialization.decode(text, decimals=True)


def number(value: float | Decimal) -> str:
    """Return a number in digits, as PostgreSQL's jsonb writes it: never ``1E-7``."""
    return format(value, "f") if isinstance(value, Decimal) else repr(value)


def visible(text: str) -> str:
    r"""Return ``text`` with what nobody can see written out, as ``\u202e``."""
    return _UNSEEN.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    # As JSON writes it: what lies beyond four digits takes two of them (RFC 8259, 7).
    return json.dumps(found[0])[1:-1]


def scalar(value: Any) -> str:
    """Return a value that is no object and no array as JSON writes it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return number(value)


def dump(document: Any, *, indent: int | None = None) -> str:
    """Return ``document`` as JSON text with its numbers digit by digit.

    Without an indent it is the text that PostgreSQL gives for the same jsonb.

    Args:
        document: what ``decode()`` gives; hidden values are named as such.
        indent: how many blanks a level is moved in; all in one line by default.
    """
    parts: list[str] = []
    # A stack, and not recursion: documents nest deeper than Python calls.
    stack: list[_Text | tuple[Any, int]] = [(document, 0)]
    while stack:
        step = stack.pop()
        if isinstance(step, _Text):
            parts.append(step)
            continue
        value, level = step
        if isinstance(value, Hidden):
            parts.append('{"hidden": true}')
        elif isinstance(value, dict | list | tuple):
            stack += reversed(_items(value, indent, level))
        else:
            parts.append(scalar(value))
    return "".join(parts)


class _Text(str):
    """What is written already, between the values that are to be."""

    __slots__ = ()


def _items(
    value: dict[str, Any] | list[Any] | tuple[Any, ...], indent: int | None, level: int
) -> list[_Text | tuple[Any, int]]:
    """Return the parts of an object or array, from bracket to bracket."""
    first, last = "{}" if isinstance(value, dict) else "[]"
    if not value:
        return [_Text(first + last)]
    inner = outer = ""
    comma = ", "
    if indent is not None:
        inner, outer = ("\n" + " " * indent * more for more in (level + 1, level))
        comma = f",{inner}"
    parts: list[_Text | tuple[Any, int]] = [_Text(first + inner)]
    for place, key in enumerate(value):
        before = comma if place else ""
        if isinstance(value, dict):
            parts.append(_Text(f"{before}{json.dumps(key, ensure_ascii=False)}: "))
            parts.append((value[key], level + 1))
        else:
            parts += (_Text(before), (key, level + 1))
    return [*parts, _Text(outer + last)]
