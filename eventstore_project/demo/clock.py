"""The clock of the domain: it shows the time of the story while that is told."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime

_story_time: ContextVar[datetime | None] = ContextVar("story_time", default=None)


def now() -> datetime:
    """Return the moment at which the domain acts; UTC."""
    return _story_time.get() or datetime.now(UTC)


@contextlib.contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let what happens inside the block, reactions included, happen at ``moment``."""
    token = _story_time.set(moment)
    try:
        yield
    finally:
        _story_time.reset(token)
