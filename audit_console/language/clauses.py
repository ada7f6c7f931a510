"""A query as values: clauses that all must hold, and how they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field as field_
from typing import Literal

Operator = Literal[":", ">", ">=", "<", "<="]

#: What needs no quotes after an operator.
_PLAIN = re.compile(r"[^\s\"()*<>=!][^\s\"()*]*")
#: What would be taken for an operator in a word without a field.
_OPERATORS = re.compile(r"^-|[:=<>!]")
_WORDS = frozenset({"AND", "OR", "NOT"})


@dataclass(frozen=True, slots=True)
class Exact:
    """This very value."""

    text: str
    #: Whether quotes stood where none were needed: "5" is text and 5 a number.
    is_quoted: bool = False

    def __str__(self) -> str:
        return quote(self.text) if self.is_quoted else plain_or_quoted(self.text)


@dataclass(frozen=True, slots=True)
class Prefix:
    """Everything that begins so: ``Requirement*``."""

    text: str

    def __str__(self) -> str:
        return f"{self.text}*" if is_plain(self.text) else f"{quote(self.text)}*"


@dataclass(frozen=True, slots=True)
class Span:
    """From one value to another, both included; either side may be open."""

    low: str | None
    high: str | None

    def __str__(self) -> str:
        return "..".join(
            "" if side is None else plain_or_quoted(side)
            for side in (self.low, self.high)
        )


Value = Exact | Prefix | Span


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition; without a field, a word that is looked for among the ids."""

    field: str | None
    value: Value
    operator: Operator = ":"
    is_negated: bool = False
    #: Where it begins in the text, from 1; no part of what it means.
    column: int = field_(default=1, compare=False)

    def __str__(self) -> str:
        sign = "-" if self.is_negated else ""
        if self.field is None:
            word = self.value.text if isinstance(self.value, Exact) else ""
            needs_quotes = _OPERATORS.search(word) or not is_plain(word)
            return f"{sign}{quote(word) if needs_quotes else word}"
        return f"{sign}{self.field}{self.operator}{self.value}"

    @property
    def path(self) -> tuple[str, ...]:
        """Return the keys inside the document, for ``data.`` and ``meta.`` fields."""
        root, *keys = (self.field or "").split(".")
        return tuple(keys) if root in ("data", "meta") else ()

    @property
    def negation(self) -> Clause:
        """Return the clause that holds where this one does not."""
        return Clause(self.field, self.value, self.operator, not self.is_negated)


@dataclass(frozen=True, slots=True)
class Query:
    """Clauses that all must hold; as text, in the language."""

    clauses: tuple[Clause, ...] = ()

    def __str__(self) -> str:
        return " ".join(map(str, self.clauses))

    def __bool__(self) -> bool:
        return bool(self.clauses)

    def with_clause(self, clause: Clause) -> Query:
        """Return this query with one clause more, unless it has it already."""
        if clause in self.clauses:
            return self
        return Query((*(c for c in self.clauses if c != clause.negation), clause))

    def with_other(self, clause: Clause, other: Clause) -> Query:
        """Return this query with ``other`` in the place of ``clause``."""
        return Query(tuple(other if each == clause else each for each in self.clauses))

    def without(self, clause: Clause) -> Query:
        """Return this query without ``clause``."""
        return Query(tuple(known for known in self.clauses if known != clause))

    def of_field(self, name: str | None) -> list[Clause]:
        """Return the clauses of one field; of ``None``, the words without a field."""
        return [clause for clause in self.clauses if clause.field == name]


def quote(text: str) -> str:
    """Return ``text`` in quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def plain_or_quoted(text: str) -> str:
    """Return ``text`` as it must be written to mean itself."""
    return text if is_plain(text) else quote(text)


def is_plain(text: str) -> bool:
    """Return whether ``text`` means itself without quotes, after an operator."""
    return (
        _PLAIN.fullmatch(text) is not None
        and ".." not in text
        and text not in _WORDS
        and not text.startswith(".")
        and not text.endswith(".")
    )
