"""What happens while the demo is looked at: an event every few seconds.

The cast of the story goes on, a small release at a time, through the same acts. These
releases are watched by the process manager; some are planned too tightly.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import random
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import DatabaseError, connections

from eventstore import EventStoreError
from eventstore.models import AggregateHead
from eventstore_project.demo import acts, cast, clock, filling, story
from eventstore_project.demo.cast import Person, Tenant
from eventstore_project.demo.errors import NotPossibleNow
from eventstore_project.demo.events import BuildTested
from eventstore_project.demo.release import Release
from eventstore_project.demo.story import Scene

logger = logging.getLogger(__name__)

#: Seconds between two events.
_PACE = (1.5, 4.0)
#: How long after its plan a release is due: the first one is too tight.
_TIMES = (timedelta(minutes=1), timedelta(minutes=6), timedelta(minutes=6))
_REQUIREMENTS = 3


@contextlib.contextmanager
def going_on() -> Iterator[None]:
    """Let things happen meanwhile, in a thread of their own."""
    stopping = threading.Event()
    thread = threading.Thread(target=_live, args=(stopping,))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def tell(tenant: Tenant, dice: random.Random) -> Iterator[Scene]:
    """Yield what happens next at ``tenant``, without end; each scene happens now."""
    teller = _LiveTeller(tenant, dice)
    yield from teller.left_over()
    while True:
        yield from teller.release()


def _live(stopping: threading.Event) -> None:
    dice = random.Random()  # noqa: S311 - a story
    tales: dict[str, Iterator[Scene]] = {}
    try:
        while not stopping.wait(dice.uniform(*_PACE)):
            tenant = dice.choice(cast.TENANTS)
            try:
                filling.play(next(tales.setdefault(tenant.id, tell(tenant, dice))))
            except (EventStoreError, NotPossibleNow, DatabaseError) as error:
                # Somebody else acted on the same, or the database was away.
                logger.info("A tale broke off and begins anew: %s", error)
                del tales[tenant.id]
                connections.close_all()
    finally:
        connections.close_all()


class _LiveTeller(story.Teller):
    """Goes on where the story of a tenant ended, whatever was added since."""

    def __init__(self, tenant: Tenant, dice: random.Random) -> None:
        # So long ago that approvals have today's shape.
        super().__init__(tenant, clock.now() - timedelta(days=story.DAYS))
        self.dice = dice
        self.number = _highest(tenant.id, "Requirement")
        self.releases = _highest(tenant.id, "Release")

    def left_over(self) -> Iterator[Scene]:
        """Tell on of the release that an earlier demo did not see the end of."""
        names = AggregateHead.objects.filter(
            tenant_id=self.tenant.id,
            aggregate_type="Release",
            aggregate_id__endswith=f".{self.releases}",
        ).values_list("aggregate_id", flat=True)
        for name in names:
            release = Release.load(name, self.tenant.id)
            # Frozen with nothing done, it will never be ready.
            has_future = release.completed or not release.is_frozen
            if release.due and release.status != "shipped" and has_future:
                yield from self._until_shipped(name)

    def release(self) -> Iterator[Scene]:
        """Tell of one release, from its plan until it is shipped."""
        self.releases += 1
        now = clock.now()
        name, goal = f"{now.year}.{self.releases}", self.dice.choice(cast.GOALS)
        due = now + self.dice.choice(_TIMES)
        yield self._managed(name, acts.plan, goal, due, due)
        yield from self._until_shipped(name)

    def _until_shipped(self, name: str) -> Iterator[Scene]:
        if not Release.load(name, self.tenant.id).is_frozen:
            yield from self._filled(name)
        if Release.load(name, self.tenant.id).open:
            yield self._managed(name, acts.cut)
        yield from self._built(name)
        yield self._managed(name, acts.ship, f"New in {self.tenant.product}.")

    def _filled(self, name: str) -> Iterator[Scene]:
        """Tell of the requirements of a release, to the passed test of each."""
        lives = []
        for _ in range(_REQUIREMENTS):
            self.number += 1
            life = acts.RequirementLife(self.tenant, f"R-{self.number}", self.begin)
            yield from self._wanted(life, name)
            lives.append(life)
        yield self._managed(name, acts.freeze)
        for life in lives:
            yield from self._verified(life)

    def _managed(
        self, name: str, act: Callable[..., None], *arguments: object
    ) -> Scene:
        return self._now(
            self.tenant.manager,
            f"release-{name}",
            functools.partial(act, self.tenant.id, name, *arguments),
        )

    def _wanted(self, life: acts.RequirementLife, release: str) -> Iterator[Scene]:
        """Tell of a requirement until it is approved."""
        dice, tenant, act = self.dice, self.tenant, functools.partial
        by = self._about(life)
        title = self.titles[self.number % len(self.titles)]
        yield by(dice.choice(tenant.authors), act(life.create, title, self._wish()))
        if dice.random() < 0.5:  # noqa: PLR2004 - a share
            yield by(tenant.tester, act(life.comment, dice.choice(cast.COMMENTS)))
        yield by(tenant.analyst, act(life.analyse, *self._judgement()))
        decider = dice.choice(tenant.approvers)
        words = dice.choice(cast.APPROVALS)
        yield by(decider, act(life.approve, decider, words, release))

    def _verified(self, life: acts.RequirementLife) -> Iterator[Scene]:
        by, tester = self._about(life), self.tenant.tester
        if self.dice.random() < 0.3:  # noqa: PLR2004 - a share
            failures = self.dice.sample(cast.FAILURES, 1)
            yield by(tester, functools.partial(life.verify, failures))
        yield by(tester, functools.partial(life.verify, []))

    def _built(self, release: str) -> Iterator[Scene]:
        """Test builds until the worker has opened the way to production."""
        number = 0
        while Release.load(release, self.tenant.id).status != "deployable":
            number += 1
            result = BuildTested(
                build=f"{release}-rc.{number}",
                passed=self.dice.randint(440, 480),
                failed=0,
                coverage=round(self.dice.uniform(0.84, 0.93), 3),
                seconds=self.dice.randint(240, 610),
            )
            yield self._now(
                cast.BUILD_SERVER,
                f"build-{result.build}",
                functools.partial(acts.build, self.tenant.id, release, result),
            )

    def _about(
        self, life: acts.RequirementLife
    ) -> Callable[[Person, Callable[[], None]], Scene]:
        number = life.requirement.aggregate_id.removeprefix("R-")

        def by(actor: Person, act: Callable[[], None]) -> Scene:
            return self._now(actor, f"CR-{number:>04}", act)

        return by

    def _now(
        self, actor: Person, correlation_id: str, act: Callable[[], None]
    ) -> Scene:
        now: datetime = clock.now()
        return self._scene(now, actor=actor, correlation_id=correlation_id, act=act)


def _highest(tenant_id: str, aggregate_type: str) -> int:
    """Return the highest number that a name ends with, 0 if none does."""
    names = AggregateHead.objects.filter(
        tenant_id=tenant_id, aggregate_type=aggregate_type
    ).values_list("aggregate_id", flat=True)
    ends = (name.replace("-", ".").rpartition(".")[2] for name in names)
    return max((int(end) for end in ends if end.isdecimal()), default=0)
