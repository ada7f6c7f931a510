"""What an address asks for, as values; and the address of other lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode

from audit_console.language import Clause, Query
from audit_console.queries.conditions import Basis
from audit_console.queries.listing import Key
from audit_console.queries.permitted import is_personal

SIZES = (50, 100, 200)
#: The columns of the table, in order; the first ones by default.
COLUMNS = (
    "position",
    "occurred",
    "stored",
    "summary",
    "actor",
    "type",
    "aggregate",
    "version",
    "correlation",
    "id",
)
#: The parameter that names events by their positions, as ticked rows do.
CHOSEN = "e"
#: Fields whose values are read in the zone of the page.
_OF_THE_CLOCK = frozenset({"occurred", "stored", "weekday", "hour"})
DEFAULT_COLUMNS = ("occurred", "summary", "actor", "type", "aggregate")
_FIRST_PAGE: dict[str, Any] = {
    "before": None,
    "after": None,
    "is_oldest": False,
    "jump": None,
    "jump_text": "",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What cannot be understood in an address, and where.

    Attributes:
        name: of the parameter.
        message: a sentence.
        column: where in the query, from 1; ``None`` elsewhere.
        length: how many characters are meant.
        repair: the query put right, if there is an obvious way; of a range, both ends.
    """

    name: str
    message: str
    column: int | None = None
    length: int = 1
    repair: str | None = None

    @property
    def caret(self) -> str:
        """Return marks to be put under the query, below what is meant."""
        return f"{' ' * ((self.column or 1) - 1)}{'^' * max(self.length, 1)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an address asks for.

    Attributes:
        text: the query as it was typed, also when it has faults.
        choices: for each of ``CHOICES``, the alternatives.
        since: from when, included; ``since_text`` as it was typed.
        until: until when, no longer included.
        upto: the last position: a pinned list stays the same.
        before: the page of what is older than this.
        after: the page of what is newer than this.
        is_oldest: the page of the very oldest.
        tenants: whose, as an address names them; "*" for all of the reader's.
        jump: the page of what is older than this moment; as typed in ``jump_text``.
        public_text: the part of the query that stood in the address.
        tokens: under which the session keeps the rest, as the address names them.
        kept: the token of each clause that asks for a personal value.
        off: filters that are switched off for now, as the parameters that they were:
            ``type=OrderPaid``, ``q=-actor:ci``.
    """

    text: str = ""
    query: Query = field(default_factory=Query)
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    has: tuple[str, ...] = ()
    since_text: str = ""
    until_text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    basis: Basis = "occurred"
    upto: int | None = None
    before: Key | None = None
    after: Key | None = None
    is_oldest: bool = False
    jump: datetime | None = None
    jump_text: str = ""
    columns: tuple[str, ...] = DEFAULT_COLUMNS
    size: int = SIZES[0]
    zone: tzinfo
    zone_name: str = ""
    tenants: tuple[str, ...] = ()
    public_text: str = ""
    tokens: tuple[str, ...] = ()
    kept: Mapping[Clause, str] = field(default_factory=dict)
    off: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def is_personal(self) -> bool:
        """Return whether a clause asks for a personal value: it stays out of URLs."""
        return any(map(is_personal, self.query.clauses))

    @property
    def has_range(self) -> bool:
        """Return whether a time is given at either end."""
        return self.since is not None or self.until is not None

    @property
    def is_filtered(self) -> bool:
        """Return whether anything but time and tenant narrows the list."""
        return bool(self.query or self.choices or self.has)

    @property
    def has_local_times(self) -> bool:
        """Return whether another time zone would make another list of it."""
        texts = (self.since_text, self.until_text, self.jump_text)
        return any(text and not text.endswith("Z") for text in texts) or any(
            clause.field in _OF_THE_CLOCK for clause in self.query.clauses
        )

    def in_its_zone(self) -> Asked:
        """Return this list as it must be addressed to show the same to everybody."""
        return replace(self, zone_name=str(self.zone)) if self.has_local_times else self

    def pairs(self, *, with_page: bool = True) -> list[tuple[str, str]]:
        """Return the parameters, without personal values."""
        found = [("tenant", tenant) for tenant in self.tenants]
        found += self._query_pairs()
        for name, values in self.choices.items():
            found += [(name, value) for value in values]
        found += [("has", value) for value in self.has]
        found += [("off", value) for value in self.off]
        found += [
            (name, value)
            for name, value in (
                ("from", self.since_text),
                ("to", self.until_text),
                ("basis", "" if self.basis == "occurred" else self.basis),
                ("upto", "" if self.upto is None else str(self.upto)),
                ("tz", self.zone_name),
                ("size", "" if self.size == SIZES[0] else str(self.size)),
                (
                    "cols",
                    "" if self.columns == DEFAULT_COLUMNS else ",".join(self.columns),
                ),
            )
            if value
        ]
        return [*found, *(self._page_pairs() if with_page else ())]

    def url(self, **changes: Any) -> str:
        """Return the query string of this list with ``changes``, at its first page.

        Args:
            changes: attributes of this class; with ``before``, ``after`` or
                ``is_oldest`` another page.
        """
        return "?" + urlencode(replace(self, **{**_FIRST_PAGE, **changes}).pairs())

    def page_url(self) -> str:
        """Return the query string of this list at this very page."""
        return "?" + urlencode(self.pairs())

    def describe(self) -> str:
        """Return what was asked, for the access log: personal values blacked out."""
        pairs = [pair for pair in self.pairs() if pair[0] not in {"q", "sq", "off"}]
        shown = " ".join(
            f"{clause.field}:•••" if is_personal(clause) else str(clause)
            for clause in self.query.clauses
        )
        if self.text and not self.query:
            # Nobody knows which of its words are personal.
            shown = "(not understood)"
        if shown:
            # First: whatever a record is too short for, it is not what was searched.
            pairs.insert(0, ("q", shown))
        return " ".join(f"{name}={value}" for name, value in pairs)

    def between(self, since: datetime, until: datetime) -> Asked:
        """Return this list for a range of time, at its first page."""
        return replace(
            self,
            since=since,
            until=until,
            since_text=begin_text(since),
            until_text=end_text(until),
            **_FIRST_PAGE,
        )

    def without_range(self) -> Asked:
        """Return this list for all time."""
        return replace(self, since=None, until=None, since_text="", until_text="")

    def without_end(self) -> Asked:
        """Return this list without an end, so that it goes on."""
        return replace(self, until=None, until_text="", upto=None)

    def with_choices(self, name: str, values: Sequence[str]) -> Asked:
        """Return this list with other alternatives for ``name``."""
        choices = {**self.choices, name: tuple(dict.fromkeys(values))}
        return replace(self, choices={k: v for k, v in choices.items() if v})

    def with_query(self, query: Query) -> Asked:
        """Return this list with another query."""
        return replace(self, query=query, text=str(query))

    def with_filter_off(self, name: str, value: str) -> Asked:
        """Return this list, from which a filter was taken, with a note of it."""
        return replace(self, off=tuple(dict.fromkeys((*self.off, f"{name}={value}"))))

    def without_off(self, entry: str) -> Asked:
        """Return this list without the note of a filter that is switched off."""
        return replace(self, off=tuple(known for known in self.off if known != entry))

    def _query_pairs(self) -> list[tuple[str, str]]:
        if self.text and not self.query:
            public, tokens = self.public_text, list(self.tokens)
        else:
            personal = [item for item in self.query.clauses if is_personal(item)]
            rest = tuple(item for item in self.query.clauses if item not in personal)
            public = str(Query(rest))
            tokens = [self.kept[item] for item in personal if item in self.kept]
        found = [("q", public)] if public else []
        return [*found, *(("sq", token) for token in tokens)]

    def _page_pairs(self) -> list[tuple[str, str]]:
        if self.is_oldest:
            return [("at", "oldest")]
        if self.jump_text:
            return [("jump", self.jump_text)]
        return [
            (name, str(key))
            for name, key in (("before", self.before), ("after", self.after))
            if key is not None
        ]


def begin_text(moment: datetime) -> str:
    """Write the beginning of a range so that it is read as that very moment."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    for tail in (":00:00", ":00"):
        if text.endswith(tail):
            return f"{text.removesuffix(tail)}Z"
    return f"{text}Z"


def end_text(moment: datetime) -> str:
    """Write the end of a range: the last hour, minute ... that belongs to it."""
    utc = moment.astimezone(UTC)
    if utc.microsecond:
        return f"{utc - timedelta(microseconds=1):%Y-%m-%dT%H:%M:%S.%f}Z"
    if utc.second:
        return f"{utc - timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}Z"
    if utc.minute:
        return f"{utc - timedelta(minutes=1):%Y-%m-%dT%H:%M}Z"
    return f"{utc - timedelta(hours=1):%Y-%m-%dT%H}Z"
