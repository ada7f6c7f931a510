"""Any id as one segment of a path, and back.

Ids may contain ``/``, which servers decode before they route. As in JSON pointers
(RFC 6901) ``~`` is written ``~0`` and ``/`` is written ``~1``; ``~2`` is the dot of the
ids ``.`` and ``..``, which clients would take for steps in the path.
"""

from __future__ import annotations


def to_segment(text: str) -> str:
    """Return ``text`` as one segment, still to be percent-encoded."""
    escaped = text.replace("~", "~0").replace("/", "~1")
    return escaped.replace(".", "~2") if escaped in {".", ".."} else escaped


def from_segment(segment: str) -> str:
    """Return the text of a segment that is percent-decoded."""
    return segment.replace("~2", ".").replace("~1", "/").replace("~0", "~")
