"""A retry is told apart from another event only for those who may know the difference.

The store says of an event id that is taken whether the event is the same. Whoever may
not see a payload could ask that with one guess after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventstore.api.appending.actors import is_same, sender_of
from eventstore.appending import duplicate_of
from eventstore.disclosure import disclose

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from eventstore.roles import Permission
    from eventstore.types import StoredDomainEvent


def refuse_guesses(
    stored: Iterable[StoredDomainEvent],
    own: Mapping[str, Any],
    permissions: Collection[Permission],
) -> None:
    """Refuse retries of what others have stored and the caller may not see.

    They are answered as an event that differs. To retry their own, everybody may: they
    know what they have sent.

    Args:
        stored: what the store has returned, new or known.
        own: the caller as an actor.
        permissions: what they may in the tenant.

    Raises:
        DuplicateEventError: one of the events is another's, and hidden in part.
    """
    for event in stored:
        sender = sender_of(event.metadata)
        if isinstance(sender, dict) and is_same(sender, own):
            continue
        _shown, hidden = disclose({"data": event.data}, permissions)
        if hidden:
            raise duplicate_of(event.event_id)
