"""The demo's errors."""

from __future__ import annotations


class NotPossibleNow(Exception):
    """The domain refuses: the aggregate's state does not allow the act."""


class DemoRefusedError(Exception):
    """The demo does not touch this database; the message says why and what to do."""
