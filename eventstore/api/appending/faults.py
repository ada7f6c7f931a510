"""Every fault of a body: a client mends them all at once, not one a request."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from eventstore import serialization, validating
from eventstore.api.problems.details import MAX_ERRORS, pointer, steps_of
from eventstore.api.refusals import InvalidBody, InvalidEvents
from eventstore.appending import RESERVED
from eventstore.conf import store_settings
from eventstore.exceptions import InvalidEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eventstore.types import DomainEvent

    Step = str | int
    Steps = tuple[Step, ...]
    #: Says where in the request something stands that an event has at these steps.
    Place = Callable[[Steps], dict[str, str]]

#: A single value is judged by what it is; how large its document is, is asked apart.
_ANY_SIZE = 1 << 62


def at(*prefix: Step) -> Place:
    """Return what places a fault in the body, below ``prefix``, as a JSON pointer."""
    return lambda steps: {"pointer": pointer(str(step) for step in (*prefix, *steps))}


class Faults:
    """The faults that were found so far."""

    def __init__(self) -> None:
        """Begin without any."""
        #: Each with its place and a ``detail``.
        self.found: list[dict[str, Any]] = []

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self.found)

    def add(self, place: dict[str, str], what: str) -> None:
        """Take note of a fault; more than can be told are not kept."""
        if len(self.found) < MAX_ERRORS:
            self.found.append({**place, "detail": what})

    def take(self, place: Place, fault: InvalidEvent) -> None:
        """Take note of what the store has said."""
        self.add(place(steps_of(fault.where)), fault.what)

    def check(self, place: Place, act: Callable[..., object], *args: Any) -> None:
        """Call ``act`` and take note of what it refuses."""
        try:
            act(*args)
        except InvalidEvent as fault:
            self.take(place, fault)

    def raise_any(self, refusal: type[InvalidBody] = InvalidEvents) -> None:
        """Refuse the request if there are faults.

        Args:
            refusal: of what is no event.

        Raises:
            InvalidBody: there are.
        """
        if self.found:
            raise refusal(self.found)


def check_event(event: DomainEvent, place: Place, faults: Faults) -> None:
    """Note all that an append of ``event`` would refuse, but for its moment's form."""
    for name in validating.NAMES:
        faults.check(place, validating.check_text, name, getattr(event, name))
    for name in ("event_type", "aggregate_type"):
        text = getattr(event, name)
        if isinstance(text, str) and text.startswith(RESERVED):
            faults.add(
                place((name,)),
                f"begins with {RESERVED!r}, which is reserved for the store itself.",
            )
    faults.check(place, validating.check_moment, event.occurred_at)
    settings = store_settings()
    _check_document("data", event.data, settings.MAX_PAYLOAD_BYTES, place, faults)
    if isinstance(event.metadata, dict):
        faults.check(place, validating.check_ids, event.metadata)
    _check_document(
        "metadata", event.metadata, settings.MAX_METADATA_BYTES, place, faults
    )


def _check_document(
    name: str, document: Any, max_bytes: int, place: Place, faults: Faults
) -> None:
    max_depth = store_settings().MAX_DEPTH
    try:
        serialization.encode(document, name, max_bytes=max_bytes, max_depth=max_depth)
    except InvalidEvent as fault:
        found = list(islice(_inner_faults((name,), document), MAX_ERRORS))
        for steps, what in found:
            faults.add(place(steps), what)
        if not found:
            faults.take(place, fault)


def _inner_faults(start: Steps, document: Any) -> Iterator[tuple[Steps, str]]:
    """Yield each single value and key that cannot be stored."""
    waiting: list[tuple[Steps, Any]] = [(start, document)]
    while waiting:
        steps, value = waiting.pop()
        if isinstance(value, dict):
            for key in value:
                if what := _fault_of({key: None}):
                    yield (*steps, key), f"is a key that {what}"
            inner = [((*steps, key), item) for key, item in value.items()]
            waiting += reversed(inner)
        elif isinstance(value, list):
            numbered = [((*steps, index), item) for index, item in enumerate(value)]
            waiting += reversed(numbered)
        elif what := _fault_of({"value": value}):
            yield steps, what


def _fault_of(document: dict[str, Any]) -> str | None:
    try:
        serialization.encode(document, "value", max_bytes=_ANY_SIZE)
    except InvalidEvent as fault:
        return fault.what
    return None
