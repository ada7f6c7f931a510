"""The console's own tables; the log's are in ``eventstore``."""

from __future__ import annotations

from audit_console.models.access import AccessRecord
from audit_console.models.export import Export, ExportPiece, ExportWorker
from audit_console.models.preference import Preference
from audit_console.models.rollup import ActorCount, EventCount
from audit_console.models.saved_search import SavedSearch

__all__ = [
    "AccessRecord",
    "ActorCount",
    "EventCount",
    "Export",
    "ExportPiece",
    "ExportWorker",
    "Preference",
    "SavedSearch",
]
