"""What a person may not see is taken out before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audit_console.presenters.documents import Hidden


@dataclass(frozen=True, slots=True)
class Mask:
    """Which places of the two documents of an event are hidden.

    Attributes:
        paths: the places as keys, ``("data", "requester", "email")``; ``*`` is any key
            or index. Arrays on the way need no ``*``: each of their items is meant.
    """

    paths: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        """Whether it hides anything."""
        return bool(self.paths)

    @property
    def hides_documents(self) -> bool:
        """Whether it hides anything in payloads or states."""
        return any(path[0] in {"data", "state", "*"} for path in self.paths)

    def apply(self, document: Any, base: str) -> Any:
        """Return ``document``, which lies at the pointer ``base``, with less in it.

        What is not touched is shared with the original.
        """
        paths = self.paths
        for key in keys_of(base):
            paths = _passed(paths, key) + _below(paths, key)
            if () in paths:
                return Hidden()
        return _hide(document, paths)

    def place_of(self, pointer: str, base: str) -> str:
        """Return ``pointer``, cut at the first place below ``base`` that is hidden.

        Names below it may tell as much as its values. Where the whole document is
        hidden, the names at its top are told: they are those of its fields.
        """
        paths = self.paths
        parts = (base + pointer).split("/")
        for count, key in enumerate(keys_of(base + pointer), 2):
            paths = _passed(paths, key) + _below(paths, key)
            if () in paths:
                most = max(count, base.count("/") + 2)
                return "/".join(parts[:most]).removeprefix(base)
        return pointer


def keys_of(pointer: str) -> tuple[str, ...]:
    """Return the keys of a JSON pointer (RFC 6901, 4)."""
    return tuple(
        part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]
    )


def _hide(value: Any, paths: tuple[tuple[str, ...], ...]) -> Any:
    if not paths:
        return value
    if () in paths:
        return Hidden()
    if isinstance(value, dict):
        return {key: _hide(item, _below(paths, key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        # An index in the path is taken; without one, the path goes on in each item.
        return [
            _hide(item, paths + _below(paths, str(n))) for n, item in enumerate(value)
        ]
    return value


def _passed(
    paths: tuple[tuple[str, ...], ...], key: str
) -> tuple[tuple[str, ...], ...]:
    # As in _hide(): an index is taken or passed over.
    return paths if key.isdecimal() else ()


def _below(paths: tuple[tuple[str, ...], ...], key: str) -> tuple[tuple[str, ...], ...]:
    return tuple(path[1:] for path in paths if path[0] in {key, "*"})
