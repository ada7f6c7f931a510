"""One event appended over REST, and where the time of the request goes."""

from __future__ import annotations

import cProfile
import io
import json
import pstats
from collections.abc import Callable

from django.core.handlers.wsgi import WSGIHandler

from benchmarks import sample, sides
from benchmarks.figures import Section, Table
from benchmarks.harness import Loop, in_turn
from benchmarks.stage import Stage
from eventstore.keys import issuing
from eventstore.roles import Role

REST = "POST /events/"
TENANT = "tenant-0"
PROFILED = 300
#: The parts of a request: a name, and the function that is meant, with all it calls.
PARTS = (
    ("who asks: the key", "views.py", "perform_authentication"),
    ("may they: the grants", "views.py", "check_permissions"),
    ("how often: the rate", "views.py", "check_throttles"),
    ("the append itself", "event_publisher.py", "publish_all"),
)
TRANSACTION = "its transaction: scope, checks, commit"


def measure(stage: Stage) -> Section:
    """Measure the request beside the append that it makes."""
    stage.empty()
    post = _poster()
    measured = in_turn(
        {
            sides.SERVICE: sides.make(sides.SERVICE, sides.Client()),
            REST: Loop(post),
        },
        rounds=stage.plan.rounds,
        seconds=stage.plan.slice_seconds,
    )
    section = Section(
        "Append one event over REST",
        "One process, the WSGI application called as a server calls it: no socket. The "
        "caller has an API key. Reported without a target; the profile slows all parts "
        "alike.",
    )
    section.add_rates(measured, sides.SERVICE, unit="events/s")
    section.tables.append(Table(("part of the request", "of its time"), _parts(post)))
    return section


def _poster() -> Callable[[], object]:
    _, secret = issuing.create("benchmark", role=Role.WRITER, tenants=[TENANT])
    handler = WSGIHandler()
    ids = sides.aggregate_ids("rest", sides.Client())

    def post() -> object:
        body = json.dumps(
            {
                "event_type": sample.EVENT_TYPE,
                "aggregate_type": sample.AGGREGATE_TYPE,
                "aggregate_id": ids(),
                "data": sample.DATA,
            }
        ).encode()
        statuses: list[str] = []
        response = handler(
            {
                "REQUEST_METHOD": "POST",
                "PATH_INFO": "/api/v1/events/",
                "SERVER_NAME": "localhost",
                "SERVER_PORT": "80",
                "REMOTE_ADDR": "127.0.0.1",
                "CONTENT_TYPE": "application/json",
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_HOST": "localhost",
                "HTTP_AUTHORIZATION": f"Bearer {secret}",
                "wsgi.input": io.BytesIO(body),
                "wsgi.url_scheme": "http",
            },
            # It returns no write(), which Django does not ask for.
            lambda status, _headers: statuses.append(status),  # type: ignore[arg-type]
        )
        answer = b"".join(response)
        response.close()
        if not statuses[0].startswith("201"):
            raise RuntimeError(f"{statuses[0]}: {answer.decode()}")
        return answer

    return post


def _parts(post: Callable[[], object]) -> list[tuple[str, ...]]:
    post()
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(PROFILED):
        post()
    profile.disable()
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    whole = _seconds(stats, "wsgi.py", "__call__")
    parts = {name: _seconds(stats, *where) / whole for name, *where in PARTS}
    parts[TRANSACTION] = (
        _seconds(stats, "executing.py", "in_transaction") / whole
        - parts["the append itself"]
    )
    rest = 1 - sum(parts.values())
    rows = [*parts.items(), ("the rest: Django, REST framework, the JSON", rest)]
    return [(name, f"{part:.0%}") for name, part in rows]


def _seconds(
    stats: dict[tuple[str, int, str], tuple[float, ...]], file: str, function: str
) -> float:
    """Return the time of a function and all that it called."""
    return sum(
        times[3]
        for (path, _, name), times in stats.items()
        if name == function and path.endswith(f"/{file}")
    )
