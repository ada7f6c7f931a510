"""The parameters of an address, read: what cannot be understood is said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from audit_console.language import (
    Clause,
    Exact,
    Query,
    QuerySyntaxError,
    moments,
    parse,
)
from audit_console.queries.asked import (
    CHOSEN,
    COLUMNS,
    DEFAULT_COLUMNS,
    SIZES,
    Asked,
    Fault,
)
from audit_console.queries.conditions import Basis
from audit_console.queries.listing import Key
from audit_console.queries.permitted import Allowance, is_personal, refusal

#: Parameters whose values are alternatives: one of them must hold.
CHOICES = ("type", "actor", "agg", "corr", CHOSEN)
HAS = ("redacted",)
#: How many alternatives of a kind; and how many events, as many as a page has.
_MOST, _MOST_CHOSEN = 50, max(SIZES)
_LARGEST = (1 << 63) - 1
#: One way to write each: an event that is named twice would be found twice.
_POSITION = re.compile(r"[1-9]\d{0,17}", re.ASCII)


def read(
    params: QueryDict,
    allowed: Allowance,
    zone: tzinfo,
    *,
    kept: Mapping[str, str] | None = None,
) -> Asked:
    """Return what ``params`` ask for; what cannot be understood is among its faults.

    Args:
        params: the parameters of an address or of the filter form.
        allowed: what the person may see.
        zone: of local times.
        kept: the parts of queries that the session keeps, by token.
    """
    faults: list[Fault] = []
    known = kept or {}
    tokens = tuple(filter(None, params.getlist("sq")))
    if not known.keys() >= set(tokens):
        faults.append(
            Fault("q", _("This search was kept for one session, which is over."))
        )
    public = params.get("q", "").strip()
    texts = [public, *(known.get(token, "") for token in tokens)]
    text = " ".join(filter(None, texts))
    query = _query(text, allowed, zone, faults)
    if not faults and any(map(is_personal, parse(public, zone).clauses)):
        faults.append(
            Fault("q", _("An address must not name personal values: submit it here."))
        )
        query = Query()
    basis: Basis = "stored" if params.get("basis") == "stored" else "occurred"
    since, until = _range(params, zone, faults)
    choices = _choices(params, faults)
    upto = _number(params, "upto", faults)
    page = _page(params, basis, zone, faults)
    return Asked(
        text=text,
        query=query,
        choices=choices,
        has=tuple(name for name in HAS if name in params.getlist("has")),
        off=_off(params, zone),
        since_text=params.get("from", "").strip(),
        until_text=params.get("to", "").strip(),
        since=since,
        until=until,
        basis=basis,
        upto=upto,
        columns=_columns(params),
        size=next((n for n in SIZES if str(n) == params.get("size")), SIZES[0]),
        zone=zone,
        zone_name=params.get("tz", ""),
        tenants=tuple(filter(None, params.getlist("tenant"))),
        public_text=public,
        tokens=tokens,
        kept={} if faults else _kept(tokens, known, zone),
        faults=tuple(faults),
        **page,
    )


def split(text: str, zone: tzinfo) -> tuple[str, list[str]]:
    """Return what of a query may stand in an address, and what must be kept.

    Of a query that has a fault, nobody knows which of its words are personal.
    """
    try:
        query = parse(text, zone)
    except QuerySyntaxError:
        return "", [text]
    personal = [clause for clause in query.clauses if is_personal(clause)]
    public = Query(tuple(item for item in query.clauses if item not in personal))
    return str(public), [str(clause) for clause in personal]


def _kept(
    tokens: Sequence[str], known: Mapping[str, str], zone: tzinfo
) -> dict[Clause, str]:
    return {
        clause: token
        for token in tokens
        for clause in parse(known[token], zone).clauses
    }


def _query(text: str, allowed: Allowance, zone: tzinfo, faults: list[Fault]) -> Query:
    try:
        query = parse(text, zone)
    except QuerySyntaxError as error:
        faults.append(
            Fault("q", error.message, error.column, error.length, error.repair)
        )
        return Query()
    for clause in query.clauses:
        reason = refusal(clause, allowed)
        if reason:
            repair = str(query.without(clause))
            faults.append(Fault("q", reason, clause.column, len(str(clause)), repair))
    return query


def _choices(params: QueryDict, faults: list[Fault]) -> dict[str, tuple[str, ...]]:
    found = {
        name: tuple(dict.fromkeys(filter(None, params.getlist(name))))
        for name in CHOICES
    }
    for name, values in found.items():
        if name == CHOSEN and name in params and not values:
            faults.append(Fault(name, _("No event is chosen: tick some rows first.")))
        if not _are_askable(name, values):
            faults.append(Fault(name, _("These values cannot be asked for.")))
    personal = {name for name in found if is_personal(Clause(name, Exact("")))}
    faults += [
        Fault(name, _("An address must not name personal values: search for them."))
        for name in personal
        if found[name]
    ]
    faulty = {fault.name for fault in faults}
    return {
        name: values
        for name, values in found.items()
        if values and name not in personal | faulty
    }


def _are_askable(name: str, values: Sequence[str]) -> bool:
    if name == CHOSEN:
        return len(values) <= _MOST_CHOSEN and all(map(_POSITION.fullmatch, values))
    return len(values) <= _MOST and not any("\0" in value for value in values)


def _off(params: QueryDict, zone: tzinfo) -> tuple[str, ...]:
    """Return the filters that are switched off; what could not be on is none."""
    found = list(dict.fromkeys(params.getlist("off")))[:_MOST]
    return tuple(entry for entry in found if _can_be_on(entry, zone))


def _can_be_on(entry: str, zone: tzinfo) -> bool:
    """Return whether a filter that is switched off could be switched on again."""
    name, _equals, value = entry.partition("=")
    if name == "has":
        return value in HAS
    if name in CHOICES:
        is_hidden = is_personal(Clause(name, Exact("")))
        return bool(value) and not is_hidden and _are_askable(name, [value])
    if name != "q" or "\0" in value:
        return False
    try:
        clauses = parse(value, zone).clauses
    except QuerySyntaxError:
        return False
    return bool(clauses) and not any(map(is_personal, clauses))


def _range(
    params: QueryDict, zone: tzinfo, faults: list[Fault]
) -> tuple[datetime | None, datetime | None]:
    sides: list[datetime | None] = []
    texts = [params.get(name, "").strip() for name in ("from", "to")]
    for index, (name, text) in enumerate(zip(("from", "to"), texts, strict=True)):
        try:
            sides.append(moments.end_of(text, zone, index) if text else None)
        except moments.NotAMoment as error:
            faults.append(Fault(name, f"“{text}”: {error}"))
            sides.append(None)
    since, until = sides
    if since is not None and until is not None and since >= until:
        reason = _("The range ends before it begins.")
        faults.append(Fault("to", reason, repair="..".join(reversed(texts))))
    return since, until


def _number(params: QueryDict, name: str, faults: list[Fault]) -> int | None:
    text = params.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        faults.append(Fault(name, _("This is no position: “%s”.") % text))
        return None
    return min(int(text[:19]), _LARGEST)


def _page(
    params: QueryDict, basis: Basis, zone: tzinfo, faults: list[Fault]
) -> dict[str, Any]:
    """Return where the page begins: a cursor, the oldest, or a date to jump to."""
    jump = params.get("jump", "").strip()
    if jump:
        try:
            end = moments.bounds(jump, zone)[1]
        except moments.NotAMoment as error:
            faults.append(Fault("jump", f"“{jump}”: {error}"))
        else:
            return {"jump": end, "jump_text": jump}
    if params.get("at") == "oldest":
        return {"is_oldest": True}
    for name in ("before", "after"):
        text = params.get(name, "")
        if text:
            key = Key.parse(text, basis)
            if key is None:
                faults.append(Fault(name, _("This link is of another list.")))
            return {name: key}
    return {}


def _columns(params: QueryDict) -> tuple[str, ...]:
    asked = {
        name for value in params.getlist("cols") for name in value.split(",") if name
    }
    return tuple(name for name in COLUMNS if name in asked) or DEFAULT_COLUMNS
