"""A payload as it was stored and as it is lifted, version beside version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit_console.presenters import diff, tree
from audit_console.presenters.diff import Diff
from audit_console.presenters.masking import Mask
from audit_console.presenters.tree import Mark, Tree


@dataclass(frozen=True, slots=True)
class Lifted:
    """What one step of the migrations made of the payload.

    Attributes:
        version: the version that came out.
        migration: the name of what lifted it.
        data: the payload that came out.
    """

    version: str
    migration: str
    data: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The payload in one version.

    Attributes:
        version: which.
        migration: what made it of the version to the left; "" for the stored one.
        tree: the payload.
        changes: what differs from the version to the left.
        is_stored: whether this is what the log holds.
        is_current: whether this is what handlers see.
    """

    version: str
    migration: str
    tree: Tree
    changes: Diff | None
    is_stored: bool
    is_current: bool


def columns(
    version: str,
    stored: Any,
    steps: Sequence[Lifted],
    *,
    met: Any,
    is_complete: bool,
    marks: Mapping[str, Mark] | None = None,
    mask: Mask | None = None,
) -> list[Column]:
    """Return the versions of a payload, the stored one first.

    Args:
        version: the one that is stored.
        stored: the payload that is stored, with every digit.
        steps: what the migrations made of it, in their order.
        met: the stored payload as the migrations meet it: with floats, perhaps.
        is_complete: whether they reached the newest version; a failed one does not.
        marks: what was redacted, by pointer.
        mask: what is hidden.
    """
    mask = mask or Mask()

    def column(place: int, name: str, migration: str, data: Any, left: Any) -> Column:
        return Column(
            version=name,
            migration=migration,
            tree=tree.build(
                mask.apply(data, "/data"),
                base="/data",
                marks=marks,
                elsewhere=Mark("redacted") if place and marks else None,
            ),
            changes=diff.compare(left, data, base="/data", mask=mask)
            if place
            else None,
            is_stored=place == 0,
            is_current=is_complete and place == len(steps),
        )

    payloads = [met, *(step.data for step in steps)]
    return [column(0, version, "", stored, None)] + [
        column(place, step.version, step.migration, step.data, payloads[place - 1])
        for place, step in enumerate(steps, 1)
    ]
