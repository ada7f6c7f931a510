"""Who and why, carried beside the calls: actor, correlation, causation, ip.

The tenant is never part of the context: it is an argument of every call.
"""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from eventstore.types import StoredDomainEvent

_metadata: ContextVar[Mapping[str, Any]] = ContextVar(
    "eventstore_metadata", default=MappingProxyType({})
)


@contextlib.contextmanager
def event_context(
    *,
    actor: Mapping[str, Any]
    | str
    | Callable[[], Mapping[str, Any] | None]
    | None = None,
    correlation_id: str | None = None,
    causation_id: str | None = None,
    ip: str | None = None,
    **more: Any,
) -> Iterator[None]:
    """Give every event that is appended inside the block this metadata.

    Blocks nest: the inner one adds to and overrides the outer one; what an event
    carries itself wins over both.

    Args:
        actor: ``{"type", "id", "name"?}``, or the id of a user; or a function that
            returns the former or ``None``, which is asked when an event is appended.
        correlation_id: the conversation that the events belong to.
        causation_id: the id of the event that caused them.
        ip: the address that the request came from.
        more: further metadata, JSON values.
    """
    given = {
        "actor": {"type": "user", "id": actor} if isinstance(actor, str) else actor,
        "correlation_id": correlation_id,
        "causation_id": causation_id,
        "ip": ip,
        **more,
    }
    known = {key: value for key, value in given.items() if value is not None}
    # Either spelling of the actor overrides either spelling of an outer block's.
    token = _metadata.set({**_metadata.get(), **with_actor(known)})
    try:
        yield
    finally:
        _metadata.reset(token)


@contextlib.contextmanager
def correlated(correlation_id: str) -> Iterator[None]:
    """Give the events of the block this correlation id, unless they have one."""
    with event_context(
        correlation_id=_metadata.get().get("correlation_id", correlation_id)
    ):
        yield


@contextlib.contextmanager
def caused_by(event: StoredDomainEvent) -> Iterator[None]:
    """Mark what is appended inside the block as caused by ``event``.

    The conversation goes on under the event's correlation id, or begins with the
    event's own id when it has none.
    """
    correlation = event.metadata.get("correlation_id")
    with event_context(
        causation_id=event.event_id,
        correlation_id=correlation if isinstance(correlation, str) else event.event_id,
    ):
        yield


_is_replaying: ContextVar[bool] = ContextVar("eventstore_is_replaying", default=False)


@contextlib.contextmanager
def without_side_effects() -> Iterator[None]:
    """Refuse appends inside the block: what is folded anew must not happen anew."""
    token = _is_replaying.set(True)
    try:
        yield
    finally:
        _is_replaying.reset(token)


def is_replaying() -> bool:
    """Return whether the surrounding code folds history anew."""
    return _is_replaying.get()


def current_metadata() -> dict[str, Any]:
    """Return a copy of the metadata that the surrounding blocks have set."""
    known = dict(_metadata.get())
    if callable(known.get("actor")):
        known["actor"] = known["actor"]()
        if known["actor"] is None:
            del known["actor"]
    return known


def complete_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event's own ``metadata`` with the context's filled in beneath.

    ``user_id``, the short form of an actor, becomes ``actor`` in either place.
    """
    own = with_actor(metadata)
    if not _metadata.get():
        return own
    return {**with_actor(current_metadata()), **own}


def with_actor(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``metadata`` with ``user_id``, if it is there, made an ``actor``."""
    if "user_id" not in metadata:
        return dict(metadata)
    rest = {key: value for key, value in metadata.items() if key != "user_id"}
    if "actor" not in rest and metadata["user_id"] is not None:
        rest["actor"] = {"type": "user", "id": str(metadata["user_id"])}
    return rest
