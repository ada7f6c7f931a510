"""The console's own tables; the log's are in ``eventstore``."""

from __future__ import annotations

from audit_console.models.access import AccessRecord

__all__ = ["AccessRecord"]
