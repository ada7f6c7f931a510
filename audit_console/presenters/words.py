"""Two long strings compared word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from audit_console.presenters import documents
from audit_console.presenters.aligning import align

Kind = Literal["same", "removed", "added"]

#: Shorter strings are read faster side by side.
FROM_LENGTH = 40
#: More words than this take too long to compare.
MAX_WORDS = 2_000
#: With a smaller part in common, pieces only confuse.
_SHARED = 0.3
#: A word takes the space behind it along: a space by itself is equal everywhere.
_WORDS = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words: in both strings, or in one of them."""

    kind: Kind
    text: str


def compare(before: str, after: str) -> tuple[Piece, ...]:
    """Return both strings as one text of pieces; nothing if it would not help.

    It helps when they are long, share words, and are not too long to be compared.
    """
    if min(len(before), len(after)) < FROM_LENGTH:
        return ()
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > MAX_WORDS:
        return ()
    runs = align(old, new)
    shared = sum(len(run.old) for run in runs if run.kind == "same")
    if shared < _SHARED * max(len(old), len(new)):
        return ()
    pieces: list[Piece] = []
    for run in runs:
        if run.kind == "same":
            pieces.append(_piece("same", old, run.old))
            continue
        pieces.append(_piece("removed", old, run.old))
        pieces.append(_piece("added", new, run.new))
    return tuple(piece for piece in pieces if piece.text)


def _piece(kind: Kind, words: list[str], run: range) -> Piece:
    return Piece(kind, documents.visible("".join(words[run.start : run.stop])))
