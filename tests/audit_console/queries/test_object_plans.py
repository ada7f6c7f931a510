from __future__ import annotations

import pytest

from audit_console.queries import aggregates, correlations, event
from audit_console.queries.aggregates import Key
from audit_console.queries.log_events import LogEvent
from audit_console.reading import Reading, look
from tests.eventstore.skewed_log import (
    TABLES,
    reads_of_the_log,
    skewed_log,  # noqa: F401 - a fixture
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("skewed_log")]

#: What a page may read in all.
MOST_ROWS = 2_000
HOT = Key("idle", "Page", "hot")
TENANTS = ["idle", "large", "small"]


def one(reading: Reading, position: int = 4_711) -> LogEvent:
    found = event.at(reading, position, TENANTS)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("query", "statements"),
    [
        (one, 1),
        (lambda look: event.position_of(look, "idle", "e-4711"), 1),
        (lambda look: event.neighbours(look, one(look, 50)), 2),
        (lambda look: event.of_conversation(look, one(look)), 2),
        (lambda look: event.effects(look, one(look)), 2),
        (lambda look: event.redactions(look, one(look, 11)), 1),
        (lambda look: aggregates.types(look, TENANTS), 1),
        (lambda look: aggregates.recent(look, TENANTS), 2),
        (lambda look: aggregates.recent(look, ["idle"]), 2),
        (lambda look: aggregates.recent(look, TENANTS, "Page"), 2),
        (lambda look: aggregates.recent(look, ["idle"], "Page"), 2),
        (lambda look: aggregates.types_of_id(look, TENANTS, "hot"), 1),
        (lambda look: aggregates.ends(look, HOT), 2),
        (
            lambda look: aggregates.history(look, HOT, limit=50, with_payload=True),
            1,
        ),
        (
            lambda look: aggregates.history(
                look, HOT, limit=50, with_payload=True, before=30_000
            ),
            1,
        ),
        (
            lambda look: aggregates.history(
                look, HOT, limit=50, with_payload=True, after=30_000
            ),
            1,
        ),
        (lambda look: aggregates.snapshot_versions(look, HOT), 1),
        (lambda look: correlations.conversation(look, "idle", "c-942"), 1),
        (lambda look: correlations.caused_by(look, one(look)), 2),
        (
            lambda look: correlations.around(
                look, "idle", [one(look, n) for n in (4_711, 4_712, 50)]
            ),
            4,
        ),
    ],
)
def test_a_question_reads_little_and_in_few_statements(query, statements):
    with reads_of_the_log() as reads, look() as reading:
        query(reading)
    assert not reads.scans & {f"Seq Scan on {table}" for table in TABLES}, reads.scans
    assert reads.rows <= MOST_ROWS, (reads.rows, reads.scans)
    asked = [sql for sql in reads.statements if any(name in sql for name in TABLES)]
    assert len(asked) == statements
