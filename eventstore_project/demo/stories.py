"""What is worth a look: saved links on the overview, and on the terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import QuerySet

from audit_console.exports import files
from audit_console.models import Export, SavedSearch
from eventstore.models import RedactionRequest, StoredEvent
from eventstore_project.demo import accounts, exporting, requesting
from eventstore_project.demo.errors import DemoRefusedError


@dataclass(frozen=True, slots=True)
class Story:
    """One thing to look at.

    Attributes:
        name: what it is called.
        description: what is to be seen there.
        tenant_id: in whose log.
        address: below the console.
    """

    name: str
    description: str
    tenant_id: str
    address: str


def find() -> list[Story]:
    """Return the stories, from what is in the log.

    Raises:
        DemoRefusedError: one of them is not there.
    """
    return [_find(number, tell) for number, tell in enumerate(_TOLD, start=1)]


def check() -> None:
    """Make sure that each story is there, and the files of the exports, too.

    Raises:
        DemoRefusedError: something is missing.
    """
    find()
    for export in exporting.made():
        if not files.storage().exists(export.file):
            raise DemoRefusedError(
                f"The file of an export is missing: {export.file}. Its folder is the "
                "storage “exports”; begin afresh with --reset."
            )


def pin() -> None:
    """Put the stories on the overview of everybody who may see them."""
    *shared, export = find()
    for story in shared:
        _save(story, accounts.ADMIN, story.address, is_shared=True)
    # An export is its owner's: each has one, and a link to it.
    for made in exporting.made():
        _save(export, made.owner_name, _address_of(made), is_shared=False)


def _save(story: Story, name: str, address: str, *, is_shared: bool) -> None:
    SavedSearch.objects.get_or_create(
        owner=User.objects.get(username=name),
        tenant_id=story.tenant_id,
        name=story.name,
        defaults={
            "description": story.description,
            "address": address,
            "is_shared": is_shared,
            "is_pinned": True,
        },
    )


def _find(number: int, tell: Callable[[], Story]) -> Story:
    try:
        story = tell()
    except (StoredEvent.DoesNotExist, Export.DoesNotExist) as error:
        raise DemoRefusedError(
            f"Story {number} of the demo is not in the database: {error}"
        ) from error
    except RedactionRequest.DoesNotExist as error:
        raise DemoRefusedError("The request for a redaction is missing.") from error
    return Story(
        f"{number}. {story.name}", story.description, story.tenant_id, story.address
    )


def _second_thoughts() -> Story:
    tenant, requirement = "tidewater-rail", "R-53"
    _first(_of(tenant, requirement).filter(event_type="RequirementApproved"))
    query = {"tenant": tenant, "type": "Requirement", "id": requirement}
    return Story(
        "Rejected four times, then approved",
        "What changed each time, by whom, and the state at any version.",
        tenant,
        f"aggregate/?{urlencode(query)}",
    )


def _old_shape() -> Story:
    tenant = "aurora-health"
    event = _first(
        StoredEvent.objects.filter(
            tenant_id=tenant, event_type="RequirementApproved", event_version="v1"
        )
    )
    return Story(
        "An approval in an old shape",
        "Stored as v1, read as v3: both side by side, with the step between.",
        tenant,
        f"events/{event.position}/",
    )


def _chain() -> Story:
    tenant = "meridian-pay"
    event = _first(
        StoredEvent.objects.filter(
            tenant_id=tenant, event_type="ReleaseDeploymentEnabled"
        )
    )
    query = {"tenant": tenant, "id": event.metadata["correlation_id"]}
    return Story(
        "What one passed test set off",
        "A requirement is verified; that makes a release ready, and opens the way "
        "to production.",
        tenant,
        f"correlations/?{urlencode(query)}",
    )


def _removed() -> Story:
    tenant, requirement = "aurora-health", "R-4"
    event = _first(_of(tenant, requirement).filter(is_redacted=True))
    return Story(
        "A name that was removed",
        "The event stays, and so does the record of who removed what, and why.",
        tenant,
        f"events/{event.position}/",
    )


def _waiting() -> Story:
    request = requesting.find()
    return Story(
        "A redaction that waits for a second person",
        "Log in as dpo in a private window, and approve or reject it.",
        request.tenant_id,
        f"redactions/{request.pk}/",
    )


def _taken_out() -> Story:
    export = exporting.find(accounts.FOR_CONSOLE[0].name)
    return Story(
        "An export, and who looked at what",
        "A file with its manifest and checksum; each step of it is on record.",
        export.tenants[0],
        _address_of(export),
    )


def _address_of(export: Export) -> str:
    return f"exports/{export.pk}/"


_TOLD = (_second_thoughts, _old_shape, _chain, _removed, _waiting, _taken_out)


def _of(tenant_id: str, aggregate_id: str) -> QuerySet[StoredEvent]:
    return StoredEvent.objects.filter(
        tenant_id=tenant_id, aggregate_type="Requirement", aggregate_id=aggregate_id
    )


def _first(rows: QuerySet[StoredEvent]) -> StoredEvent:
    return rows.order_by("position")[:1].get()
