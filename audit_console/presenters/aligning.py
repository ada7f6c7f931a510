"""What two sequences share, in a time that no input can stretch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

#: The work of aligning grows with the pairs of equal items; more are not tried.
MAX_PAIRS = 4_000


class Run(NamedTuple):
    """Neighbours in both sequences: the same, or some of one for some of the other."""

    kind: Literal["same", "other"]
    old: range
    new: range


def align(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Run]:
    """Return both sequences as runs, in order.

    What they begin and end with is found at once; what lies between is one run where it
    repeats itself too often to be aligned.
    """
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    runs = [Run("same", range(head), range(head))]
    runs += [
        Run(
            kind,
            range(head + one.start, head + one.stop),
            range(head + two.start, head + two.stop),
        )
        for kind, one, two in _middle(left, right)
    ]
    ends = range(len(old) - tail, len(old)), range(len(new) - tail, len(new))
    runs.append(Run("same", *ends))
    return [run for run in runs if run.old or run.new]


def _shared(old: Sequence[Hashable], new: Sequence[Hashable]) -> int:
    count = 0
    for one, two in zip(old, new, strict=False):
        if one != two:
            break
        count += 1
    return count


def _middle(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Run]:
    counts = Counter(new)
    if sum(counts[item] for item in old) > MAX_PAIRS:
        return [Run("other", range(len(old)), range(len(new)))]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        Run(
            "same" if kind == "equal" else "other",
            range(old_from, old_to),
            range(new_from, new_to),
        )
        for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes()
    ]
