"""A ready-to-run deployment of the event store."""

from __future__ import annotations
