"""One line of an upload: an event of the API, or one that an export has written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventstore import serialization
from eventstore.api.appending.actors import signed
from eventstore.api.appending.drafts import Draft, read_draft
from eventstore.api.appending.faults import Faults, at
from eventstore.api.refusals import ActorNotPermitted
from eventstore.exceptions import InvalidEvent
from eventstore.roles import Permission
from eventstore.transfer.chunks import max_line

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What an export adds and the log decides anew.
_DECIDED = ("position", "stored_at", "snapshot_id", "url")


@dataclass(frozen=True, slots=True)
class Writer:
    """Who uploads, and where to.

    Attributes:
        tenant_id: whose log.
        principal: the caller; asked about anew for each chunk.
        actor: the caller, as the actor of events.
        permissions: what they may in the tenant.
    """

    tenant_id: str
    principal: Any
    actor: Mapping[str, Any]
    permissions: frozenset[Permission]

    @property
    def may_name_others(self) -> bool:
        """Whether they may append in the name of others."""
        return Permission.APPEND_AS in self.permissions


@dataclass(frozen=True, slots=True)
class Line:
    """A line, read.

    Attributes:
        number: counted from 1.
        draft: the event; ``None`` when the line cannot be one.
        faults: why not, each with a ``pointer`` into the line and a ``detail``.
    """

    number: int
    draft: Draft | None
    faults: tuple[dict[str, Any], ...] = ()


def read_line(number: int, raw: bytes, writer: Writer) -> Line:
    """Return what a line says, checked as an append checks it."""
    faults = Faults()
    try:
        draft = _read(raw, writer, faults)
        if draft and not faults:
            (draft,) = signed(
                [draft], writer.actor, may_name_others=writer.may_name_others
            )
            return Line(number, draft)
    except InvalidEvent as fault:
        faults.add(at()(()), f"The line {fault.what}")
    except ActorNotPermitted as refusal:
        return Line(number, None, tuple(refusal.extra["errors"]))
    return Line(number, None, tuple(faults.found))


def _read(raw: bytes, writer: Writer, faults: Faults) -> Draft | None:
    limit = max_line()
    if len(raw) > limit:
        raise InvalidEvent("line", f"has more than {limit:,} bytes.", limit=limit)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise InvalidEvent(
            "line", f"is no UTF-8: {error.reason} at byte {error.start + 1}."
        ) from None
    document = serialization.decode_exactly(text)
    if not isinstance(document, dict):
        raise InvalidEvent("line", "is no JSON object.")
    values = _as_sent(document, writer, faults)
    return read_draft(values, at(), faults, known={})


def _as_sent(
    document: dict[str, Any], writer: Writer, faults: Faults
) -> dict[str, Any]:
    """Return the fields of an append that a line stands for."""
    values = {key: value for key, value in document.items() if key not in _DECIDED}
    if "event_data" in values:
        if "data" in values:
            faults.add(at("data")(()), "is there beside event_data: give one of them.")
        values["data"] = values.pop("event_data")
    if "event_id" not in values:
        faults.add(
            at("event_id")(()),
            "is missing: by the ids of its events an upload is repeated and resumed.",
        )
    if values.pop("tenant_id", writer.tenant_id) != writer.tenant_id:
        faults.add(at("tenant_id")(()), f"is not {writer.tenant_id!r}, where it goes.")
    if values.pop("is_redacted", False) is not False or values.pop("hidden", None):
        faults.add(
            at()(()),
            "is an event of which something is removed or hidden: bring it in by "
            "`manage.py eventstore_import`.",
        )
    version = values.pop("aggregate_version", None)
    if version is not None:
        if type(version) is int and version > 0:
            values["expected_version"] = version - 1
        else:
            faults.add(
                at("aggregate_version")(()),
                f"is {version!r}; it must be a whole number from 1 up.",
            )
    return values
