"""Differences of lists told as what went and what came, not as what moved up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from audit_console.presenters import aligning
from audit_console.presenters.masking import keys_of
from eventstore.differences import Difference, Kind

#: Longer lists are told index by index.
MAX_ITEMS = 1_000


def align(before: Any, after: Any, found: Sequence[Difference]) -> list[Difference]:
    """Return ``found`` with the differences of lists of plain values told anew.

    Index by index, an item that is taken out changes each one behind it.

    Args:
        before: the first document.
        after: the second.
        found: what differs between them, index by index.
    """
    told: list[Difference] = []
    aligned: set[str] = set()
    for one in found:
        parent, _, last = one.pointer.rpartition("/")
        if parent in aligned:
            continue
        pair = _lists(before, after, parent) if last.isdecimal() else None
        if pair is None:
            told.append(one)
        else:
            aligned.add(parent)
            told += _aligned(parent, *pair)
    return told


def _lists(before: Any, after: Any, pointer: str) -> tuple[list[Any], list[Any]] | None:
    keys = keys_of(pointer)
    old, new = _at(before, keys), _at(after, keys)
    return (old, new) if _is_plain(old) and _is_plain(new) else None


def _at(document: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        document = document[int(key) if isinstance(document, list) else key]
    return document


def _is_plain(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MAX_ITEMS
        and not any(isinstance(item, dict | list) for item in value)
    )


def _aligned(pointer: str, old: list[Any], new: list[Any]) -> Iterator[Difference]:
    # The type belongs to the value: in Python 1 equals true.
    left_keys, right_keys = (
        [(type(item), item) for item in each] for each in (old, new)
    )
    for run in aligning.align(left_keys, right_keys):
        if run.kind == "same":
            continue
        if len(run.old) == len(run.new):
            for left, right in zip(run.old, run.new, strict=True):
                yield _changed(f"{pointer}/{right}", old[left], new[right])
            continue
        for left in run.old:
            yield Difference(f"{pointer}/{left}", "removed", old[left], None)
        for right in run.new:
            yield Difference(f"{pointer}/{right}", "added", None, new[right])


def _changed(pointer: str, before: Any, after: Any) -> Difference:
    kind: Kind = "changed" if type(before) is type(after) else "type changed"
    return Difference(pointer, kind, before, after)
