"""What a redaction takes from a document: each place, and what stands there now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit_console.presenters import tree
from audit_console.presenters.documents import REDACTED, Hidden, visible
from audit_console.presenters.masking import keys_of
from audit_console.presenters.tree import Mark, Row

#: The place of a payload.
PAYLOAD = "/data"
#: How many places of one event are offered to choose from.
MAX_CHOICES = 400
_GONE = Mark("redacted")
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Removal:
    """One place that is emptied.

    Attributes:
        place: the pointer, for the eye.
        before: what stands there; ``None`` when there is nothing.
    """

    place: str
    before: Row | None

    @property
    def is_gone(self) -> bool:
        """Whether it was removed already."""
        return self.before is not None and self.before.mark == _GONE


@dataclass(frozen=True, slots=True)
class Choice:
    """One place that may be chosen.

    Attributes:
        pointer: where (RFC 6901), as a form sends it back.
        place: the same for the eye.
        row: what stands there.
        is_chosen: whether it is chosen.
    """

    pointer: str
    place: str
    row: Row
    is_chosen: bool

    @property
    def is_open(self) -> bool:
        """Whether there is anything to remove that the reader may see."""
        return self.row.mark is None


def removals(documents: Mapping[str, Any], fields: Sequence[str]) -> list[Removal]:
    """Return what goes.

    Args:
        documents: ``data`` and ``metadata``, with hidden values already out.
        fields: pointers; none for the whole payload.
    """
    return [
        Removal(visible(pointer), _row_at(documents, pointer))
        for pointer in fields or (PAYLOAD,)
    ]


def choices(
    documents: Mapping[str, Any], chosen: Collection[str]
) -> tuple[list[Choice], bool]:
    """Return the places of an event to choose from, and whether there are more."""
    found: list[Choice] = []
    is_cut = False
    for name, document in documents.items():
        built = tree.build(
            document, base=f"/{name}", elsewhere=_GONE, max_rows=MAX_CHOICES
        )
        is_cut |= built.is_cut
        found += _choices_in(built.rows, f"/{name}", chosen)
    return found, is_cut


def leads_somewhere(documents: Mapping[str, Any], pointer: str) -> bool:
    """Return whether there is something at ``pointer`` that the reader may see."""
    row = _row_at(documents, pointer)
    return row is not None and row.mark is None


def _choices_in(
    rows: Sequence[Row], base: str, chosen: Collection[str]
) -> Iterator[Choice]:
    seen = {base}
    for row in rows:
        # What lies too deep is one row beside its own object.
        if row.kind != "close" and row.pointer not in seen:
            seen.add(row.pointer)
            yield Choice(row.pointer, visible(row.pointer), row, row.pointer in chosen)


def _row_at(documents: Mapping[str, Any], pointer: str) -> Row | None:
    value: Any = documents
    for key in keys_of(pointer):
        if isinstance(value, Hidden):
            break
        if value == REDACTED:
            return tree.leaf(value, _GONE)
        value = _member(value, key)
        if value is _MISSING:
            return None
    is_gone = value == REDACTED and not isinstance(value, Hidden)
    return tree.leaf(value, _GONE if is_gone else None)


def _member(value: Any, key: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(key, _MISSING)
    if isinstance(value, list) and key.isascii() and key.isdigit():
        index = int(key) if len(key) < len(str(len(value))) + 1 else len(value)
        return value[index] if index < len(value) else _MISSING
    return _MISSING
