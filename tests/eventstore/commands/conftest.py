"""Commands in processes of their own."""

from __future__ import annotations

from tests.eventstore.transfer.conftest import manage

__all__ = ["manage"]
