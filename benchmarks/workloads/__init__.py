"""One file a workload; each has a ``measure`` that returns a section of the report."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.figures import Section
from benchmarks.stage import Stage
from benchmarks.workloads import (
    append_concurrent,
    append_many,
    append_one,
    audit_trail,
    catch_up,
    console,
    growth,
    hot_aggregate,
    importing,
    indexes,
    latency,
    levels,
    listeners,
    pages,
    plans,
    publish,
    replay,
    rest_append,
    snapshots,
    tenants,
)

#: In the order of the report; those on the many stored events come last.
WORKLOADS: dict[str, Callable[[Stage], Section]] = {
    "append-one": append_one.measure,
    "append-concurrent": append_concurrent.measure,
    "append-many": append_many.measure,
    "hot-aggregate": hot_aggregate.measure,
    "tenants": tenants.measure,
    "publish": publish.measure,
    "rest-append": rest_append.measure,
    "latency": latency.measure,
    "listeners": listeners.measure,
    "catch-up": catch_up.measure,
    "audit-trail": audit_trail.measure,
    "import": importing.measure,
    "indexes": indexes.measure,
    "growth": growth.measure,
    "replay": replay.measure,
    "snapshots": snapshots.measure,
    "pages": pages.measure,
    "console": console.measure,
    "levels": levels.measure,
    "plans": plans.measure,
}
