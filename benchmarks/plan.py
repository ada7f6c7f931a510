"""How much is measured: from a smoke run to ten minutes."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The sizes of one mode."""

    name: str
    #: Rounds that count, after one that warms up: many and short, so that what
    #: disturbs the machine for a second disturbs all sides alike.
    rounds: int
    #: Seconds that one side has in one round.
    slice_seconds: float
    #: Rounds and seconds where clients are processes.
    client_rounds: int
    client_seconds: float
    clients: int
    #: How many tenants and clients the curve has.
    curve: tuple[int, ...]
    #: Stored events at which reads are measured.
    stored: int
    #: The sizes of the table of growth.
    growth: tuple[int, ...]
    #: Events of the aggregate that is loaded with and without snapshots.
    snapshot_events: int
    #: Lines of the import.
    import_events: int
    #: Rounds with workers that follow the log, and seconds at a steady rate.
    follow_rounds: int
    follow_seconds: float
    #: Stored events that a projection catches up with: whole chunks of the filling.
    catch_up_events: int
    #: How many indexes are dropped in turn, at most.
    indexes: int = 100
    #: What storing the events of one size may take: a whole run has ten minutes.
    filling_seconds: float = 270


SMOKE = Plan(
    name="smoke",
    rounds=1,
    slice_seconds=0.02,
    client_rounds=1,
    client_seconds=0.05,
    clients=2,
    curve=(1, 2),
    stored=10_000,
    growth=(10_000,),
    snapshot_events=2_500,
    import_events=1_000,
    follow_rounds=1,
    follow_seconds=0.1,
    catch_up_events=10_000,
    indexes=1,
)
QUICK = Plan(
    name="quick",
    rounds=9,
    slice_seconds=0.03,
    client_rounds=2,
    client_seconds=0.2,
    clients=16,
    curve=(1, 4, 16),
    stored=100_000,
    growth=(10_000, 100_000),
    snapshot_events=20_500,
    import_events=10_000,
    follow_rounds=1,
    follow_seconds=0.7,
    catch_up_events=10_000,
)
NORMAL = Plan(
    name="normal",
    rounds=25,
    slice_seconds=0.08,
    client_rounds=9,
    client_seconds=0.4,
    clients=16,
    curve=(1, 2, 4, 8, 16),
    stored=1_000_000,
    growth=(10_000, 100_000, 1_000_000),
    snapshot_events=100_500,
    import_events=50_000,
    follow_rounds=7,
    follow_seconds=3.0,
    catch_up_events=50_000,
)
FULL = replace(NORMAL, name="full", growth=(*NORMAL.growth, 10_000_000))
PLANS = {plan.name: plan for plan in (SMOKE, QUICK, NORMAL, FULL)}
