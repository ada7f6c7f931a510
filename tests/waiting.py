"""Wait for what others do: processes, threads, the server."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def eventually(is_so: Callable[[], Any], *, seconds: float = 60.0) -> None:
    """Wait until ``is_so()``.

    Raises:
        AssertionError: it did not come in time.
    """
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "It did not come in time."
        time.sleep(0.02)
