"""What of a document somebody may see; the rest is hidden, and said to be hidden."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from eventstore.conf import store_settings
from eventstore.roles import Permission

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

#: Personal everywhere: the address that a request came from.
_ALWAYS_PERSONAL = ("/metadata/ip",)
#: What decides how much is shown.
VIEWING = frozenset({Permission.VIEW_PAYLOAD, Permission.VIEW_PII})
#: Documents that are payload, in whole.
_PAYLOADS = frozenset({"data", "state"})


def disclose(
    documents: Mapping[str, Any], permissions: Collection[Permission]
) -> tuple[dict[str, Any], list[str]]:
    """Return the part of ``documents`` that ``permissions`` show, and what they hide.

    What is hidden is ``None`` in its place: no reader takes it for missing, because the
    second value names it. The documents that are given stay as they are.

    Args:
        documents: by name: ``data``, ``metadata``, ``state``.
        permissions: those of the reader in the tenant of the documents.

    Returns:
        The documents, and RFC 6901 pointers to what is hidden, such as ``/data`` or
        ``/metadata/ip``.
    """
    shown = dict(documents)
    hidden: list[str] = []
    if Permission.VIEW_PAYLOAD not in permissions:
        for name in sorted(_PAYLOADS & shown.keys()):
            if shown[name] is not None:
                shown[name] = None
                hidden.append(f"/{name}")
    if Permission.VIEW_PII not in permissions:
        for path in personal_paths():
            shown = _hide(shown, path, (), hidden)
    return shown, hidden


def is_personal(path: Sequence[str]) -> bool:
    """Return whether ``path`` leads to, into or around what is personal.

    To filter by a value is to learn it: whoever may not see a path may not ask for it.

    Args:
        path: the name of the document and the keys in it: ``("data", "email")``; ``*``
            for any.
    """
    # An index is taken, or passed over; as _hide() does.
    plain = [key for key in path if not key.isdecimal()]
    return any(
        _leads(known, keys) for known in personal_paths() for keys in (path, plain)
    )


def personal_paths() -> tuple[tuple[str, ...], ...]:
    """Return ``PERSONAL_PATHS`` and what is always personal, as keys.

    A state repeats what payloads hold, under names that only its code knows. Where
    payloads have personal paths and states have none, the whole state is personal.
    """
    paths = _parse((*_ALWAYS_PERSONAL, *store_settings().PERSONAL_PATHS))
    roots = {path[0] for path in paths}
    return (*paths, ("state",)) if "data" in roots and "state" not in roots else paths


@cache
def _parse(pointers: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(
            part.replace("~1", "/").replace("~0", "~")
            for part in pointer.removeprefix("/").split("/")
        )
        for pointer in dict.fromkeys(pointers)
    )


def _hide(
    node: Any, path: Sequence[str], before: tuple[str, ...], hidden: list[str]
) -> Any:
    """Return ``node`` with ``None`` at ``path``; only what changes is copied.

    A list on the way needs no ``*``: without an index, each of its items is meant.
    """
    first, rest = path[0], path[1:]
    copy: Any = None
    if isinstance(node, list):
        for index, value in enumerate(node):
            if _fits(first, str(index)):
                continue
            changed = _hide(value, path, (*before, str(index)), hidden)
            if changed is not value:
                copy = node.copy() if copy is None else copy
                copy[index] = changed
    for key, value in _members(node, first):
        place = (*before, str(key))
        if rest:
            changed = _hide(value, rest, place, hidden)
            if changed is value:
                continue
        elif value is None:
            continue
        else:
            changed = None
            hidden.append(_pointer(place))
        copy = node.copy() if copy is None else copy
        copy[key] = changed
    return node if copy is None else copy


def _members(node: Any, wanted: str) -> Iterator[tuple[Any, Any]]:
    if isinstance(node, dict):
        keys = list(node) if wanted == "*" else [wanted] if wanted in node else []
        yield from ((key, node[key]) for key in keys)
    elif isinstance(node, list):
        yield from (
            (index, value)
            for index, value in enumerate(node)
            if _fits(wanted, str(index))
        )


def _leads(known: Sequence[str], path: Sequence[str]) -> bool:
    return all(
        _fits(part, key) or key == "*" for part, key in zip(known, path, strict=False)
    )


def _fits(part: str, key: str) -> bool:
    return part in {"*", key}


def _pointer(path: Sequence[str]) -> str:
    return "".join(f"/{key.replace('~', '~0').replace('/', '~1')}" for key in path)
