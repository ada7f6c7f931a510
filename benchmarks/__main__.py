"""``python -m benchmarks``: measure, print, write."""

from __future__ import annotations

import argparse
import math
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.plan import PLANS, Plan

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Run what the command line asks for."""
    args = _arguments()
    # Ended politely, it still drops its databases.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    from eventstore_project import database  # noqa: PLC0415 - after the command line

    database.ensure_running()
    import benchmarks.ready  # noqa: F401, PLC0415 - Django, now that it has a database

    plan = PLANS[args.mode]
    if args.only:
        # Who asks for a part by its name waits for all of it.
        plan = replace(plan, filling_seconds=math.inf)
    run(plan, args.only, args.output)


def run(plan: Plan, only: list[str], output: Path | None) -> None:
    """Measure ``only`` these workloads, or all; write the results of a whole run."""
    from benchmarks import chart, machine, report  # noqa: PLC0415 - Django is ready now
    from benchmarks.stage import Stage  # noqa: PLC0415
    from benchmarks.workloads import WORKLOADS  # noqa: PLC0415

    unknown = set(only) - set(WORKLOADS)
    if unknown:
        sys.exit(
            f"Unknown: {', '.join(sorted(unknown))}; known are {', '.join(WORKLOADS)}."
        )
    chosen = [name for name in WORKLOADS if not only or name in only]
    started = time.monotonic()
    sections = []
    stage = Stage(plan)
    try:
        stage.open()
        for place, name in enumerate(chosen, 1):
            begun = time.monotonic()
            print(f"[{place}/{len(chosen)}] {name} ...", end=" ", flush=True)
            sections.append(WORKLOADS[name](stage))
            print(f"{time.monotonic() - begun:.0f} s")
            print(report.section_text(sections[-1]), end="\n\n", flush=True)
        print(report.plain(report.targets(sections)))
        found = machine.describe()
    finally:
        stage.close()
    print(f"\n{time.monotonic() - started:.0f} s in all.")
    if output is None and not only and plan.name in ("normal", "full"):
        output = HERE
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        (output / "RESULTS.md").write_text(report.markdown(sections, found, plan.name))
        (output / "results.svg").write_text(chart.draw(sections))
        print("Written: RESULTS.md and results.svg.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    mode = parser.add_mutually_exclusive_group()
    for name, words in (
        ("quick", "under a minute; small sizes"),
        ("full", "under ten minutes; up to 10,000,000 stored events"),
        ("smoke", "seconds: only whether it runs"),
    ):
        mode.add_argument(
            f"--{name}", dest="mode", action="store_const", const=name, help=words
        )
    parser.set_defaults(mode="normal")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="NAME", help="only these workloads"
    )
    parser.add_argument(
        "--output", type=Path, help="where to write RESULTS.md and results.svg"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
