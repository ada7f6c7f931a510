"""Causes and effects as a nested list, told by flat rows that begin and end lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

T = TypeVar("T")

#: Lists nested deeper than this go on at this level, and say how deep they are.
MAX_INDENT = 12

Cause = Literal["none", "shown", "elsewhere", "missing", "cycle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node(Generic[T]):
    """One event in the tree.

    Attributes:
        event: the event.
        depth: how many causes lie above it in the tree; 0 for a root.
        cause: ``shown`` above it; ``elsewhere`` in the store; ``missing`` in the store;
            ``cycle``: shown, but following it leads back here; ``none`` is claimed.
        effects: how many events of the tree it caused.
        opens: whether its effects follow, as a list.
        closes: how many lists end after it.
    """

    event: T
    depth: int
    cause: Cause
    effects: int
    opens: bool
    closes: int

    @property
    def closing(self) -> range:
        """The lists that end after it, for a template to loop over."""
        return range(self.closes)


def arrange(
    events: Sequence[T],
    *,
    event_id: Callable[[T], str],
    causation_id: Callable[[T], str | None],
    known: frozenset[str] = frozenset(),
) -> list[Node[T]]:
    """Return ``events`` as a tree, causes before effects, each event exactly once.

    Args:
        events: in the order of positions, which siblings keep.
        event_id: of an event.
        causation_id: what an event says caused it.
        known: ids of causes that the store has, though they are not in ``events``.
    """
    by_id = {event_id(event): event for event in events}
    effects: dict[str, list[T]] = defaultdict(list)
    roots: list[tuple[T, Cause]] = []
    for event in events:
        own, cause = event_id(event), causation_id(event)
        if cause in by_id and cause != own:
            effects[cause].append(event)
        else:
            roots.append((event, _absence(own, cause, known)))
    order: list[tuple[T, int, Cause]] = []
    # What no root reaches goes round in a circle; the earliest one stands for it.
    stack: list[tuple[T, int, Cause]] = [(event, 0, "cycle") for event in events[::-1]]
    stack += [(event, 0, cause) for event, cause in roots[::-1]]
    while stack:
        event, depth, cause = stack.pop()
        if by_id.pop(event_id(event), None) is None:
            continue
        order.append((event, depth, cause))
        below = effects[event_id(event)]
        stack += [(effect, depth + 1, "shown") for effect in reversed(below)]
    return _nest(order, {key: len(found) for key, found in effects.items()}, event_id)


def _absence(own: str, cause: str | None, known: frozenset[str]) -> Cause:
    """Return why the cause of an event does not stand above it."""
    if cause is None:
        return "none"
    if cause == own:
        return "cycle"
    return "elsewhere" if cause in known else "missing"


def _nest(
    order: list[tuple[T, int, Cause]],
    counts: dict[str, int],
    event_id: Callable[[T], str],
) -> list[Node[T]]:
    nodes = []
    for place, (event, depth, cause) in enumerate(order):
        following = order[place + 1][1] if place + 1 < len(order) else 0
        indent, next_indent = min(depth, MAX_INDENT), min(following, MAX_INDENT)
        nodes.append(
            Node(
                event=event,
                depth=depth,
                cause=cause,
                effects=counts.get(event_id(event), 0),
                opens=next_indent > indent,
                closes=max(indent - next_indent, 0),
            )
        )
    return nodes
