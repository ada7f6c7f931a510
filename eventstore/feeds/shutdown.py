"""Learn that the server is to stop.

ASGI servers wait for their responses to end before they say so, and a feed never ends
by itself: it must hear the signal that the server hears.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextlib.contextmanager
def announced(tell: Callable[[], None]) -> Iterator[None]:
    """Call ``tell`` when the process is asked to stop, before its own handler.

    Where nobody handles the signals, or in another thread than the main one, nothing is
    changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    undo = [_put_before(number, tell) for number in _SIGNALS]
    try:
        yield
    finally:
        for put_back in undo:
            put_back()


def _put_before(number: signal.Signals, tell: Callable[[], None]) -> Callable[[], None]:
    known = signal.getsignal(number)
    if not callable(known):
        return lambda: None

    def handle(signum: int, frame: FrameType | None) -> None:
        tell()
        known(signum, frame)

    def put_back() -> None:
        if signal.getsignal(number) is handle:
            signal.signal(number, known)

    signal.signal(number, handle)
    return put_back
