"""Words to clauses: known fields, values that suit them, operators that suit both."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo

from django.utils.translation import gettext as _

from audit_console.language import moments, tokens
from audit_console.language.clauses import Clause, Exact, Prefix, Query, Span, quote
from audit_console.language.errors import QuerySyntaxError
from audit_console.language.fields import Field, Kind, find_field, guess_field
from audit_console.language.tokens import Word

#: Longer texts are no questions.
MAX_LENGTH = 2000
MAX_CLAUSES = 30
FLAGS = {"yes": True, "true": True, "no": False, "false": False}
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)


def parse(text: str, zone: tzinfo = UTC) -> Query:
    """Return what ``text`` asks for.

    Args:
        text: in the language.
        zone: of local times, so that those which a clock showed twice are found out.

    Raises:
        QuerySyntaxError: it cannot be understood; with column and, if there is an
            obvious one, a repair.
    """
    if len(text) > MAX_LENGTH:
        raise QuerySyntaxError(
            _("a query may have %(most)s characters; this one has %(length)s.")
            % {"most": MAX_LENGTH, "length": len(text)},
            MAX_LENGTH + 1,
        )
    if "\0" in text:
        raise QuerySyntaxError(
            _("this character is in no event."),
            text.index("\0") + 1,
            repair=text.replace("\0", ""),
        )
    words = tokens.split(text)
    if len(words) > MAX_CLAUSES:
        raise QuerySyntaxError(
            _("a query may have %s clauses.") % MAX_CLAUSES,
            words[MAX_CLAUSES].start + 1,
        )
    return Query(tuple(_clause(text, word, zone) for word in words))


def _clause(text: str, word: Word, zone: tzinfo) -> Clause:
    if word.field is not None:
        field = _field(text, word, word.field)
        _check_shape(text, word, field)
        _check_values(word, field, zone)
        _check_order(text, word, field, zone)
    if isinstance(word.value, Exact) and not word.value.text:
        length = max(word.end - word.value_start, 1)
        raise QuerySyntaxError(
            _("an empty value finds nothing."), word.value_start + 1, length
        )
    return Clause(
        word.field, word.value, word.operator, word.is_negated, word.start + 1
    )


def _field(text: str, word: Word, name: str) -> Field:
    field = find_field(name)
    if field is not None:
        return field
    start = word.start + (1 if text[word.start] == "-" else 0)
    guess = guess_field(name)
    if guess is not None:
        raise QuerySyntaxError(
            _("unknown field “%(name)s”, did you mean “%(guess)s”?")
            % {"name": name, "guess": guess},
            start + 1,
            len(name),
            f"{text[:start]}{guess}{text[start + len(name) :]}",
        )
    if name in ("data", "meta"):
        raise QuerySyntaxError(
            _("say which value: %s.path.to.it:value.") % name, start + 1, len(name)
        )
    raise QuerySyntaxError(
        _("unknown field “%s”. If it is part of an id, put the whole in quotes.")
        % name,
        start + 1,
        len(name),
        f"{text[:start]}{quote(text[start : word.end])}{text[word.end :]}"
        if '"' not in text[start : word.end]
        else None,
    )


def _check_shape(text: str, word: Word, field: Field) -> None:
    before = text[: word.value_start - len(word.operator)]
    with_colon = f"{before}:{text[word.value_start :]}"
    is_ordered = field.kind in (Kind.NUMBER, Kind.MOMENT)
    column = word.value_start + 1
    length = word.end - word.value_start
    raw = text[word.value_start : word.end]
    literal = f"{text[: word.value_start]}{quote(raw)}{text[word.end :]}"
    if not is_ordered and word.operator != ":":
        raise QuerySyntaxError(
            _("“%(field)s” has no order: ask %(field)s:value.") % {"field": field.name},
            column - len(word.operator),
            len(word.operator),
            with_colon,
        )
    if isinstance(word.value, Span) and not is_ordered:
        raise QuerySyntaxError(
            _("“%s” has no ranges. Put the value in quotes if the dots are part of it.")
            % field.name,
            column,
            length,
            literal if '"' not in raw else None,
        )
    if isinstance(word.value, Prefix) and not field.has_prefix:
        raise QuerySyntaxError(
            _("“%s” is asked by its whole value. Quote it if the star is in it.")
            % field.name,
            column,
            length,
            literal if '"' not in raw else None,
        )
    if word.operator != ":" and not isinstance(word.value, Exact):
        raise QuerySyntaxError(
            _("a range stands after a colon: %(field)s:%(range)s.")
            % {"field": field.name, "range": raw},
            column - len(word.operator),
            len(word.operator),
            with_colon,
        )


def _check_values(word: Word, field: Field, zone: tzinfo) -> None:
    column, length = word.value_start + 1, word.end - word.value_start
    for side in _sides(word):
        facts = {"field": field.name, "value": side}
        if field.kind is Kind.NUMBER and not _NUMBER.fullmatch(side):
            raise QuerySyntaxError(
                _("“%(field)s” takes a whole number, not “%(value)s”.") % facts,
                column,
                length,
            )
        if field.limits and not field.limits[0] <= int(side) <= field.limits[1]:
            low, high = field.limits
            raise QuerySyntaxError(
                _("“%(field)s” goes from %(low)s to %(high)s.")
                % {"field": field.name, "low": low, "high": high},
                column,
                length,
            )
        if field.kind is Kind.FLAG and side not in FLAGS:
            raise QuerySyntaxError(
                _("“%(field)s” takes yes or no, not “%(value)s”.") % facts,
                column,
                length,
            )
        if field.kind is Kind.MOMENT:
            try:
                moments.bounds(side, zone)
            except moments.NotAMoment as error:
                raise QuerySyntaxError(f"“{side}”: {error}", column, length) from None


def _check_order(text: str, word: Word, field: Field, zone: tzinfo) -> None:
    """Refuse a range that ends before it begins: it would find nothing, ever."""
    span = word.value
    if not isinstance(span, Span) or span.low is None or span.high is None:
        return
    if field.kind is Kind.NUMBER:
        is_empty = int(span.low) > int(span.high)
    else:
        is_empty = (
            moments.bounds(span.low, zone)[0] >= moments.bounds(span.high, zone)[1]
        )
    if is_empty:
        turned = Span(span.high, span.low)
        raise QuerySyntaxError(
            _("the range ends before it begins."),
            word.value_start + 1,
            word.end - word.value_start,
            f"{text[: word.value_start]}{turned}{text[word.end :]}",
        )


def _sides(word: Word) -> list[str]:
    if isinstance(word.value, Span):
        return [side for side in (word.value.low, word.value.high) if side is not None]
    return [word.value.text]
