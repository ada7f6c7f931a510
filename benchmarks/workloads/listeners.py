"""What an append pays for those who follow the log."""

from __future__ import annotations

from benchmarks import sides
from benchmarks.clients import Clients
from benchmarks.figures import Section
from benchmarks.following import Listeners, Subscriber
from benchmarks.harness import Runner, in_turn
from benchmarks.stage import Stage
from benchmarks.tasks import Task

LISTENERS = 4
NOBODY = "nobody listens"
LISTENING = f"{LISTENERS} listeners"
WORKING = f"{LISTENERS} listeners, a worker"


class Followed:
    """A side: the same append, with some who follow it meanwhile."""

    def __init__(self, clients: Clients, side: str, *followers: Task) -> None:
        self.clients = clients
        self.side = side
        self.followers = followers

    def run_for(self, seconds: float) -> float:
        """Append for ``seconds`` and return calls a second."""
        for follower in self.followers:
            follower.call("start")
        try:
            return self.clients.run(self.side, seconds)
        finally:
            for follower in self.followers:
                follower.call("stop")


def measure(stage: Stage) -> Section:
    """Measure one client and many, each followed and not."""
    stage.empty()
    section = Section(
        "Append while others follow",
        f"EventStoreService, one client and {stage.plan.clients}; nobody listens; with "
        f"{LISTENERS} listening connections; with a worker process besides, whose "
        "durable subscription handles every event; and with nobody to be woken, since "
        "NOTIFY is off. The processors are shared by all.",
    )
    listeners, subscriber = Task(Listeners, LISTENERS), Task(Subscriber)
    try:
        for count in (1, stage.plan.clients):
            _measure(stage, section, count, listeners, subscriber)
    finally:
        listeners.close()
        subscriber.close()
    section.bars.clear()  # two limits, and no limit of the store: nothing to draw
    return section


def _measure(
    stage: Stage, section: Section, count: int, listeners: Task, subscriber: Task
) -> None:
    clients = Clients([sides.SERVICE, sides.QUIET], count)
    words = "one client" if count == 1 else f"{count} processes"
    names = [f"{words}, {side}" for side in (NOBODY, LISTENING, WORKING, "NOTIFY off")]
    nobody, listening, working, quiet = names
    runners: dict[str, Runner] = {
        nobody: Followed(clients, sides.SERVICE),
        listening: Followed(clients, sides.SERVICE, listeners),
        working: Followed(clients, sides.SERVICE, listeners, subscriber),
        quiet: Followed(clients, sides.QUIET),
    }
    try:
        measured = in_turn(
            runners,
            rounds=stage.plan.follow_rounds,
            seconds=stage.plan.client_seconds,
        )
    finally:
        clients.close()
    section.add_rates(measured, nobody, unit="events/s")
    for side in (listening, working):
        section.compare(f"append 1 event, {side}", measured, side, nobody, 0.95)
