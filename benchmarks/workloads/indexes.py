"""What each index costs an append: two stores, one of them without it."""

from __future__ import annotations

from benchmarks import raw, sides
from benchmarks.connecting import Connection, connect
from benchmarks.figures import Section, Table, spread
from benchmarks.harness import Loop, in_turn
from benchmarks.stage import Stage

ALL = "with every index"
_INDEXES = """
SELECT i.indexrelid::regclass::text, c.conname
  FROM pg_index AS i
  LEFT JOIN pg_constraint AS c ON c.conindid = i.indexrelid
 WHERE i.indrelid = 'stored_domain_events'::regclass AND NOT i.indisprimary
 ORDER BY 1
"""


def measure(stage: Stage) -> Section:
    """Measure the raw append with every index, and without each of them."""
    complete = stage.empty()
    indexes = connect().execute(_INDEXES).fetchall()[: stage.plan.indexes]
    runners = {ALL: _append(connect(complete))}
    for index, constraint in indexes:
        connection = connect(stage.another())
        connection.execute(
            f"ALTER TABLE stored_domain_events DROP CONSTRAINT {constraint}"
            if constraint
            else f"DROP INDEX {index}"
        )
        runners[index] = _append(connection)
    measured = in_turn(
        runners, rounds=stage.plan.rounds, seconds=stage.plan.slice_seconds
    )
    rows = [(ALL, f"{1e6 / spread(measured[ALL]).median:.0f}", "", "")]
    for index, _ in indexes:
        saved = spread(
            [
                1e6 / with_it - 1e6 / without
                for with_it, without in zip(measured[ALL], measured[index], strict=True)
            ]
        )
        rows.append(
            (
                f"without {index}",
                f"{1e6 / spread(measured[index]).median:.0f}",
                f"{saved.median:.0f}",
                f"{saved.low:.0f} - {saved.high:.0f}",
            )
        )
    return Section(
        "What each index costs an append",
        "The raw upsert + INSERT into stores that differ in one index; what is saved "
        "is what the index costs. Differences below the quartiles mean nothing.",
        [Table(("store", "µs an append", "µs saved", "quartiles"), rows)],
    )


def _append(connection: Connection) -> Loop:
    return Loop(
        raw.appender(
            connection, "tenant-0", sides.aggregate_ids("indexes", sides.Client())
        )
    )
