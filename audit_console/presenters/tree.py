"""A JSON document as rows for nested ``<details>``, so that templates only loop.

Numbers are printed digit by digit; what is deep is closed, what is long is folded, what
is too much is cut, and each of these is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from audit_console.presenters import documents
from audit_console.presenters.documents import REDACTED, Hidden
from eventstore.differences import token

#: Levels below this one are closed.
OPEN_LEVELS = 3
#: Levels below this one are left to the exact text: browsers draw 512 elements deep.
MAX_LEVELS = 60
#: How many rows a tree has at most.
MAX_ROWS = 2_000
#: Strings longer than this are folded; this much of them stays in sight.
FOLD_FROM, SHOWN = 2_000, 200
#: How much of a folded string a page carries.
MAX_CARRIED = 20_000
#: Objects and arrays with a longer text are written line by line.
ONE_LINE = 60

RowKind = Literal["open", "close", "leaf"]
ValueKind = Literal[
    "object", "array", "string", "number", "boolean", "null", "redacted", "hidden"
]


@dataclass(frozen=True, slots=True)
class Mark:
    """Why a value is not there.

    Attributes:
        kind: removed for all, or hidden from the one who looks.
        number: the id of the record of the redaction.
        reason: what that record says.
    """

    kind: Literal["redacted", "hidden"]
    number: str = ""
    reason: str = ""


HIDDEN = Mark("hidden")


@dataclass(frozen=True, slots=True)
class Text:
    """A string as a page shows it.

    Attributes:
        head: the beginning, or all of it.
        rest: what is folded away behind it.
        length: how many characters there are in all.
        left_out: how many are neither in head nor in rest.
    """

    head: str
    rest: str = ""
    length: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One step of the walk through a document.

    Attributes:
        kind: an object or array begins, or ends, or a single value.
        name: the key, or the index; "" at the top.
        pointer: where (RFC 6901).
        value: the kind of the value.
        text: the value, of a leaf.
        size: how many items an object or array has.
        is_open: whether it is shown open.
        mark: why the value is not there.
    """

    kind: RowKind
    name: str = ""
    pointer: str = ""
    value: ValueKind = "object"
    text: Text = Text("")
    size: int = 0
    is_open: bool = False
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """The rows of a document.

    Attributes:
        rows: in the order of the document; each ``open`` has its ``close``.
        is_cut: whether the document has more rows than these.
    """

    rows: tuple[Row, ...]
    is_cut: bool


def build(
    document: Any,
    *,
    base: str = "",
    marks: Mapping[str, Mark] | None = None,
    elsewhere: Mark | None = None,
    max_rows: int = MAX_ROWS,
) -> Tree:
    """Return the tree of a document.

    Args:
        document: what ``documents.decode()`` gives, with hidden values already out.
        base: the pointer of the document itself: ``/data``.
        marks: what was redacted, by pointer.
        elsewhere: the mark for ``{"redacted": true}`` at any other place: where code
            has moved values about, pointers no longer tell.
        max_rows: how many rows at most.
    """
    walk = _Walk(marks or {}, elsewhere).rows(document, "", base, 0)
    rows = list(islice(walk, max_rows + 1))
    is_cut = len(rows) > max_rows
    del rows[max_rows:]
    depth = sum({"open": 1, "close": -1, "leaf": 0}[row.kind] for row in rows)
    rows += [Row(kind="close")] * depth
    return Tree(tuple(rows), is_cut)


def leaf(value: Any, mark: Mark | None = None) -> Row:
    """Return a value by itself as a row, objects and arrays as text."""
    if _is_nested(value, mark):
        kind: ValueKind = "object" if isinstance(value, dict) else "array"
        text = documents.dump(value)
        if len(text) > ONE_LINE:
            text = documents.dump(value, indent=2)
        return Row(kind="leaf", value=kind, text=fold(text))
    return _leaf(value, "", "", mark)


def fold(text: str) -> Text:
    """Return a string as head and folded rest."""
    shown = documents.visible(text[: SHOWN if len(text) > FOLD_FROM else FOLD_FROM])
    if len(text) <= FOLD_FROM:
        return Text(shown, length=len(text))
    rest = documents.visible(text[SHOWN:MAX_CARRIED])
    return Text(shown, rest, len(text), max(len(text) - MAX_CARRIED, 0))


@dataclass(frozen=True, slots=True)
class _Walk:
    """The way through a document, past what is marked."""

    marks: Mapping[str, Mark]
    elsewhere: Mark | None

    def rows(self, value: Any, name: str, pointer: str, level: int) -> Iterator[Row]:
        mark = self.marks.get(pointer)
        if mark is None and self.elsewhere is not None and value == REDACTED:
            mark = self.elsewhere
        if not _is_nested(value, mark):
            yield _leaf(value, name, pointer, mark)
            return
        yield Row(
            kind="open",
            name=documents.visible(name),
            pointer=pointer,
            value="object" if isinstance(value, dict) else "array",
            size=len(value),
            is_open=level < OPEN_LEVELS,
        )
        if level >= MAX_LEVELS:
            text = fold(documents.dump(value))
            yield Row(kind="leaf", pointer=pointer, value="object", text=text)
        else:
            items = value.items() if isinstance(value, dict) else enumerate(value)
            for key, item in items:
                place = f"{pointer}/{token(str(key))}"
                yield from self.rows(item, str(key), place, level + 1)
        yield Row(kind="close")


def _is_nested(value: Any, mark: Mark | None) -> bool:
    return (
        isinstance(value, dict | list | tuple)
        and bool(value)
        and mark is None
        and not isinstance(value, Hidden)
    )


def _leaf(value: Any, name: str, pointer: str, mark: Mark | None) -> Row:
    if mark is None and isinstance(value, Hidden):
        mark = HIDDEN
    kind: ValueKind
    text = Text("")
    match value:
        case _ if mark is not None:
            kind = mark.kind
        case None:
            kind, text = "null", Text("null")
        case bool():
            kind, text = "boolean", Text(documents.scalar(value))
        case str():
            kind, text = "string", fold(value)
        case dict() | list() | tuple():
            kind, text = "object", Text("{}" if isinstance(value, dict) else "[]")
        case _:
            kind, text = "number", fold(documents.number(value))
    return Row(
        kind="leaf",
        name=documents.visible(name),
        pointer=pointer,
        value=kind,
        text=text,
        mark=mark,
    )
