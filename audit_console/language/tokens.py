"""Text to words: quotes, stars and ranges, each with its column."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from audit_console.language.clauses import (
    Exact,
    Operator,
    Prefix,
    Span,
    Value,
    is_plain,
    quote,
)
from audit_console.language.errors import QuerySyntaxError

_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"[^\s:=<>!\"*()]+")
_OPERATOR = re.compile(r":|!=|>=|<=|=|>|<")
_BARE = re.compile(r"[^\s\"]*")
_WORD = re.compile(r"[^\s\"]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_OPERATORS: dict[str, Operator] = {
    ":": ":",
    "=": ":",
    "!=": ":",
    ">": ">",
    ">=": ">=",
    "<": "<",
    "<=": "<=",
}


@dataclass(frozen=True, slots=True)
class Word:
    """One clause as it was typed.

    Attributes:
        start: index of its first character.
        end: index after its last.
        value_start: index where its value begins.
    """

    field: str | None
    operator: Operator
    value: Value
    is_negated: bool
    start: int
    end: int
    value_start: int


def split(text: str) -> list[Word]:
    """Return the words of ``text``.

    Raises:
        QuerySyntaxError: quotes, stars or brackets stand where they mean nothing.
    """
    words = []
    index = _skip(text, 0)
    while index < len(text):
        word = _read(text, index)
        words.append(word)
        index = _skip(text, word.end)
    return words


def _skip(text: str, index: int) -> int:
    found = _SPACE.match(text, index)
    return found.end() if found else index


def _read(text: str, start: int) -> Word:
    index = start + 1 if text[start] == "-" else start
    if index == len(text) or text[index].isspace():
        raise QuerySyntaxError(
            _("a minus excludes what follows it, and nothing does."),
            start + 1,
            repair=_cut(text, start, index),
        )
    _refuse_words(text, start, index)
    name = _NAME.match(text, index)
    operator = _OPERATOR.match(text, name.end()) if name else None
    if name is None or operator is None:
        bareword, end = _bareword(text, index)
        return Word(None, ":", bareword, index > start, start, end, index)
    value, end = _value(text, start, operator.end())
    return Word(
        field=name.group(),
        operator=_OPERATORS[operator.group()],
        value=value,
        is_negated=(index > start) != (operator.group() == "!="),
        start=start,
        end=end,
        value_start=operator.end(),
    )


def _refuse_words(text: str, start: int, index: int) -> None:
    found = _WORD.match(text, index)
    word = found.group() if found else ""
    if word in ("AND", "OR"):
        reason = (
            _("all clauses must hold anyway: leave AND out.")
            if word == "AND"
            else _("there is no OR: ask one after the other, or exclude with a minus.")
        )
        repair = _cut(text, start, index + len(word))
        raise QuerySyntaxError(reason, index + 1, len(word), repair)
    if word == "NOT":
        rest = text[index + 3 :].lstrip()
        raise QuerySyntaxError(
            _("what is not wanted begins with a minus: -type:Name."),
            index + 1,
            3,
            f"{text[:start]}-{rest}" if rest else _cut(text, start, index + 3),
        )


def _bareword(text: str, index: int) -> tuple[Exact, int]:
    if text[index] == '"':
        content, end = _quoted(text, index)
        _require_space(text, end)
        return Exact(content), end
    found = _BARE.match(text, index)
    end = found.end() if found else index
    word = text[index:end]
    _refuse_quote_inside(text, index, end)
    if "*" in word or "(" in word or ")" in word:
        raise QuerySyntaxError(
            _(
                "brackets and stars cannot stand in a word without a field; such a "
                "word is looked for among the ids, as it is. Put it in quotes if they "
                "are part of one."
            ),
            index + 1,
            len(word),
            _replace(text, index, end, quote(word)),
        )
    if _OPERATOR.match(word[:2]) or word[0] == "!":
        raise QuerySyntaxError(
            _("the name of a field is missing before the operator."),
            index + 1,
            repair=_replace(text, index, end, quote(word)),
        )
    return Exact(word), end


def _value(text: str, start: int, index: int) -> tuple[Value, int]:
    """Return the value that begins at ``index``, and where it ends."""
    if index < len(text) and text[index] == '"':
        content, end = _quoted(text, index)
        if text.startswith("..", end):
            return _span(text, content, end + 2)
        if text.startswith("*", end):
            _require_space(text, end + 1)
            return Prefix(content), end + 1
        _require_space(text, end)
        return Exact(content, is_quoted=is_plain(content)), end
    found = _BARE.match(text, index)
    end = found.end() if found else index
    word = text[index:end]
    if not word:
        raise QuerySyntaxError(
            _("a value is missing after the operator."),
            index + 1,
            repair=_cut(text, start, end),
        )
    low, dots, high = word.partition("..")
    if dots and not (low or high) and not text.startswith('"', end):
        raise QuerySyntaxError(
            _("a range needs at least one side: 1..5, 1.. or ..5."),
            index + 1,
            len(word),
            _cut(text, start, end),
        )
    if dots:
        _refuse_signs(text, index, end, low)
        return _span(text, low or None, index + len(low) + 2)
    _refuse_quote_inside(text, index, end)
    if word.endswith("*"):
        _refuse_signs(text, index, end, word[:-1])
        return Prefix(word[:-1]), end
    _refuse_signs(text, index, end, word)
    return Exact(word), end


def _span(text: str, low: str | None, index: int) -> tuple[Span, int]:
    """Return the range whose upper side begins at ``index``."""
    if text.startswith('"', index):
        high, end = _quoted(text, index)
        _require_space(text, end)
        return Span(low, high), end
    found = _BARE.match(text, index)
    end = found.end() if found else index
    _refuse_quote_inside(text, index, end)
    word = text[index:end]
    if ".." in word:
        raise QuerySyntaxError(
            _("a range has two sides: 1..5."),
            index + 1,
            len(word),
            _replace(text, index, end, word.partition("..")[0]),
        )
    _refuse_signs(text, index, end, word)
    return Span(low, word or None), end


def _quoted(text: str, index: int) -> tuple[str, int]:
    found = _QUOTED.match(text, index)
    if found is None:
        raise QuerySyntaxError(
            _("the quote is never closed."),
            index + 1,
            len(text) - index,
            text.rstrip("\\") + '"',
        )
    return _ESCAPE.sub(r"\1", found.group(1)), found.end()


def _require_space(text: str, end: int) -> None:
    if end < len(text) and not text[end].isspace():
        raise QuerySyntaxError(
            _("a space is missing here."), end + 1, repair=f"{text[:end]} {text[end:]}"
        )


def _refuse_quote_inside(text: str, index: int, end: int) -> None:
    if text.startswith('"', end):
        found = re.compile(r"\S*").match(text, index)
        whole = found.group() if found else ""
        raise QuerySyntaxError(
            _("a quote stands inside a word: put the whole value in quotes."),
            end + 1,
            repair=_replace(text, index, index + len(whole), quote(whole)),
        )


def _refuse_signs(text: str, index: int, end: int, word: str) -> None:
    sign = next((sign for sign in "*()" if sign in word), None)
    if sign is None and not word.startswith(("=", "<", ">", "!")):
        return
    reason = (
        _("brackets group nothing here; put the value in quotes if they belong to it.")
        if sign in ("(", ")")
        else _("a star may only end a value; quote the value if it belongs to it.")
        if sign
        else _("this operator is not known; known are : = != > >= < <=.")
    )
    column = index + word.index(sign) + 1 if sign else index + 1
    repair = _replace(text, index, end, quote(text[index:end]))
    raise QuerySyntaxError(reason, column, repair=repair)


def _replace(text: str, start: int, end: int, new: str) -> str:
    return f"{text[:start]}{new}{text[end:]}"


def _cut(text: str, start: int, end: int) -> str:
    return f"{text[:start].rstrip()} {text[end:].lstrip()}".strip()
