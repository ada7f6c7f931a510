"""How much is measured: from a smoke run to ten minutes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The sizes of one mode."""

    name: str
    #: Rounds that count, after one that warms up.
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
)
QUICK = Plan(
    name="quick",
    rounds=5,
    slice_seconds=0.08,
    client_rounds=2,
    client_seconds=0.3,
    clients=16,
    curve=(1, 4, 16),
    stored=100_000,
    growth=(10_000, 100_000),
    snapshot_events=20_500,
    import_events=20_000,
)
NORMAL = Plan(
    name="normal",
    rounds=15,
    slice_seconds=0.2,
    client_rounds=7,
    client_seconds=0.8,
    clients=16,
    curve=(1, 2, 4, 8, 16),
    stored=1_000_000,
    growth=(10_000, 100_000, 1_000_000),
    snapshot_events=100_500,
    import_events=50_000,
)
FULL = Plan(
    name="full",
    rounds=15,
    slice_seconds=0.2,
    client_rounds=7,
    client_seconds=0.8,
    clients=16,
    curve=(1, 2, 4, 8, 16),
    stored=1_000_000,
    growth=(10_000, 100_000, 1_000_000, 10_000_000),
    snapshot_events=100_500,
    import_events=50_000,
)
PLANS = {plan.name: plan for plan in (SMOKE, QUICK, NORMAL, FULL)}
