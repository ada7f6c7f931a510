"""Every error of the API as problem details (RFC 9457)."""

from __future__ import annotations

from eventstore.api.problems.details import MEDIA_TYPE, Problem, ProblemRenderer
from eventstore.api.problems.errors import problem_of
from eventstore.api.problems.kinds import KINDS, Kind

__all__ = [
    "KINDS",
    "MEDIA_TYPE",
    "Kind",
    "Problem",
    "ProblemRenderer",
    "problem_of",
]
