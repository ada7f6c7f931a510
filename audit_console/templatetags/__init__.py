"""What the templates need beyond Django's own tags."""

from __future__ import annotations
