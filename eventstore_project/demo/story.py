"""Ninety days of three tenants, told as scenes: who did what at which moment.

The same story at any hour of any day: it begins on a Monday, so that weekends lie
where the dice met them. Scenes are made first and played in the order of time by
:mod:`.filling`; what lies in the future is not played, so the story breaks off in the
middle of work, as a real log does.
"""

from __future__ import annotations

import functools
import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from eventstore_project.demo import acts, cast
from eventstore_project.demo.cast import Person, Tenant
from eventstore_project.demo.events import BuildTested

DAYS = 90
_SEED = 2026
_SPRINT = timedelta(days=14)
_FREEZE_DAY, _CUT_DAY = 9.0, 12.0
_REQUIREMENTS = 19
_FIRST_HOUR, _LAST_HOUR = 8, 17
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Scene:
    """One act of one person at one moment.

    Attributes:
        at: when; UTC.
        tenant_id: in whose log.
        actor: who.
        correlation_id: the conversation that it belongs to.
        ip: from where; empty for services.
        act: what to do.
    """

    at: datetime
    tenant_id: str
    actor: Person
    correlation_id: str
    ip: str
    act: Callable[[], None]


def scenes(end: datetime) -> list[Scene]:
    """Return the scenes from ``begin_of(end)`` until ``end``, in the order of time."""
    begin = begin_of(end)
    told = heapq.merge(
        *(sorted(Teller(tenant, begin).tell(), key=_time) for tenant in cast.TENANTS),
        key=_time,
    )
    return [scene for scene in told if scene.at < end]


def begin_of(end: datetime) -> datetime:
    """Return the first Monday midnight of the ninety days before ``end``."""
    first = (end - timedelta(days=DAYS)).replace(hour=0, minute=0, second=0)
    return first + timedelta(days=-first.weekday() % 7)


def _time(scene: Scene) -> datetime:
    return scene.at


class Teller:
    """Tells the story of one tenant, from dice that always fall the same."""

    def __init__(self, tenant: Tenant, begin: datetime) -> None:
        self.tenant = tenant
        self.begin = begin
        self.dice = random.Random(f"{_SEED} {tenant.id}")  # noqa: S311 - a story
        self.number = 0
        self.titles = [
            f"{feature} {quality}"
            for feature in tenant.features
            for quality in cast.QUALITIES
        ]
        self.dice.shuffle(self.titles)

    def tell(self) -> Iterator[Scene]:
        """Yield the scenes of all releases, in no particular order."""
        for number in range(-(-DAYS // _SPRINT.days)):
            planned = self.begin + number * _SPRINT
            yield from self._release(f"{planned.year}.{number + 1}", number, planned)

    def _release(self, name: str, number: int, planned: datetime) -> Iterator[Scene]:
        manager = functools.partial(
            self._scene, actor=self.tenant.manager, correlation_id=f"release-{name}"
        )
        goal = cast.GOALS[number % len(cast.GOALS)]
        due = planned + timedelta(days=_CUT_DAY + 1)
        act = functools.partial
        yield manager(
            self._work(planned, 0.0),
            act=act(acts.plan, self.tenant.id, name, goal, due),
        )
        for _ in range(_REQUIREMENTS):
            yield from self._requirement(name, planned)
        frozen = self._work(planned, _FREEZE_DAY)
        yield manager(frozen, act=act(acts.freeze, self.tenant.id, name))
        yield from self._builds(name, planned)
        cut = self._work(planned, _CUT_DAY)
        yield manager(cut, act=act(acts.cut, self.tenant.id, name))
        notes = f"{goal}, in {self.tenant.product}."
        shipped = self._work(cut, 1.0)
        yield manager(shipped, act=act(acts.ship, self.tenant.id, name, notes))

    def _builds(self, release: str, planned: datetime) -> Iterator[Scene]:
        tests = self.dice.randint(380, 460)
        for number in range(1, 37):
            at = planned + timedelta(days=3, hours=6.5 * number)
            failed = self.dice.choice((0, 0, 0, 0, 1, 2, self.dice.randint(3, 25)))
            tests += self.dice.randint(0, 3)
            result = BuildTested(
                build=f"{release}-rc.{number}",
                passed=tests - failed,
                failed=failed,
                coverage=round(self.dice.uniform(0.84, 0.93), 3),
                seconds=self.dice.randint(240, 610),
            )
            yield self._scene(
                at,
                actor=cast.BUILD_SERVER,
                correlation_id=f"build-{release}-rc.{number}",
                act=functools.partial(acts.build, self.tenant.id, release, result),
            )

    def _requirement(self, release: str, planned: datetime) -> Iterator[Scene]:
        """One requirement from the wish to the passed test, with what goes wrong."""
        self.number += 1
        life = acts.RequirementLife(self.tenant, f"R-{self.number}", self.begin)
        title = self.titles[self.number % len(self.titles)]
        dice, tenant, play = self.dice, self.tenant, self._player()
        at = self._work(planned, dice.uniform(0.1, 4))
        yield play(at, dice.choice(tenant.authors), life.create, title, self._wish())
        if dice.random() < 0.4:  # noqa: PLR2004 - a share
            at = self._work(at, dice.uniform(0.1, 0.6))
            yield play(at, tenant.tester, life.comment, dice.choice(cast.COMMENTS))
        at = self._work(at, dice.uniform(0.3, 1.2))
        yield play(at, tenant.analyst, life.analyse, *self._judgement())
        decider = dice.choice(tenant.approvers)
        while dice.random() < 0.28:  # noqa: PLR2004 - a share
            at = self._work(at, dice.uniform(0.2, 0.8))
            yield play(at, decider, life.reject, dice.choice(cast.REJECTIONS))
            if dice.random() < 0.2:  # noqa: PLR2004 - a share
                return
            at = self._work(at, dice.uniform(0.2, 0.8))
            change = dice.choice(cast.CHANGES)
            yield play(at, dice.choice(tenant.authors), life.revise, title, change)
            at = self._work(at, dice.uniform(0.1, 0.5))
            yield play(at, tenant.analyst, life.analyse, *self._judgement())
        at = self._work(at, dice.uniform(0.2, 1))
        words = dice.choice(cast.APPROVALS)
        yield play(at, decider, life.approve, decider, words, release)
        while dice.random() < 0.2:  # noqa: PLR2004 - a share
            at = self._work(at, dice.uniform(0.5, 1.5))
            failures = dice.sample(cast.FAILURES, dice.randint(1, 2))
            yield play(at, tenant.tester, life.verify, failures)
        at = self._work(at, dice.uniform(0.8, 2.5))
        yield play(at, tenant.tester, life.verify, [])

    def _player(self) -> Callable[..., Scene]:
        correlation_id = f"CR-{self.number:04}"

        def play(
            at: datetime, actor: Person, act: Callable[..., None], *words: object
        ) -> Scene:
            return self._scene(
                at,
                actor=actor,
                correlation_id=correlation_id,
                act=functools.partial(act, *words),
            )

        return play

    def _scene(
        self,
        at: datetime,
        *,
        actor: Person,
        correlation_id: str,
        act: Callable[[], None],
    ) -> Scene:
        host = 10 + sum(actor.id.encode()) % 200
        ip = f"{self.tenant.network}{host}" if actor.kind == "user" else ""
        return Scene(at, self.tenant.id, actor, correlation_id, ip, act)

    def _work(self, after: datetime, days: float) -> datetime:
        """Return a moment about ``days`` later, when people are at work."""
        at = after + timedelta(days=days)
        if not _FIRST_HOUR <= at.hour < _LAST_HOUR:
            at += timedelta(days=1) if at.hour >= _LAST_HOUR else timedelta()
            at = at.replace(hour=_FIRST_HOUR + self.dice.randint(0, 2))
        if at.weekday() >= _SATURDAY:
            at += timedelta(days=7 - at.weekday())
        return at.replace(
            minute=self.dice.randint(0, 59),
            second=self.dice.randint(0, 59),
            microsecond=self.dice.randint(0, 999) * 1000,
        )

    def _wish(self) -> dict[str, object]:
        first = self.dice.choice(cast.FIRST_NAMES)
        last = self.dice.choice(cast.LAST_NAMES)
        why = self.dice.choice(cast.WHY).format(n=self.dice.randint(3, 60))
        return {
            "requester": {
                "name": f"{first} {last}",
                "email": acts.address_of(first, last),
            },
            "description": why,
            "priority": self.dice.choice(("low", "normal", "normal", "high")),
        }

    def _judgement(self) -> tuple[int, str, list[str]]:
        modules = self.dice.sample(self.tenant.modules, self.dice.randint(1, 3))
        risk = self.dice.choice(("low", "low", "medium", "high"))
        return self.dice.randint(20, 95), risk, sorted(modules)
