"""What can be asked: each field, what it takes, and which operators suit it."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(Enum):
    """What the values of a field are."""

    TEXT = "text"
    NUMBER = "number"
    MOMENT = "moment"
    FLAG = "flag"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the language.

    Attributes:
        name: as it is typed.
        kind: what its values are.
        help: what it means, for people.
        has_prefix: whether ``value*`` can be asked.
        limits: the smallest and the largest number that there is, if it is known.
    """

    name: str
    kind: Kind
    help: str | Promise
    has_prefix: bool = False
    limits: tuple[int, int] | None = None


_FIELDS = (
    Field("type", Kind.TEXT, _("event type"), has_prefix=True),
    Field("version", Kind.TEXT, _("event version, as stored")),
    Field("actor", Kind.TEXT, _("id of who did it")),
    Field("actor.kind", Kind.TEXT, _("kind of actor: user, service ...")),
    Field("agg", Kind.TEXT, _("aggregate, as Type or Type:id")),
    Field("agg.type", Kind.TEXT, _("aggregate type")),
    Field("agg.id", Kind.TEXT, _("aggregate id, of any type")),
    Field("agg.version", Kind.NUMBER, _("version of the aggregate")),
    Field("id", Kind.TEXT, _("event id")),
    Field("corr", Kind.TEXT, _("correlation id")),
    Field("cause", Kind.TEXT, _("causation id: the event that caused it")),
    Field("pos", Kind.NUMBER, _("position in the log")),
    Field("occurred", Kind.MOMENT, _("when it happened")),
    Field("stored", Kind.MOMENT, _("when it was stored")),
    Field(
        "weekday",
        Kind.NUMBER,
        _("weekday on which it happened: 1 is Monday, 7 is Sunday"),
        limits=(1, 7),
    ),
    Field(
        "hour",
        Kind.NUMBER,
        _("hour of the day in which it happened: 0 to 23"),
        limits=(0, 23),
    ),
    Field("tenant", Kind.TEXT, _("tenant")),
    Field("ip", Kind.TEXT, _("address it came from (personal)")),
    Field("redacted", Kind.FLAG, _("whether anything was removed: yes or no")),
)

FIELDS: dict[str, Field] = {field.name: field for field in _FIELDS}

#: Words that other products use, and the same here.
SYNONYMS = {
    "time": "occurred",
    "effective": "occurred",
    "recorded": "stored",
    "stream": "agg",
    "aggregate": "agg",
    "schema": "version",
    "position": "pos",
    "user": "actor",
    "correlation": "corr",
    "causation": "cause",
    "event": "id",
    "metadata": "meta",
    "payload": "data",
}

#: Roots of documents: ``data.reason``, ``meta.request_id``.
DOCUMENTS = {
    "data": Field("data", Kind.DOCUMENT, _("a value of the payload: data.path")),
    "meta": Field("meta", Kind.DOCUMENT, _("a value of the metadata: meta.path")),
}
_PATH = re.compile(r"[^\s.:=<>!\"*()]+(\.[^\s.:=<>!\"*()]+)*")


def find_field(name: str) -> Field | None:
    """Return the field called ``name``; of ``data.a.b`` the root's, with that name."""
    if name in FIELDS:
        return FIELDS[name]
    root, _dot, path = name.partition(".")
    if root in DOCUMENTS and _PATH.fullmatch(path):
        return Field(name, Kind.DOCUMENT, DOCUMENTS[root].help)
    return None


def guess_field(name: str) -> str | None:
    """Return what somebody who typed ``name`` may have meant."""
    lowered = name.lower()
    root, dot, path = lowered.partition(".")
    if find_field(lowered) is not None:
        return lowered
    if lowered in SYNONYMS and not path:
        guess = SYNONYMS[lowered]
        return None if guess in DOCUMENTS else guess
    if dot and SYNONYMS.get(root) in DOCUMENTS and path:
        return f"{SYNONYMS[root]}.{name.partition('.')[2]}"
    near = difflib.get_close_matches(lowered, FIELDS, n=1, cutoff=0.6)
    return near[0] if near else None
