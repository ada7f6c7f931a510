"""Differences of lists told as what went and what came, not as what moved up."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

from audit_console.presenters import aligning, documents
from audit_console.presenters.masking import keys_of
from eventstore import differences
from eventstore.differences import Difference

#: Longer lists are told index by index.
MAX_ITEMS = 1_000
#: So many lists within lists are told anew; what lies deeper, index by index.
MAX_LEVELS = 8


def align(
    before: Any, after: Any, found: Sequence[Difference], *, levels: int = MAX_LEVELS
) -> list[Difference]:
    """Return ``found`` with the differences of lists told anew.

    Index by index, an item that is taken out changes each one behind it.

    Args:
        before: the first document.
        after: the second.
        found: what differs between them, index by index.
        levels: how many lists within lists are told anew.
    """
    told: list[Difference] = []
    aligned: set[str] = set()
    for one in found:
        place = _list_around(before, after, one.pointer) if levels else None
        if place is None:
            told.append(one)
        elif place not in aligned:
            aligned.add(place)
            keys = keys_of(place)
            told += _aligned(place, _at(before, keys), _at(after, keys), levels - 1)
    return told


def _list_around(before: Any, after: Any, pointer: str) -> str | None:
    """Return the outermost list around a place, if it can be told anew."""
    old, new, place = before, after, ""
    for part, key in zip(pointer.split("/")[1:], keys_of(pointer), strict=True):
        if isinstance(old, list) and isinstance(new, list):
            return place if max(len(old), len(new)) <= MAX_ITEMS else None
        if not (_has(old, key) and _has(new, key)):
            return None
        place = f"{place}/{part}"
        old, new = old[key], new[key]
    return None


def _has(document: Any, key: str) -> bool:
    return isinstance(document, dict) and key in document


def _at(document: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        document = document[int(key) if isinstance(document, list) else key]
    return document


def _aligned(
    pointer: str, old: list[Any], new: list[Any], levels: int
) -> Iterator[Difference]:
    left_keys, right_keys = ([_key(item) for item in each] for each in (old, new))
    for run in aligning.align(left_keys, right_keys):
        if run.kind == "same":
            continue
        if len(run.old) == len(run.new):
            for left, right in zip(run.old, run.new, strict=True):
                place = f"{pointer}/{right}"
                yield from _between(place, old[left], new[right], levels)
            continue
        for left in run.old:
            yield Difference(f"{pointer}/{left}", "removed", old[left], None)
        for right in run.new:
            yield Difference(f"{pointer}/{right}", "added", None, new[right])


def _key(item: Any) -> Hashable:
    """Return what two items have alike that are the same."""
    if isinstance(item, dict | list):
        return documents.dump(item)
    # The type belongs to the value: in Python 1 equals true.
    return type(item), item


def _between(
    pointer: str, before: Any, after: Any, levels: int
) -> Iterator[Difference]:
    found = differences.compare(before, after).found
    for one in align(before, after, found, levels=levels):
        yield Difference(pointer + one.pointer, one.kind, one.before, one.after)
