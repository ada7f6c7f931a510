"""Two long strings compared word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from audit_console.presenters import documents

#: Shorter strings are read faster side by side.
FROM_LENGTH = 40
#: More words than this take too long to compare.
MAX_WORDS = 2_000
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words: in both strings, or in one of them."""

    kind: Literal["same", "removed", "added"]
    text: str


def compare(before: str, after: str) -> tuple[Piece, ...]:
    """Return both strings as one text of pieces; nothing if it would not help.

    It helps when they are long, share words, and are not too long to be compared.
    """
    if min(len(before), len(after)) < FROM_LENGTH:
        return ()
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) > MAX_WORDS or len(new) > MAX_WORDS:
        return ()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < 0.3:  # noqa: PLR2004 - less in common, and pieces only confuse
        return ()
    pieces: list[Piece] = []
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", _text(old[old_from:old_to])))
            continue
        if old_to > old_from:
            pieces.append(Piece("removed", _text(old[old_from:old_to])))
        if new_to > new_from:
            pieces.append(Piece("added", _text(new[new_from:new_to])))
    return tuple(pieces)


def _text(words: list[str]) -> str:
    return documents.visible("".join(words))
