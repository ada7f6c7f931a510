"""Fill the store: play the story through the publisher, then redact a little."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from eventstore import DomainEvent, event_context, publisher, store
from eventstore.models import StoredEvent
from eventstore_project.demo import cast, clock, story
from eventstore_project.demo.story import Scene

#: The ids of the first and the last event: whether the story was begun, and ended.
FIRST_EVENT_ID, LAST_EVENT_ID = "demo-story-begins", "demo-story-ends"
_HOME = cast.TENANTS[0].id
_NOTEBOOK = {"aggregate_type": "Notebook", "aggregate_id": "demo"}

#: Is told how many scenes of how many were played.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Erasure:
    """Something personal that has to go."""

    tenant_id: str
    aggregate_id: str
    event_type: str
    fields: tuple[str, ...]
    reason: str


_ERASURES = (
    _Erasure(
        "aurora-health",
        "R-4",
        "RequirementCreated",
        ("/data/requester/name", "/data/requester/email"),
        "Erasure request of the requester, case DSR-2041.",
    ),
    _Erasure(
        "meridian-pay",
        "R-8",
        "RequirementCommented",
        (),
        "The comment quoted a card number.",
    ),
    _Erasure(
        "tidewater-rail",
        "R-5",
        "RequirementRejected",
        ("/metadata/ip",),
        "The address was that of a private connection.",
    ),
)


def fill(progress: Progress) -> None:
    """Let the ninety days before this hour happen.

    Raises:
        EventStoreError: an event could not be stored; the story is incomplete then.
    """
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    scenes = story.scenes(end)
    _note(FIRST_EVENT_ID, "The demo's story begins.", story.begin_of(end))
    for number, scene in enumerate(scenes, start=1):
        play(scene)
        progress(number, len(scenes))
    _erase()
    _note(LAST_EVENT_ID, "The demo's story ends; what follows is yours.", end)


def play(scene: Scene) -> None:
    """Let a scene happen, at its time and by whom it names."""
    with (
        clock.at(scene.at),
        event_context(
            actor=scene.actor.as_actor,
            correlation_id=scene.correlation_id,
            ip=scene.ip or None,
        ),
    ):
        scene.act()


def is_complete() -> bool:
    """Return whether the story was told to its end; works before a migrate, too."""
    return _exists(LAST_EVENT_ID)


def is_begun() -> bool:
    """Return whether the story was begun here."""
    return _exists(FIRST_EVENT_ID)


def _erase() -> None:
    for wanted in _ERASURES:
        history = store.iter_events_for_aggregate(
            wanted.aggregate_id, wanted.tenant_id, after_snapshot=False
        )
        found = next(e for e in history if e.event_type == wanted.event_type)
        publisher.redact_event(
            found.event_id,
            wanted.tenant_id,
            wanted.fields,
            reason=wanted.reason,
            actor=cast.PRIVACY_OFFICER.as_actor,
        )


def _note(event_id: str, text: str, at: datetime) -> None:
    note = DomainEvent(
        event_type="NoteWritten",
        event_id=event_id,
        data={"text": text},
        metadata={"actor": {"type": "service", "id": "demo", "name": "The demo"}},
        occurred_at=at,
        **_NOTEBOOK,
    )
    publisher.publish(note, _HOME)


def _exists(event_id: str) -> bool:
    return StoredEvent.objects.filter(tenant_id=_HOME, event_id=event_id).exists()
