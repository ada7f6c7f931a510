"""What a person sees of long work: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


class Stream(Protocol):
    """What takes lines for people, such as a command's ``stderr``."""

    def write(self, text: str, /) -> Any:
        """Write ``text``."""

    def isatty(self) -> bool:
        """Return whether a person looks on."""


class Display:
    """Says lines, and nothing of progress."""

    def __init__(self, stream: Stream) -> None:
        """Write to ``stream``."""
        self._stream = stream

    def say(self, line: str) -> None:
        """Show a line that stays."""
        self._stream.write(f"{line}\n")

    def advance(self, done: int, words: str) -> None:
        """Show how far the work is, with a few words beside it."""


class _Bar(Display):
    def __init__(self, progress: Progress, label: str, total: int | None) -> None:
        self._progress = progress
        self._task = progress.add_task(label, total=total, words="")

    def say(self, line: str) -> None:
        self._progress.console.print(line, markup=False, highlight=False)

    def advance(self, done: int, words: str) -> None:
        self._progress.update(self._task, completed=done, words=words)


@contextlib.contextmanager
def shown(stream: Stream, label: str, total: int | None) -> Iterator[Display]:
    """Lend a display: a bar if ``stream`` is a terminal.

    Args:
        stream: where to.
        label: what is being done.
        total: how much there is to do; ``None`` when nobody knows.
    """
    if not stream.isatty():
        yield Display(stream)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[words]}"),
        TimeRemainingColumn(),
    )
    # On the terminal itself: a command's stderr ends each write with a new line.
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _Bar(progress, label, total)
