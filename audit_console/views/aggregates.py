"""Which aggregates there are, and what happened to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from audit_console.access import Act
from audit_console.presenters import diff, documents, timeline
from audit_console.presenters.diff import Diff
from audit_console.presenters.timeline import Gap, Group
from audit_console.queries import aggregates as asked
from audit_console.queries import event as asked_of_events
from audit_console.queries import states
from audit_console.queries.log_events import LogEvent
from audit_console.queries.states import FoldFault, Run
from audit_console.views.event import document_of
from audit_console.views.objects import AggregateObjectPage, ObjectPage
from eventstore.roles import Permission

#: How many events a page of a timeline has, and a printed one.
_PAGE, _PRINTED = 50, 500
#: How many changes of one event a timeline names.
_NAMED = 6


class AggregatesPage(ObjectPage):
    """The types of aggregates, the recently changed ones, and the way to one by id."""

    act = Act.LIST_AGGREGATES
    template_name = "audit_console/aggregates/list.html"
    title = _("Aggregates")
    room: ClassVar[str] = "aggregates"

    def context(self) -> dict[str, Any]:
        """Return what there is in the chosen tenants."""
        chosen, wanted = self.text("type"), self.text("id").strip()
        recent = asked.recent(self.reading, self.scope.tenants, chosen)
        found = (
            asked.types_of_id(self.reading, self.scope.tenants, wanted)
            if wanted
            else []
        )
        self.seen.count = len(recent)
        # Not the id that was typed: that may be the name of a person.
        self.seen.query = f"type:{chosen}" if chosen else ""
        shown = [asked.key_of(one.last) for one in recent]
        self.seen.objects = [
            f"aggregate:{key.aggregate_type}:{key.aggregate_id}"
            for key in dict.fromkeys([*found, *shown])
        ]
        return {
            "types": asked.types(self.reading, self.scope.tenants),
            "max_types": asked.MAX_TYPES,
            "chosen": chosen,
            "recent": recent,
            "looked_at": asked.LOOKED_AT,
            "wanted": wanted,
            "found": found,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a timeline.

    Attributes:
        event: the event.
        gap: the time since the event before it; ``None`` where that is not shown.
        changes: what it changed in the state; ``None`` where that is not known.
        fault: why it could not be folded.
    """

    event: LogEvent
    gap: Gap | None
    changes: Diff | None
    fault: FoldFault | None = None

    @property
    def named(self) -> Sequence[diff.DiffRow]:
        """The changes that are named."""
        return self.changes.rows[:_NAMED] if self.changes else ()

    @property
    def unnamed(self) -> int:
        """How many more there are."""
        return len(self.changes.rows) - len(self.named) if self.changes else 0


class TimelinePage(AggregateObjectPage):
    """The history of one aggregate, the newest event first."""

    act = Act.VIEW_AGGREGATE
    template_name = "audit_console/aggregates/timeline.html"
    shows_payload: ClassVar[bool] = True
    #: How many events a page has.
    size: ClassVar[int] = _PAGE

    def context(self) -> dict[str, Any]:
        """Return a page of the history, and what each of its events changed."""
        self.find()
        sight = self.sight(self.key.tenant_id)
        self.title = documents.visible(
            f"{self.key.aggregate_type} {self.key.aggregate_id}"
        )
        page = asked.history(
            self.reading,
            self.key,
            limit=self.size,
            with_payload=sight.payloads,
            before=self.number("before"),
            after=self.number("after"),
        )
        run = None
        steps = [Step(event, gap, None) for event, gap in _with_gaps(page.events)]
        if sight.payloads and page.events:
            run, steps = self._folded(steps, sight.mask)
        self.seen.count = len(steps)
        view = self.text("view")
        view = view if view in {"compact", "json"} else "feed"
        return {
            "key": self.key,
            "ends": self.ends,
            "sight": sight,
            "may_request_redaction": self.scope.may(
                Permission.REQUEST_REDACTION, self.key.tenant_id
            ),
            "page_of": page,
            "run": run,
            "may_fold_more": run is not None
            and run.is_cut
            and self.most_folded < states.MAX_FOLDED,
            "steps": steps[::-1],
            "groups": _groups(steps[::-1]) if view == "compact" else [],
            "documents": self._documents(page.events) if view == "json" else [],
            "view": view,
            "snapshots": asked.snapshot_versions(self.reading, self.key),
        }

    def _folded(self, steps: list[Step], mask: Any) -> tuple[Run, list[Step]]:
        """Return the steps with what each one changed in the state."""
        first = steps[0].event.aggregate_version
        run = states.at_version(
            self.reading, self.key, first - 1, mask, limit=self.most_folded
        )
        if run.is_cut or run.fault is not None:
            return run, steps
        run.limit += self.size
        told, before = [], run.fold.state()
        for step in steps:
            if not run.put(step.event):
                is_this = run.fault is not None and run.fault.event is step.event
                told.append(
                    Step(step.event, step.gap, None, run.fault if is_this else None)
                )
                continue
            after = run.fold.state()
            changes = diff.compare(
                before, after, base=run.fold.base, mask=run.fold.mask
            )
            told.append(Step(step.event, step.gap, changes))
            before = after
        return run, told

    def _documents(self, events: list[LogEvent]) -> list[dict[str, Any]]:
        sight = self.sight(self.key.tenant_id)
        told = []
        for event in events[::-1]:
            notes = asked_of_events.redactions(self.reading, event)
            told.append(
                {
                    "event": event,
                    "payload": document_of(event.data, "/data", notes, sight)
                    if sight.payloads
                    else None,
                    "metadata": document_of(event.metadata, "/metadata", notes, sight),
                }
            )
        return told


class PrintPage(TimelinePage):
    """The history of an aggregate on paper: nothing folded, nothing left out."""

    act = Act.PRINT
    template_name = "audit_console/aggregates/print.html"
    size: ClassVar[int] = _PRINTED
    most_folded = states.MAX_FOLDED

    def number(self, name: str) -> int | None:
        """Begin with the first event: paper is read from there."""
        found = super().number(name)
        return 0 if name == "after" and found is None else found

    def context(self) -> dict[str, Any]:
        """Return the events in the order of their versions, with their documents."""
        context = super().context()
        steps = context["steps"][::-1]
        told = self._documents([step.event for step in steps])[::-1]
        return context | {"printed": list(zip(steps, told, strict=True))}


def _with_gaps(events: list[LogEvent]) -> list[tuple[LogEvent, Gap | None]]:
    gaps = timeline.gaps([event.occurred_at for event in events])
    return list(zip(events, [None, *gaps], strict=False))


def _groups(steps: list[Step]) -> list[Group[Step]]:
    def key(step: Step) -> object:
        found = (step.event.actor_id, step.event.correlation_id)
        return found if all(found) else None

    return timeline.group(steps, key, lambda step: step.event.occurred_at)
