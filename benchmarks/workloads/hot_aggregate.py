"""Many processes append to one and the same aggregate."""

from __future__ import annotations

from benchmarks import sides
from benchmarks.clients import Clients
from benchmarks.connecting import connect
from benchmarks.figures import Comparison, Section, ratio
from benchmarks.harness import in_turn
from benchmarks.stage import Stage


def measure(stage: Stage) -> Section:
    """Measure how near the queue at one row comes to one commit after the other."""
    stage.empty()
    plan = stage.plan
    alone = {sides.COMMITS: sides.make(sides.COMMITS, sides.Client())}
    single = {sides.RAW: sides.make(sides.RAW, sides.Client())}
    clients = Clients([sides.RAW, sides.SERVICE], plan.clients, is_hot=True)
    commits: list[float] = []
    one_client: list[float] = []
    measured: dict[str, list[float]] = {sides.RAW: [], sides.SERVICE: []}
    try:
        for _ in range(plan.client_rounds):
            for name, rates in clients.in_turn(
                rounds=1, seconds=plan.client_seconds
            ).items():
                measured[name] += rates
            commits += in_turn(alone, rounds=1, seconds=plan.client_seconds / 2)[
                sides.COMMITS
            ]
            one_client += in_turn(single, rounds=1, seconds=plan.client_seconds / 2)[
                sides.RAW
            ]
    finally:
        clients.close()
    section = Section(
        f"Append one event to one hot aggregate, {plan.clients} processes",
        "No expected version, so that nobody may fail. Appends to one aggregate wait "
        "for one another's commit; the limit is the rate of commits one by one, inside "
        "the server, of the smallest transaction there is.",
    )
    shown = {
        sides.COMMITS: commits,
        f"{sides.RAW}, one client": one_client,
        f"{sides.RAW}, {plan.clients} processes": measured[sides.RAW],
        f"{sides.SERVICE}, {plan.clients} processes": measured[sides.SERVICE],
    }
    section.add_rates(shown, sides.COMMITS, unit="events/s")
    for against, below in list(shown.items())[:3]:
        section.comparisons.append(
            Comparison(
                work=f"append, {plan.clients} processes to one hot aggregate",
                against=against,
                value=ratio(measured[sides.SERVICE], below),
                target=0.8,
            )
        )
    section.notes.append(_history())
    return section


def _history() -> str:
    """Return whether the aggregate's history is whole: every version once."""
    row = (
        connect()
        .execute(
            """SELECT count(*), max(aggregate_version) FROM stored_domain_events
            WHERE aggregate_id = %s""",
            (f"{sides.SERVICE}-hot",),
        )
        .fetchone()
    )
    assert row is not None
    assert row[0] == row[1]
    return f"No call failed; the aggregate has the versions 1 to {row[1]:,}, each once."
