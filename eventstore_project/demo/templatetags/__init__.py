"""Tags of the demo's templates."""

from __future__ import annotations
