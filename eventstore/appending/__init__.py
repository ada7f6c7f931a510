"""Append events: check, enrich, one statement, and the refusal in words."""

from __future__ import annotations

from eventstore.appending.expected import ExpectedVersion
from eventstore.appending.refusals import RESERVED, duplicate_of
from eventstore.appending.storing import append

__all__ = ["RESERVED", "ExpectedVersion", "append", "duplicate_of"]
