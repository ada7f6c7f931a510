"""A model is saved and leaves a trail: by an event, or by a package for that."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from django.db import transaction

from benchmarks import models, sample
from benchmarks.figures import Section
from benchmarks.harness import Loop, Runner, in_turn
from benchmarks.settings import PEER_APPS
from benchmarks.stage import Stage
from eventstore import store

ALONE = "save alone"
PEERS = {
    "auditlog": ("django-auditlog", "AuditlogDocument"),
    "simple_history": ("django-simple-history", "HistoryDocument"),
}


def measure(stage: Stage) -> Section:
    """Measure the save with each trail beside the save alone."""
    stage.empty()
    runners: dict[str, Runner] = {
        ALONE: Loop(_saver(models.Document)),
        "save + append_event": Loop(_saver(models.Document, with_event=True)),
    }
    absent = []
    for app, (name, model) in PEERS.items():
        if app in PEER_APPS:
            runners[name] = Loop(_saver(getattr(models, model)))
        else:
            absent.append(name)
    measured = in_turn(
        runners, rounds=stage.plan.rounds, seconds=stage.plan.slice_seconds
    )
    section = Section(
        "Audit trail of a model's save",
        "One changed field of one row, saved in a transaction with its trail.",
    )
    section.add_rates(measured, ALONE, unit="saves/s", absent=absent)
    return section


def _saver(model: type, *, with_event: bool = False) -> Callable[[], object]:
    document = model.objects.create(title="Log in", status="draft")  # type: ignore[attr-defined]
    revisions = itertools.count(1)

    def save() -> None:
        with transaction.atomic():
            document.revision = next(revisions)
            document.save()
            if with_event:
                store.append_event(sample.new_event(f"D-{document.pk}"), "tenant-0")

    return save
