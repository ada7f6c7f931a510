"""What the scenes do: each act loads, decides and saves, as a view would."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

from django.db import transaction

from eventstore import event_context
from eventstore_project.demo import legacy
from eventstore_project.demo.cast import Person, Tenant
from eventstore_project.demo.events import BuildTested
from eventstore_project.demo.release import Release
from eventstore_project.demo.requirement import Requirement


def plan(
    tenant_id: str, name: str, goal: str, ship: datetime, due: datetime | None = None
) -> None:
    """Plan a release; with ``due``, one whose readiness is watched."""
    release = Release(name)
    release.plan(
        goal=goal,
        ship_date=ship.date().isoformat(),
        due=due.isoformat() if due else None,
    )
    release.save(tenant_id)


def freeze(tenant_id: str, name: str) -> None:
    """Freeze the scope of a release."""
    release = Release.load(name, tenant_id)
    release.freeze_scope()
    release.save(tenant_id)


def build(tenant_id: str, name: str, result: BuildTested) -> None:
    """Note the result of a build."""
    release = Release.load(name, tenant_id)
    release.test_build(result)
    release.save(tenant_id)


def cut(tenant_id: str, name: str) -> None:
    """Postpone what is not done two days before the release ships."""
    release = Release.load(name, tenant_id)
    for requirement_id in tuple(release.open):
        release.postpone_requirement(requirement_id, reason="Not verified in time.")
    release.save(tenant_id)


def ship(tenant_id: str, name: str, notes: str) -> None:
    """Ship a release."""
    release = Release.load(name, tenant_id)
    release.ship(notes=notes)
    release.save(tenant_id)


def address_of(first: str, last: str) -> str:
    """Return the e-mail address of an invented person."""
    plain = unicodedata.normalize("NFKD", f"{first}.{last}".replace("ł", "l"))
    return f"{plain.encode('ascii', 'ignore').decode().lower()}@customer.example"


class RequirementLife:
    """The acts on one requirement, by whoever the scene names."""

    def __init__(self, tenant: Tenant, name: str, begin: datetime) -> None:
        """Tell of requirement ``name``; the story began at ``begin``."""
        self.tenant_id = tenant.id
        self.begin = begin
        # Only the story acts on it, so it need not be loaded anew for each act.
        self.requirement = Requirement(name)
        self.release_name = ""

    def create(self, title: str, wish: dict[str, Any]) -> None:
        """Write down the wish."""
        self.requirement.create(title=title, **wish)
        self._save()

    def comment(self, text: str) -> None:
        """Say something about it."""
        self.requirement.comment(text)
        self._save()

    def analyse(self, score: int, risk: str, affected: list[str]) -> None:
        """Judge worth and risk."""
        self.requirement.analyse(score=score, risk=risk, affected=affected)
        self._save()

    def reject(self, reason: str) -> None:
        """Decide against it."""
        self.requirement.reject(reason=reason)
        self._save()

    def revise(self, title: str, change: str) -> None:
        """Write it anew."""
        self.requirement.revise(title=title, change=change)
        self._save()

    def approve(self, decider: Person, words: str, release_name: str) -> None:
        """Decide for it; while the scope is open, into the release with it.

        Two aggregates, one transaction: both or neither.
        """
        with transaction.atomic():
            approved = legacy.approve(
                self.requirement,
                self.begin,
                approver=decider.name,
                role=decider.role,
                comment=words,
            )
            self._save()
            release = Release.load(release_name, self.tenant_id)
            if not release.is_frozen:
                release.add_requirement(self.requirement.aggregate_id)
                with event_context(causation_id=approved.event_id):
                    release.save(self.tenant_id)
                self.release_name = release_name

    def verify(self, failures: list[str]) -> None:
        """Run its acceptance tests."""
        tests = 4 + sum(self.requirement.aggregate_id.encode()) % 9
        self.requirement.verify(
            release=self.release_name, tests=tests, failures=failures
        )
        self._save()

    def _save(self) -> None:
        self.requirement.save(self.tenant_id)
