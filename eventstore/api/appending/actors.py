"""In whose name an event is appended: one's own, or another's on the record."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from eventstore import context
from eventstore.api.appending.faults import Faults
from eventstore.api.refusals import ActorNotPermitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eventstore.api.appending.drafts import Draft

#: Who sent an event that names somebody else as its actor; always the server's to say.
SUBMITTED_BY = "submitted_by"


def actor_of(principal: Any) -> dict[str, Any]:
    """Return who asks, as the actor of events."""
    # An API key says itself who it is.
    own: dict[str, Any] | None = getattr(principal, "event_actor", None)
    return own or {
        "type": "user",
        "id": str(principal.pk),
        "name": principal.get_username(),
    }


def signed(
    drafts: Iterable[Draft], own: Mapping[str, Any], *, may_name_others: bool
) -> list[Draft]:
    """Return ``drafts`` with the actor of each in its metadata.

    Without an actor it is the caller. Whoever may name others leaves their own name
    beside it, as ``submitted_by``: a forgery that is permitted is still seen.

    Args:
        drafts: checked.
        own: the caller as an actor.
        may_name_others: whether they have the permission ``append_as``.

    Raises:
        ActorNotPermitted: an event names somebody else.
    """
    found, foreign = [], Faults()
    for draft in drafts:
        metadata = context.with_actor(draft.event.metadata)
        metadata.pop(SUBMITTED_BY, None)
        named = metadata.get("actor")
        if named is None or is_same(named, own):
            metadata["actor"] = dict(own)
        elif may_name_others:
            metadata[SUBMITTED_BY] = dict(own)
        else:
            foreign.add(
                draft.place(("metadata", "actor")), "names somebody else than you."
            )
        event = dataclasses.replace(draft.event, metadata=metadata)
        found.append(dataclasses.replace(draft, event=event))
    if foreign:
        raise ActorNotPermitted(errors=foreign.found)
    return found


def sender_of(metadata: Mapping[str, Any]) -> Any:
    """Return who sent an event: not always who it says that it was."""
    return metadata.get(SUBMITTED_BY) or metadata.get("actor")


def is_same(actor: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Return whether ``actor`` is the caller, whatever they are called."""
    return (actor.get("type", own["type"]), actor.get("id")) == (own["type"], own["id"])
