"""The story before it is played."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from eventstore_project.demo import cast, story

END = datetime(2026, 6, 30, 12, tzinfo=UTC)


def test_the_story_is_the_same_each_time_it_is_told() -> None:
    told = [(s.at, s.tenant_id, s.actor, s.correlation_id) for s in story.scenes(END)]
    again = [(s.at, s.tenant_id, s.actor, s.correlation_id) for s in story.scenes(END)]

    assert told == again


def test_scenes_lie_within_the_ninety_days_in_the_order_of_time() -> None:
    times = [scene.at for scene in story.scenes(END)]

    assert times == sorted(times)
    assert END - timedelta(days=90) <= times[0]
    assert times[-1] < END


def test_people_do_not_work_at_night_and_at_weekends() -> None:
    at_work = {
        (scene.at.weekday() < 5, 8 <= scene.at.hour < 17)
        for scene in story.scenes(END)
        if scene.actor.kind == "user"
    }

    assert at_work == {(True, True)}


def test_every_actor_of_the_cast_plays() -> None:
    playing = {scene.actor.id for scene in story.scenes(END)}

    for tenant in cast.TENANTS:
        people = (*tenant.authors, *tenant.approvers, tenant.tester, tenant.manager)
        assert {person.id for person in people} <= playing
    assert cast.BUILD_SERVER.id in playing
