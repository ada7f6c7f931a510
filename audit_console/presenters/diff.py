"""Differences of two documents as rows: path, before, after, and the change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from audit_console.presenters import documents, lists, tree, words
from audit_console.presenters.documents import REDACTED, Hidden
from audit_console.presenters.masking import Mask, keys_of
from eventstore import differences
from eventstore.differences import Difference

#: How many rows a page shows.
MAX_ROWS = 500
#: More characters of summary than this are not read at a glance.
_SUMMARY = 40
#: Longer paths show their end.
_PATH = 160

Change = Literal["added", "removed", "changed", "type", "redacted"]
_CHANGES: Mapping[str, Change] = {
    "added": "added",
    "removed": "removed",
    "changed": "changed",
    "type changed": "type",
}
#: Signs beside the words, for those who see no colours.
SIGNS: Mapping[Change, str] = {
    "added": "+",
    "removed": "\N{MINUS SIGN}",
    "changed": "~",
    "type": "≈",
    "redacted": "⟦⟧",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRow:
    """One place that differs.

    Attributes:
        path: where, as people write it: ``requester.email``, ``lines[2].price``.
        pointer: where (RFC 6901).
        change: what happened there.
        sign: the same as one character.
        before: the value of the first document; ``None`` where there was none.
        after: the value of the second.
        pieces: both as one text, where they are long strings.
    """

    path: str
    pointer: str
    change: Change
    sign: str
    before: tree.Row | None
    after: tree.Row | None
    pieces: tuple[words.Piece, ...] = ()

    @property
    def summary(self) -> str:
        """The change in a few words: ``status: draft → approved``."""
        # Of another type, 1 and "1" must not read the same.
        exact = self.change == "type"
        old, new = _brief(self.before, exact=exact), _brief(self.after, exact=exact)
        match self.change:
            case "added":
                return f"{self.path}: {new}"
            case "removed":
                return f"{self.path}: {old} →"
            case _:
                return f"{self.path}: {old} → {new}"


@dataclass(frozen=True, slots=True)
class Diff:
    """What differs.

    Attributes:
        rows: the differences, at most ``MAX_ROWS``.
        is_complete: whether there are no more than these.
    """

    rows: tuple[DiffRow, ...]
    is_complete: bool


def compare(
    before: Any,
    after: Any,
    *,
    base: str = "",
    mask: Mask | None = None,
    limit: int = MAX_ROWS,
) -> Diff:
    """Return what differs between two documents, with nothing of what is hidden.

    That a hidden value changed is told; the values are not.

    Args:
        before: the first document, with nothing hidden.
        after: the second.
        base: where both lie in an event, for the mask: ``/data``.
        mask: what is hidden.
        limit: how many rows at most.
    """
    found = differences.compare(before, after, limit=limit)
    mask = mask or Mask()
    told = _without_hidden(lists.align(before, after, found.found), base, mask)
    return Diff(
        tuple(_row(one, base, mask) for one in told[:limit]),
        found.is_complete and len(told) <= limit,
    )


def _without_hidden(
    found: Iterable[Difference], base: str, mask: Mask
) -> list[Difference]:
    """Return what differs, with what lies below a hidden place told as one change."""
    told: dict[str, Difference] = {}
    for one in found:
        place = mask.place_of(one.pointer, base)
        if place == one.pointer:
            told[place] = one
        else:
            told[place] = Difference(place, "changed", Hidden(), Hidden())
    return list(told.values())


def _row(found: Difference, base: str, mask: Mask) -> DiffRow:
    place = base + found.pointer
    change = _CHANGES[found.kind]
    has_before, has_after = change != "added", change != "removed"
    before = mask.apply(found.before, place) if has_before else None
    after = mask.apply(found.after, place) if has_after else None
    if found.after == REDACTED and found.before != REDACTED:
        change = "redacted"
    pieces: tuple[words.Piece, ...] = ()
    if isinstance(before, str) and isinstance(after, str):
        pieces = words.compare(before, after)
    return DiffRow(
        path=path_of(found.pointer),
        pointer=found.pointer,
        change=change,
        sign=SIGNS[change],
        before=_value(before) if has_before else None,
        after=_value(after) if has_after else None,
        pieces=pieces,
    )


def path_of(pointer: str) -> str:
    """Return a pointer as people write it, ``lines[2].price``; "" is the document.

    Of a long one, the end: there lies what differs.
    """
    path = ""
    for key in keys_of(pointer):
        if key.isdecimal():
            path += f"[{key}]"
        else:
            path += f".{documents.visible(key)}" if path else documents.visible(key)
    return path if len(path) <= _PATH else f"…{path[1 - _PATH :]}"


def _value(value: Any) -> tree.Row:
    is_redacted = value == REDACTED and not isinstance(value, Hidden)
    return tree.leaf(value, tree.Mark("redacted") if is_redacted else None)


def _brief(value: tree.Row | None, *, exact: bool) -> str:
    if value is None:
        return ""
    if value.mark is not None:
        return "••••" if value.mark.kind == "hidden" else "⟦redacted⟧"
    text = value.text.head
    if value.value in {"object", "array"}:
        text = " ".join(text.split())
    if len(text) > _SUMMARY:
        text = f"{text[: _SUMMARY - 1]}…"
    is_quoted = value.value == "string" and (exact or not text)
    return f'"{text}"' if is_quoted else text
