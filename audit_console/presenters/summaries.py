"""What happened, as a sentence: "Anna rejected Requirement R-17"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from eventstore.projections.projection import EVENT_REDACTED

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_PLACE = re.compile(r"\{([A-Za-z_][\w.-]*)\}")
_SAME = """
bought brought built found held kept laid left lent lost made met paid put read sent set
shut sold split spent taught told understood won
"""
#: Participles that do not end with "ed", with what they are in a sentence.
_IRREGULAR = {
    **{word: word for word in _SAME.split()},
    "begun": "began",
    "broken": "broke",
    "chosen": "chose",
    "done": "did",
    "drawn": "drew",
    "fallen": "fell",
    "forgotten": "forgot",
    "frozen": "froze",
    "given": "gave",
    "gone": "went",
    "hidden": "hid",
    "known": "knew",
    "run": "ran",
    "seen": "saw",
    "shown": "showed",
    "stolen": "stole",
    "taken": "took",
    "undone": "undid",
    "withdrawn": "withdrew",
    "written": "wrote",
}
#: Words that belong to the verb before them: "logged in".
_PARTICLES = frozenset(
    ["in", "out", "up", "down", "on", "off", "over", "back", "again"]
)
_LONGEST = 80


def placeholders(template: str | Promise) -> frozenset[str]:
    """Return the names in braces in ``template``."""
    return frozenset(_PLACE.findall(str(template)))


def sentence(
    row: Any,
    *,
    actor: str,
    templates: Mapping[str, str | Promise],
    data: Any = None,
) -> str:
    """Return what happened in ``row``, in words.

    Args:
        row: an event in a list.
        actor: the name of who did it, as far as the reader may see it; "" for nobody.
        templates: sentences by event type, with ``{actor}``, ``{aggregate}``,
            ``{aggregate_type}``, ``{aggregate_id}``, ``{type}`` and ``{data.path}``.
        data: the payload, as far as the reader may see it. Without it, a template that
            needs it gives way to the default.
    """
    template = templates.get(row.event_type)
    if template is not None:
        values = {
            "actor": actor or _("Somebody"),
            "aggregate": _aggregate(row),
            "aggregate_type": row.aggregate_type,
            "aggregate_id": row.aggregate_id,
            "type": row.event_type,
        }
        filled = _fill(str(template), values, data)
        if filled is not None:
            return filled
    if row.event_type == EVENT_REDACTED:
        return _removal(actor, data)
    return _default(row, actor)


def _fill(template: str, values: Mapping[str, str], data: Any) -> str | None:
    parts: list[str] = []
    end = 0
    for found in _PLACE.finditer(template):
        name = found.group(1)
        value = values.get(name)
        if value is None and name.startswith("data."):
            value = _scalar(data, name.split(".")[1:])
        if value is None:
            return None
        parts += [template[end : found.start()], value]
        end = found.end()
    return "".join([*parts, template[end:]])


def _scalar(document: Any, path: list[str]) -> str | None:
    for key in path:
        if not isinstance(document, Mapping):
            return None
        document = document.get(key)
    if document is None or isinstance(document, dict | list):
        return None
    if not isinstance(document, str | int | float | bool):
        return None
    text = str(document)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _removal(actor: str, record: Any) -> str:
    """Say from what something was removed, as the record of the redaction has it."""
    known = record if isinstance(record, Mapping) else {}
    parts = ("event_type", "aggregate_type", "aggregate_id")
    if not all(isinstance(known.get(part), str) for part in parts):
        return _("%(actor)s redacted an event") % {"actor": actor or _("Somebody")}
    return _("%(actor)s redacted %(type)s of %(aggregate)s") % {
        "actor": actor or _("Somebody"),
        "type": known["event_type"],
        "aggregate": f"{known['aggregate_type']} {known['aggregate_id']}",
    }


def _default(row: Any, actor: str) -> str:
    deed = verb_phrase(row.event_type, row.aggregate_type)
    facts = {"actor": actor, "deed": deed, "aggregate": _aggregate(row)}
    if not actor:
        return _("%(aggregate)s: %(deed)s") % facts
    if " " in deed and not _ends_well(deed):
        return _("%(actor)s %(deed)s of %(aggregate)s") % facts
    return _("%(actor)s %(deed)s %(aggregate)s") % facts


def verb_phrase(event_type: str, aggregate_type: str) -> str:
    """Return what was done: ``RequirementPriorityChanged`` is "changed priority"."""
    words = _words(event_type)
    owner = _words(aggregate_type)
    if len(words) > len(owner) and words[: len(owner)] == owner:
        words = words[len(owner) :]
    if len(words) > 1 and _is_past(words[-1]) and not _is_past(words[0]):
        words = [words[-1], *words[:-1]]
    if words:
        words[0] = _IRREGULAR.get(words[0]) or words[0]
    return " ".join(words) or event_type


def _words(name: str) -> list[str]:
    # A namespace says where a type comes from, not what happened.
    return [word.lower() for word in _WORDS.findall(name.rpartition(".")[2])]


def _is_past(word: str) -> bool:
    return word.endswith("ed") or word in _IRREGULAR or word in _IRREGULAR.values()


def _ends_well(deed: str) -> bool:
    """Return whether an object can follow: "logged in Session 7", "moved Page 7"."""
    words = deed.split()
    return all(_is_past(word) or word in _PARTICLES for word in words)


def _aggregate(row: Any) -> str:
    return f"{row.aggregate_type} {row.aggregate_id}"
