"""The state of an aggregate at a version or a moment, and what two states differ in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _

from audit_console.access import Act
from audit_console.language.moments import NotAMoment, bounds
from audit_console.presenters import diff, documents, tree
from audit_console.presenters.tree import Mark
from audit_console.queries import aggregates as asked
from audit_console.queries import states
from audit_console.queries.log_events import LogEvent
from audit_console.queries.states import Run
from audit_console.sight import Sight
from audit_console.views.objects import AggregateObjectPage

_CARRIED = 200_000
#: How many steps the slider is marked with; each is a link wide enough to hit.
_TICKS = 10


class StatePage(AggregateObjectPage):
    """The state at ``?v=`` or ``?at=``, and what changed since the version before."""

    act = Act.VIEW_STATE
    template_name = "audit_console/aggregates/state.html"
    fragments = {"state": "audit_console/aggregates/_state.html"}
    shows_payload: ClassVar[bool] = True

    def context(self) -> dict[str, Any]:
        """Return the state, how it was made, and the way to its neighbours."""
        self.find()
        sight = self.sight(self.key.tenant_id)
        name = f"{self.key.aggregate_type} {self.key.aggregate_id}"
        self.title = _("State of %(aggregate)s") % {
            "aggregate": documents.visible(name)
        }
        context: dict[str, Any] = {
            "key": self.key,
            "ends": self.ends,
            "sight": sight,
            "basis": self.basis,
            "at": self.text("at"),
            "ticks": _ticks(self.ends.version),
        }
        if not sight.payloads:
            return context
        moment, context["moment_fault"] = self._moment()
        context["moment"] = moment
        if moment is not None and self.basis == "occurred":
            return context | self._occurred_by(moment, sight)
        version = self.number("v")
        if moment is not None:
            version = asked.version_at(self.reading, self.key, moment)
        return context | self._at_version(version, sight)

    @property
    def basis(self) -> asked.Basis:
        """Which time a moment is one of.

        Of occurred time unless asked: an import stores today what happened years ago.
        """
        return "stored" if self.text("basis") == "stored" else "occurred"

    def _moment(self) -> tuple[datetime | None, str]:
        text = self.text("at").strip()
        if not text:
            return None, ""
        try:
            end = bounds(text, timezone.get_current_timezone())[1]
        except NotAMoment as error:
            return None, str(error)
        # A day is meant to its end, and what follows it is the next day's.
        return end - timedelta(microseconds=1), ""

    def _at_version(self, asked_for: int | None, sight: Sight) -> dict[str, Any]:
        latest = self.ends.version
        version = latest if asked_for is None else min(asked_for, latest)
        run = states.at_version(self.reading, self.key, max(version - 1, 0), sight.mask)
        before = run.fold.state()
        applied_before = run.applied
        if run.fault is None and not run.is_cut and version > 0:
            states.advance(self.reading, self.key, run, version)
        self.seen.query = f"version {version}"
        return {
            "version": version,
            "beyond": asked_for if asked_for is not None and asked_for > latest else 0,
            "event": _event_at(self, version),
            "changes": diff.compare(
                before, run.fold.state(), base=run.fold.base, mask=run.fold.mask
            )
            if run.applied > applied_before
            else None,
            **state_of(run),
        }

    def _occurred_by(self, moment: datetime, sight: Sight) -> dict[str, Any]:
        run = states.occurred_by(self.reading, self.key, moment, sight.mask)
        self.seen.query = f"occurred by {moment.isoformat()}"
        return {"version": run.version, "changes": None, **state_of(run)}


def _ticks(latest: int) -> list[int]:
    """Return the versions under the slider, evenly spaced as on it: all, if few."""
    if latest <= _TICKS:
        return list(range(latest + 1))
    return sorted({round(n * latest / _TICKS) for n in range(_TICKS + 1)})


def state_of(run: Run) -> dict[str, Any]:
    """Return a folded state as a tree and as text, and how it was made."""
    shown = run.fold.mask.apply(run.fold.state(), run.fold.base)
    exact = documents.visible(documents.dump(shown, indent=2))
    return {
        "run": run,
        "tree": tree.build(shown, base=run.fold.base, elsewhere=Mark("redacted")),
        "exact": exact[:_CARRIED],
        "left_out": max(len(exact) - _CARRIED, 0),
    }


def _event_at(page: AggregateObjectPage, version: int) -> LogEvent | None:
    found = asked.history(
        page.reading, page.key, limit=1, with_payload=False, before=version + 1
    )
    return found.events[0] if found.events else None


class DifferencesPage(AggregateObjectPage):
    """What differs between the states at two versions, ``?v=14&vs=9``."""

    act = Act.VIEW_STATE
    template_name = "audit_console/aggregates/differences.html"
    shows_payload: ClassVar[bool] = True

    def context(self) -> dict[str, Any]:
        """Return the differences, from the earlier version to the later one."""
        self.find()
        sight = self.sight(self.key.tenant_id)
        name = f"{self.key.aggregate_type} {self.key.aggregate_id}"
        self.title = _("Differences of %(aggregate)s") % {
            "aggregate": documents.visible(name)
        }
        latest = self.ends.version
        given = [self.number("vs"), self.number("v")]
        newer = latest if given[1] is None else min(given[1], latest)
        older = max(newer - 1, 0) if given[0] is None else min(given[0], latest)
        older, newer = sorted((older, newer))
        context: dict[str, Any] = {
            "key": self.key,
            "ends": self.ends,
            "sight": sight,
            "older": older,
            "newer": newer,
        }
        if not sight.payloads:
            return context
        run = states.at_version(self.reading, self.key, older, sight.mask)
        before, reached = run.fold.state(), run.version
        if run.fault is None and not run.is_cut:
            states.advance(self.reading, self.key, run, newer)
        self.seen.query = f"versions {older} and {newer}"
        return context | {
            "run": run,
            "reached": reached,
            "older_event": _event_at(self, older),
            "newer_event": _event_at(self, newer),
            "changes": diff.compare(
                before, run.fold.state(), base=run.fold.base, mask=run.fold.mask
            ),
        }
