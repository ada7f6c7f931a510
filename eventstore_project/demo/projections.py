"""The demo's read models, kept by the worker; found by autodiscovery."""

from __future__ import annotations

from dataclasses import dataclass

from eventstore import CurrentState
from eventstore_project.demo.cast import TENANT_IDS
from eventstore_project.demo.release import Release
from eventstore_project.demo.requirement import Requirement


class Requirements(CurrentState):
    """Each requirement as it is now."""

    name = "demo-requirements"
    aggregate = Requirement
    tenants = TENANT_IDS


class Releases(CurrentState):
    """Each release as it is now."""

    name = "demo-releases"
    aggregate = Release
    tenants = TENANT_IDS


@dataclass(frozen=True, slots=True)
class ReleaseNow:
    """A release, for people to read.

    Attributes:
        done: how many of its requirements are verified.
        total: how many it has.
    """

    tenant_id: str
    name: str
    status: str
    done: int
    total: int


def releases_now(limit: int) -> list[ReleaseNow]:
    """Return the releases that moved last, at most ``limit``, newest first."""
    rows = Releases.rows().order_by("-written_at", "tenant_id", "aggregate_id")
    return [
        _for_people(*row)
        for row in rows.values_list("tenant_id", "aggregate_id", "state")[:limit]
    ]


def _for_people(tenant_id: str, name: str, state: dict[str, object]) -> ReleaseNow:
    status, done, still = str(state["status"]), state["completed"], state["open"]
    if status == "planned" and state["is_frozen"]:
        status = "frozen"
    if state["is_escalated"] and status in ("planned", "frozen"):
        status = "late, escalated"
    counts = [len(found) for found in (done, still) if isinstance(found, list)]
    return ReleaseNow(tenant_id, name, status, counts[0], sum(counts))


Requirements.register()
Releases.register()
