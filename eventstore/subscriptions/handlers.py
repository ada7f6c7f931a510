"""Methods that handle event types: the mark, and how a class finds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., None])


def handles(*event_types: str) -> Callable[[F], F]:
    """Mark a method of a projection or process manager as a handler of event types."""

    def mark(method: F) -> F:
        method.handled_types = event_types  # type: ignore[attr-defined]  # functions take attributes
        return method

    return mark


def handlers_of(cls: type[Any]) -> dict[str, str]:
    """Return the marked methods of ``cls`` itself, by event type."""
    return {
        event_type: name
        for name, member in vars(cls).items()
        for event_type in getattr(member, "handled_types", ())
    }
