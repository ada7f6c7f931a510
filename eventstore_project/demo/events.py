"""A typed event: a dataclass for a payload that is all numbers."""

from __future__ import annotations

from dataclasses import dataclass

from eventstore import event_type


@event_type("ReleaseBuildTested")
@dataclass(frozen=True, kw_only=True, slots=True)
class BuildTested:
    """A build of a release went through the tests.

    Attributes:
        build: its name, ``2026.4-rc.12``.
        passed: how many tests passed.
        failed: how many failed.
        coverage: which share of the lines ran, 0 to 1.
        seconds: how long it took.
    """

    build: str
    passed: int
    failed: int
    coverage: float
    seconds: int
