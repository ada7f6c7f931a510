"""Several documents beside each other: a row for each place, a column for each one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from audit_console.presenters import tree
from audit_console.presenters.diff import path_of
from audit_console.presenters.documents import REDACTED, Hidden, dump
from audit_console.presenters.masking import Mask
from eventstore.differences import token

#: How many rows a page shows.
MAX_ROWS = 500


@dataclass(frozen=True, slots=True)
class Place:
    """One place in all of the documents.

    Attributes:
        path: where, as people write it.
        values: of each document; ``None`` where it has no such place.
        differs: whether they are not all the same.
        is_hidden: whether that is not told, for one of them is hidden.
    """

    path: str
    values: tuple[tree.Row | None, ...]
    differs: bool
    is_hidden: bool


def compare(
    documents: Sequence[Any], *, base: str = "", mask: Mask | None = None
) -> tuple[tuple[Place, ...], bool]:
    """Return the places of all documents, and whether these are all of them.

    Whether hidden values differ is not told: who knows whose one of them is would know
    it of all others.

    Args:
        documents: with nothing hidden.
        base: where they lie in an event, for the mask: ``/data``.
        mask: what is hidden.
    """
    mask = mask or Mask()
    flat = [dict(_leaves(mask.apply(document, base), "")) for document in documents]
    pointers = dict.fromkeys(pointer for each in flat for pointer in each)
    places = [_place(pointer, flat) for pointer in islice(pointers, MAX_ROWS)]
    return tuple(places), len(pointers) <= MAX_ROWS


def _place(pointer: str, flat: list[dict[str, Any]]) -> Place:
    values = [each.get(pointer, _ABSENT) for each in flat]
    texts = {"" if value is _ABSENT else dump(value) for value in values}
    is_hidden = any(isinstance(value, Hidden) for value in values)
    return Place(
        path_of(pointer),
        tuple(None if value is _ABSENT else _shown(value) for value in values),
        differs=len(texts) > 1 and not is_hidden,
        is_hidden=is_hidden,
    )


def _shown(value: Any) -> tree.Row:
    is_redacted = value == REDACTED and not isinstance(value, Hidden)
    return tree.leaf(value, tree.Mark("redacted") if is_redacted else None)


_ABSENT = object()


def _leaves(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """Yield the values of a document that hold no others, without recursion."""
    stack = [(pointer, value)]
    while stack:
        place, found = stack.pop()
        if not isinstance(found, dict | list | tuple) or not found or found == REDACTED:
            yield place, found
            continue
        items = found.items() if isinstance(found, dict) else enumerate(found)
        below = [(f"{place}/{token(str(key))}", item) for key, item in items]
        stack += reversed(below)
