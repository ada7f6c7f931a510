"""What a file is: who asked for what, why, as of when, and how to verify it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from audit_console.conf import console_settings
from audit_console.exports.columns import utc
from audit_console.models import Export
from eventstore.disclosure import personal_paths
from eventstore.roles import Permission

FORMAT = "django-eventstore audit export"
VERSION = 1


def facts(export: Export, permissions: frozenset[Permission]) -> dict[str, Any]:
    """Return what is true of ``export`` from its request on.

    Args:
        export: what was asked for.
        permissions: what of the documents may leave.
    """
    purposes = console_settings().PURPOSES
    is_stored = "basis=stored" in export.parameters.split("&")
    basis = "stored" if is_stored else "occurred"
    return {
        "format": FORMAT,
        "version": VERSION,
        "id": str(export.pk),
        "system": console_settings().TITLE or "Audit console",
        "environment": console_settings().BADGE,
        "requested_by": export.owner_name,
        "requested_at": utc(export.requested_at),
        "purpose": str(purposes.get(export.purpose, export.purpose)),
        "reference": export.reference,
        "approved_by": export.approver_name,
        "tenants": list(export.tenants),
        "query": export.description,
        f"{basis}_from": utc(export.since),
        f"{basis}_before": utc(export.until),
        "up_to_position": export.upto,
        "time_zone_of_request": export.zone,
        "times": "UTC",
        "order": "position" if is_stored else "occurred_at, position",
        "columns": list(export.columns),
        "personal_data": "included" if export.with_personal else "hidden",
        "hidden": hidden(permissions),
        "integrity": "not covered yet: events are append-only, without a proof",
    }


def hidden(permissions: frozenset[Permission]) -> list[str]:
    """Return pointers to what ``permissions`` hide wherever it occurs."""
    found = [] if Permission.VIEW_PAYLOAD in permissions else ["/data"]
    if Permission.VIEW_PII not in permissions:
        found += ["".join(f"/{key}" for key in path) for path in personal_paths()]
    return [path for path in found if not path.startswith("/state")]


def whole(
    export: Export,
    about: dict[str, Any],
    *,
    at: datetime,
    name: str,
    size: int,
    sha256: str,
) -> dict[str, Any]:
    """Return the manifest of a file that is complete."""
    return {
        **about,
        "complete": True,
        "events": export.events,
        "finished_at": utc(at),
        "file": {"name": name, "bytes": size, "sha256": sha256},
    }


def incomplete(about: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest that lies beside the pieces until they are a file."""
    return {**about, "complete": False, "INCOMPLETE": "This export is not finished."}
