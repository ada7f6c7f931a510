"""The demo while it serves: pages, feed, worker, and how they end."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from http.client import HTTPResponse

from tests.eventstore_project.demo.databases import Database
from tests.eventstore_project.demo.servers import serving
from tests.waiting import eventually


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def next_event(stream: HTTPResponse) -> dict[str, str]:
    for line in stream:
        if line.startswith(b"data:"):
            found: dict[str, str] = json.loads(line[5:])
            return found
    raise AssertionError("The stream ended.")


def test_pages_static_files_and_api_are_served_until_ctrl_c(filled: Database) -> None:
    with serving(filled, "--still") as demo:
        assert 'name="username" value="auditor"' in demo.get()
        page = demo.get("start/")
        assert "eventstore-demo" in page
        assert "shipped" in page
        assert "<style" not in page
        assert "<script>" not in page
        for name in re.findall(r'(?:src|href)="/(static/[^"]+)"', page):
            assert demo.get(name)
        events = json.loads(demo.get("api/v1/events/", user="reader"))
        assert {event["tenant_id"] for event in events["results"]} == {"aurora-health"}
        said = demo.end(signal.SIGINT)

    assert "Stopped." in said
    assert demo.process.returncode == 0


RELEASES = """
from datetime import timedelta
from django.db import transaction
from eventstore_project.demo import acts, cast, clock

tenant = cast.TENANTS[0]
now = clock.now()
for number, (name, due) in enumerate({"done": 1, "late": -1}.items()):
    due = now + timedelta(hours=due)
    life = acts.RequirementLife(tenant, f"X-{number}", now - timedelta(days=90))
    # At once, for the worker escalates what is late as soon as it sees it.
    with transaction.atomic():
        acts.plan(tenant.id, name, "Ready", now, due)
        life.create("Read", {"requester": {"name": "A", "email": "a@customer.example"}})
        life.analyse(50, "low", [])
        life.approve(tenant.approvers[0], "Yes.", name)
        acts.freeze(tenant.id, name)
    if name == "done":
        life.verify([])
"""


def test_the_worker_opens_the_way_of_a_ready_release_and_escalates_a_late_one(
    filled: Database,
) -> None:
    with (
        serving(filled, "--still") as demo,
        demo.feed("aggregate_type=Release") as feed,
    ):
        done = filled.manage("shell", "-v", "0", "-c", RELEASES)
        assert done.returncode == 0, done.stderr
        told: dict[str, list[str]] = {"done": [], "late": []}
        while "ReleaseDeploymentEnabled" not in told["done"] or (
            "ReleaseEscalated" not in told["late"]
        ):
            event = next_event(feed)
            told[event["aggregate_id"]].append(event["event_type"])
        eventually(lambda: "late, escalated" in demo.get("start/"))
        eventually(lambda: "<td>deployable</td><td>1 of 1</td>" in demo.get("start/"))

    assert told["done"].count("ReleaseReadinessAchieved") == 1
    assert "ReleaseReadinessAchieved" not in told["late"]


def test_events_keep_coming_and_sigterm_ends_streams_and_processes(
    filled: Database,
) -> None:
    with serving(filled) as demo, demo.feed() as feed:
        assert next_event(feed)["tenant_id"]
        worker = demo.worker()
        assert is_alive(worker)
        demo.end(signal.SIGTERM)
        rest = feed.read()

    assert b"shutting down" in rest
    assert demo.process.returncode == 128 + signal.SIGTERM
    assert not is_alive(worker)
    connected = "SELECT count(*) FROM pg_stat_activity WHERE datname = "
    eventually(lambda: filled.rows(f"{connected} '{filled.name}'") == [(1,)])


def test_nothing_happens_by_itself_when_it_is_to_be_still(filled: Database) -> None:
    number = "SELECT count(*) FROM stored_domain_events"
    with serving(filled, "--still") as demo:
        demo.worker()
        before = filled.rows(number)
        time.sleep(5)
        assert filled.rows(number) == before


LIFE = """
import random
from eventstore_project.demo import acts, cast, catching_up, filling, living
from eventstore_project.demo.release import Release

tenant = cast.TENANTS[1]
begun = living.tell(tenant, random.Random(5))
acted = []
while acted[-2:] != ["analyse", "approve"]:
    scene = next(begun)
    filling.play(scene)
    acted.append(scene.act.func.__name__)
number = living._highest(tenant.id, "Release")
left = Release.load(f"{scene.at.year}.{number}", tenant.id)
assert left.open and left.status == "planned"

told = []
for scene in living.tell(tenant, random.Random(7)):
    filling.play(scene)
    told.append(scene.act.func.__name__)
    if told[-1] == "build":
        catching_up.catch_up()
    if told[-1] == "ship":
        break
name = scene.act.args[1]
shipped = Release.load(name, tenant.id)
assert (name, shipped.status) == (left.aggregate_id, "shipped")
# What the first one left open was not done in time.
assert len(shipped.completed) == told.count("create") == 3, told
assert (told.count("cut"), told.count("plan")) == (1, 0), told
"""


def test_a_release_that_an_earlier_demo_left_is_told_on_until_it_is_shipped(
    filled: Database,
) -> None:
    done = filled.manage("shell", "-v", "0", "-c", LIFE)

    assert done.returncode == 0, done.stderr


def test_a_dead_worker_is_replaced_and_ends_with_a_demo_that_was_killed(
    filled: Database,
) -> None:
    with serving(filled, "--still") as demo:
        first = demo.worker()
        os.kill(first, signal.SIGKILL)
        assert "exit code -9" in demo.read_until("The worker has ended")
        eventually(lambda: demo.worker() != first)
        second = demo.worker()
        demo.end(signal.SIGKILL)

    # It has said so, which it does only when it ends in order.
    mine = f"SELECT 1 FROM event_workers WHERE owner LIKE '%:{second}:%'"
    eventually(lambda: filled.rows(mine) == [])
