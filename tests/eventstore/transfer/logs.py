"""Real logs where they are at hand, logs of the same shapes elsewhere."""

from __future__ import annotations

import gzip
import json
import os
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple


class Shape(NamedTuple):
    """What matters of a real log to whoever reads it."""

    events: int
    tenants: int
    aggregates: int
    types: int


SHAPES = {
    "municipal-permits": Shape(8_577, 3, 1_434, 27),
    "travel-expenses": Shape(53_579, 35, 8_767, 29),
    "wikipedia-edits": Shape(39_244, 51, 35_278, 2),
}
#: The logs that were made, since the real ones are not here.
made: set[str] = set()

_DATA = Path(
    os.environ.get("EVENTSTORE_TEST_DATA")
    or Path(__file__).parents[4] / "shared" / "data"
)
_TEXTS = (
    "plain",
    'quotes " and \\ slashes / of both kinds',
    "שלום עולם",
    "naïve café",
    "日本語 🦊",
    "line\nbreak\tand tab",
    "50 % of {braces} [and brackets]",
)


@cache
def log_of(name: str) -> Path:
    """Return a log with the shape of the real one, the real one if it is here."""
    real = _DATA / f"{name}.jsonl.gz"
    if real.exists():
        return real
    made.add(name)
    path = Path(mkdtemp(prefix="eventstore-logs-")) / real.name
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.writelines(f"{json_line(event)}\n" for event in make(SHAPES[name]))
    return path


def read_lines(path: Path) -> list[str]:
    """Return the lines of a log."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return file.readlines()


def read(path: Path) -> list[dict[str, Any]]:
    """Return the events of a log."""
    return [json.loads(line) for line in read_lines(path)]


def json_line(event: dict[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def new_line(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Return the fields of a line that can be imported."""
    return {
        "event_id": f"event-{number}",
        "tenant_id": "acme",
        "aggregate_type": "Requirement",
        "aggregate_id": "R-1",
        "event_type": "RequirementCreated",
        "event_version": "v1",
        "occurred_at": "2015-09-12T00:46:58.771Z",
        "event_data": {"title": f"number {number}"},
        "metadata": {},
    } | fields


def write(path: Path, *lines: dict[str, Any] | str | bytes) -> Path:
    """Write a log: fields, or lines as they are."""
    path.write_bytes(
        b"".join(
            line
            if isinstance(line, bytes)
            else (line if isinstance(line, str) else json_line(line)).encode() + b"\n"
            for line in lines
        )
    )
    return path


def make(shape: Shape, seed: int = 20150912) -> Iterator[dict[str, Any]]:
    """Yield events of as many tenants, aggregates and types, in order of occurrence."""
    chance = random.Random(seed)
    start = datetime(2015, 9, 12, tzinfo=UTC)
    for number in range(shape.events):
        # Each aggregate once; after that at random, often one of before.
        aggregate = (
            number if number < shape.aggregates else chance.randrange(shape.aggregates)
        )
        tenant = aggregate % shape.tenants
        text = _TEXTS[aggregate % len(_TEXTS)]
        yield {
            "event_id": str(uuid.UUID(int=chance.getrandbits(128))),
            "tenant_id": f"tenant-{tenant}",
            "aggregate_type": "page",
            "aggregate_id": f"{text} {aggregate // 2}",
            "event_type": f"Type{number % shape.types}",
            "event_version": "v1",
            # Now and then two at the same time.
            "occurred_at": (start + timedelta(seconds=number // 5)).isoformat(),
            "event_data": {
                "text": text,
                "number": number,
                "nothing": None,
                "deep": [{}],
            },
            "metadata": {"actor": {"type": "user", "id": f"user {number % 48}"}},
        }
