"""What differs between two JSON documents, field by field; for API and console."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["added", "removed", "changed", "type changed"]

#: How many differences are told at most unless the caller says otherwise.
LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two documents differ.

    Attributes:
        pointer: where, as a JSON pointer (RFC 6901); "" is the whole document.
        kind: ``added`` and ``removed`` have one side only; ``type changed`` is a change
            of the JSON type, such as from a number to a string.
        before: the value of the first document; ``None`` when it was added.
        after: the value of the second document; ``None`` when it was removed.
    """

    pointer: str
    kind: Kind
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs between two documents.

    Attributes:
        found: the differences, by rising key and index.
        is_complete: ``False`` when there are more than were asked for: say so.
    """

    found: tuple[Difference, ...]
    is_complete: bool


def compare(before: Any, after: Any, *, limit: int = LIMIT) -> Differences:
    """Return where two documents differ.

    Objects are compared key by key and arrays index by index: what is put in front of
    an array changes each element behind it. An object or array that one side lacks is
    one difference with the whole value. Numbers differ by value: 1 and 1.0 are equal,
    1 and true are not.

    Args:
        before: a document as the store decodes it; decimals and floats may be mixed.
        after: the other one.
        limit: how many differences are told at most.
    """
    found = tuple(islice(_walk(before, after, ""), limit + 1))
    return Differences(found[:limit], len(found) <= limit)


def token(key: str) -> str:
    """Return a key as one part of a JSON pointer (RFC 6901, 3)."""
    return key.replace("~", "~0").replace("/", "~1")


def _walk(before: Any, after: Any, pointer: str) -> Iterator[Difference]:
    kind, other = _json_type(before), _json_type(after)
    if kind != other:
        yield Difference(pointer, "type changed", before, after)
    elif kind == "object":
        yield from _walk_object(before, after, pointer)
    elif kind == "array":
        yield from _walk_array(before, after, pointer)
    elif before != after:
        yield Difference(pointer, "changed", before, after)


def _walk_object(
    before: dict[str, Any], after: dict[str, Any], pointer: str
) -> Iterator[Difference]:
    for key in sorted(before.keys() | after.keys()):
        place = f"{pointer}/{token(key)}"
        if key not in before:
            yield Difference(place, "added", None, after[key])
        elif key not in after:
            yield Difference(place, "removed", before[key], None)
        else:
            yield from _walk(before[key], after[key], place)


def _walk_array(
    before: list[Any], after: list[Any], pointer: str
) -> Iterator[Difference]:
    for index in range(max(len(before), len(after))):
        place = f"{pointer}/{index}"
        if index >= len(before):
            yield Difference(place, "added", None, after[index])
        elif index >= len(after):
            yield Difference(place, "removed", before[index], None)
        else:
            yield from _walk(before[index], after[index], place)


def _json_type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "string"
        case dict():
            return "object"
        case list() | tuple():
            return "array"
        case _:
            return "number"
