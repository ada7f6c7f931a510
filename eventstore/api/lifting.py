"""Events in the newest shape of their type, of what the caller may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import simplejson
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.views import APIView

from eventstore import serialization
from eventstore.conf import store_settings
from eventstore.types import StoredDomainEvent
from eventstore.upcasting import REDACTED, event_migrations

if TYPE_CHECKING:
    from rest_framework.request import Request

_DATA = "/data/"


class LiftingView(APIView):
    """A view that gives events in the newest shape, if it is asked to."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a wrong version also where there is no event to lift."""
        super().initial(request, *args, **kwargs)
        known: tuple[str, ...] = getattr(self, "parameters", ())
        if "version" in known and request.method in SAFE_METHODS:
            self.is_lifting  # noqa: B018 - it refuses

    @property
    def is_lifting(self) -> bool:
        """Whether ``?version=latest`` is given.

        Raises:
            ValidationError: another version is.
        """
        given = self.request.query_params.get("version", "stored")
        if given not in {"stored", "latest"}:
            raise ValidationError({"version": [_("Give stored or latest.")]})
        return given == "latest"


def lift(fields: dict[str, Any], row: Any) -> dict[str, Any]:
    """Return ``fields`` of the event ``row`` with its payload lifted.

    What is hidden from the caller stays hidden under whatever name the newest shape has
    for it: migrations meet the marker of a redaction in its place, as they must expect.

    Args:
        fields: as they are shown: ``data``, and ``hidden`` for what is not.
        row: the stored event.

    Raises:
        MigrationError: a migration failed.
    """
    data = fields.get("data")
    if data is None:
        return fields
    hidden = [
        pointer for pointer in fields.get("hidden", ()) if pointer.startswith(_DATA)
    ]
    # A copy, with numbers as migrations get them wherever else events are read.
    data = serialization.decode(
        simplejson.dumps(data, use_decimal=True),
        decimals=store_settings().DECIMAL_NUMBERS,
    )
    for pointer in hidden:
        _mark(data, pointer.removeprefix(_DATA).split("/"))
    event = event_migrations.migrate_if_needed(
        StoredDomainEvent.from_fields(
            {
                "position": row.position,
                "event_id": row.event_id,
                "event_type": row.event_type,
                "event_version": row.event_version,
                "is_redacted": row.is_redacted,
                "data": data,
                "upcast_from": None,
            }
        )
    )
    if event.upcast_from is None:
        return fields
    lifted = {
        "data": event.data,
        "event_version": event.event_version,
        "upcast_from": event.upcast_from,
    }
    return fields | {name: lifted[name] for name in lifted.keys() & fields.keys()}


def _mark(node: Any, steps: list[str]) -> None:
    *parents, last = [step.replace("~1", "/").replace("~0", "~") for step in steps]
    for step in parents:
        node = node[int(step)] if isinstance(node, list) else node[step]
    node[int(last) if isinstance(node, list) else last] = dict(REDACTED)
