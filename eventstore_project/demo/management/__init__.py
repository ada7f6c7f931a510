"""The demo's command."""

from __future__ import annotations
