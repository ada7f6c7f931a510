"""The query language: what is understood, and what is said where it is not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_console.language import (
    Clause,
    Exact,
    Prefix,
    Query,
    QuerySyntaxError,
    Span,
    moments,
    parse,
)
from audit_console.language.clauses import Operator
from audit_console.language.fields import FIELDS, Kind

OPERATORS: list[Operator] = [":", ">", ">=", "<", "<="]
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1
).filter(lambda text: len(text) < 40)


def _fault(text: str) -> QuerySyntaxError:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("type:Rejected", Clause("type", Exact("Rejected"))),
        ("type=Rejected", Clause("type", Exact("Rejected"))),
        ("-type:Rejected", Clause("type", Exact("Rejected"), is_negated=True)),
        ("type!=Rejected", Clause("type", Exact("Rejected"), is_negated=True)),
        ("-type!=Rejected", Clause("type", Exact("Rejected"))),
        ("type:Req*", Clause("type", Prefix("Req"))),
        ('type:"a b"*', Clause("type", Prefix("a b"))),
        ("pos:10..20", Clause("pos", Span("10", "20"))),
        ("pos:10..", Clause("pos", Span("10", None))),
        ("pos:..20", Clause("pos", Span(None, "20"))),
        ("pos>=7", Clause("pos", Exact("7"), ">=")),
        ("occurred:2026-03..2026-05", Clause("occurred", Span("2026-03", "2026-05"))),
        (
            'occurred:"2026-03-01 10:00".."2026-03-01 11:00"',
            Clause("occurred", Span("2026-03-01 10:00", "2026-03-01 11:00")),
        ),
        ("agg:Order:O-1", Clause("agg", Exact("Order:O-1"))),
        ('data.a.b:"x y"', Clause("data.a.b", Exact("x y"))),
        ("data.n:-5", Clause("data.n", Exact("-5"))),
        ('data.n:"5"', Clause("data.n", Exact("5", is_quoted=True))),
        ("meta.request_id:r-1", Clause("meta.request_id", Exact("r-1"))),
        ("R-17", Clause(None, Exact("R-17"))),
        ('"urn:uuid:1"', Clause(None, Exact("urn:uuid:1"))),
        ('"say \\"hi\\" \\\\"', Clause(None, Exact('say "hi" \\'))),
        ("redacted:yes", Clause("redacted", Exact("yes"))),
    ],
)
def test_a_clause_is_understood(text: str, clause: Clause) -> None:
    assert parse(text).clauses == (clause,)


def test_clauses_stand_beside_each_other_and_know_their_columns() -> None:
    query = parse("  type:A   -actor:ci R-1")

    assert [str(clause) for clause in query.clauses] == ["type:A", "-actor:ci", "R-1"]
    assert [clause.column for clause in query.clauses] == [3, 12, 22]


@pytest.mark.parametrize(
    ("text", "column", "words", "repair"),
    [
        ("type:A actr:ci", 8, "did you mean “actor”", "type:A actor:ci"),
        ("-Type:A", 2, "did you mean “type”", "-type:A"),
        ("recorded:2026", 1, "did you mean “stored”", "stored:2026"),
        ("stream:Order", 1, "did you mean “agg”", "agg:Order"),
        ("payload.a:1", 1, "did you mean “data.a”", "data.a:1"),
        ("urn:uuid:7", 1, "unknown field “urn”", '"urn:uuid:7"'),
        ("outcome:failed", 1, "unknown field “outcome”", '"outcome:failed"'),
        ("cmd:7", 1, "unknown field “cmd”", '"cmd:7"'),
        ("hold:yes", 1, "unknown field", None),
        ("verified:no", 1, "unknown field", None),
        ("data:x", 1, "say which value", None),
        ("type:", 6, "a value is missing", ""),
        ('type:A "abc', 8, "never closed", 'type:A "abc"'),
        ('type:"A"B', 9, "a space is missing", 'type:"A" B'),
        ('type:A"B"', 7, "inside a word", 'type:"A\\"B\\""'),
        ("type:A OR type:B", 8, "no OR", "type:A type:B"),
        ("type:A AND type:B", 8, "leave AND out", "type:A type:B"),
        ("type:A NOT type:B", 8, "begins with a minus", "type:A -type:B"),
        ("(type:A)", 1, "brackets", '"(type:A)"'),
        ("type:(A", 6, "brackets", 'type:"(A"'),
        ("type:A*B", 7, "a star may only end", 'type:"A*B"'),
        ("actor:a*", 7, "by its whole value", 'actor:"a*"'),
        ("abc*", 1, "stars cannot stand", '"abc*"'),
        ("actor:a..b", 7, "has no ranges", 'actor:"a..b"'),
        ("actor>a", 6, "has no order", "actor:a"),
        ("data.n>5", 7, "has no order", "data.n:5"),
        ("pos>1..5", 4, "a range stands after a colon", "pos:1..5"),
        ("pos:abc", 5, "takes a whole number", None),
        ("redacted:maybe", 10, "takes yes or no", None),
        ("occurred:2026-13", 10, "no such date", None),
        ("occurred:yesterday", 10, "write it as", None),
        ("type:A -", 8, "nothing does", "type:A"),
        ("pos:..", 5, "at least one side", ""),
        ("pos:9..3 type:A", 5, "ends before it begins", "pos:3..9 type:A"),
        (
            'occurred:2026-05.."2026-03-01 10:00"',
            10,
            "ends before it begins",
            'occurred:"2026-03-01 10:00"..2026-05',
        ),
        ("weekday:0", 9, "goes from 1 to 7", None),
        ("hour:18..24", 6, "goes from 0 to 23", None),
        ('type:""', 6, "empty value", None),
        ("type:A\0B", 7, "in no event", "type:AB"),
        ("=x", 1, "name of a field is missing", '"=x"'),
    ],
)
def test_a_fault_has_its_column_a_reason_and_a_repair(
    text: str, column: int, words: str, repair: str | None
) -> None:
    fault = _fault(text)

    assert fault.column == column
    assert words in fault.message
    if repair is not None:
        assert fault.repair == repair


def test_too_long_a_query_is_refused() -> None:
    assert _fault("x" * 2001).column == 2001
    assert "30 clauses" in _fault(" ".join(["x"] * 31)).message


def _begins_later(kind: Kind, low: str, high: str) -> bool:
    if kind is Kind.NUMBER:
        return int(low) > int(high)
    return moments.bounds(low, UTC) > moments.bounds(high, UTC)


@st.composite
def clauses(draw: st.DrawFn) -> Clause:
    name = draw(st.sampled_from([None, "data.a", "meta.b.c", *FIELDS]))
    negated = draw(st.booleans())
    if name is None:
        return Clause(None, Exact(draw(TEXTS)), is_negated=negated)
    kind = FIELDS[name].kind if name in FIELDS else Kind.DOCUMENT
    if kind is Kind.FLAG:
        return Clause(name, Exact(draw(st.sampled_from(["yes", "no"]))))
    if kind in (Kind.NUMBER, Kind.MOMENT):
        smallest, largest = FIELDS[name].limits or (0, 10**18 - 1)
        sides = (
            st.integers(smallest, largest).map(str)
            if kind is Kind.NUMBER
            else st.datetimes(
                datetime(1, 1, 1),  # noqa: DTZ001 - the zone is given
                datetime(9990, 1, 1),  # noqa: DTZ001 - the zone is given
            ).map(lambda moment: moment.isoformat(draw(st.sampled_from("T "))))
        )
        if draw(st.booleans()):
            low, high = draw(sides), draw(st.none() | sides)
            if high is not None and _begins_later(kind, low, high):
                low, high = high, low
            return Clause(name, Span(low, high))
        operator = draw(st.sampled_from(OPERATORS))
        return Clause(name, Exact(draw(sides)), operator, negated)
    if name == "type" and draw(st.booleans()):
        return Clause(name, Prefix(draw(TEXTS)), is_negated=negated)
    return Clause(name, Exact(draw(TEXTS)), is_negated=negated)


@given(st.lists(clauses(), max_size=5))
def test_what_is_written_is_read_back_as_it_was_meant(given_: list[Clause]) -> None:
    query = Query(tuple(given_))

    assert parse(str(query)) == query
    assert str(parse(str(query))) == str(query)


@given(st.text(st.sampled_from('type:actor="\\*.()-!<>19 OR\n\0ä'), max_size=40))
def test_any_text_is_understood_or_refused_within_itself(text: str) -> None:
    try:
        query = parse(text)
    except QuerySyntaxError as fault:
        assert 1 <= fault.column <= len(text) + 1
        assert fault.message[0] != " "
        assert fault.repair != text
    else:
        assert parse(str(query)) == query


@given(st.text(st.sampled_from('type:actor="\\*.()-!<>19 OR\nä'), max_size=40))
def test_repair_upon_repair_comes_to_an_end(text: str) -> None:
    for _ in range(100):
        try:
            parse(text)
        except QuerySyntaxError as fault:
            if fault.repair is None:
                return
            text = fault.repair
        else:
            return
    pytest.fail(f"still repairing: {text!r}")


def test_pills_add_remove_and_exclude() -> None:
    query = parse("type:A actor:ci")
    first = query.clauses[0]

    assert str(query.without(first)) == "actor:ci"
    assert str(query.with_clause(first.negation)) == "actor:ci -type:A"
    assert query.with_clause(first) is query


def _utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2026", _utc(2026, 1, 1), _utc(2027, 1, 1)),
        ("2026-12", _utc(2026, 12, 1), _utc(2027, 1, 1)),
        ("2026-03-01", _utc(2026, 3, 1), _utc(2026, 3, 2)),
        ("2026-03-01T14", _utc(2026, 3, 1, 14), _utc(2026, 3, 1, 15)),
        ("2026-03-01T14:05", _utc(2026, 3, 1, 14, 5), _utc(2026, 3, 1, 14, 6)),
        ("2026-03-01T14:05+02:00", _utc(2026, 3, 1, 12, 5), _utc(2026, 3, 1, 12, 6)),
        (
            "2026-03-01T14:05:30.5Z",
            _utc(2026, 3, 1, 14, 5, 30, 500_000),
            _utc(2026, 3, 1, 14, 5, 30, 600_000),
        ),
    ],
)
def test_a_piece_of_a_date_is_as_long_as_it_is_written(
    text: str, begin: datetime, end: datetime
) -> None:
    assert moments.bounds(text, UTC) == (begin, end)


def test_a_day_is_a_day_of_the_zone_also_when_the_clock_is_set() -> None:
    berlin = ZoneInfo("Europe/Berlin")

    begin, end = moments.bounds("2026-03-29", berlin)

    assert (end - begin).total_seconds() == 23 * 3600


def test_a_time_that_was_there_twice_is_refused_with_both_ways_to_write_it() -> None:
    berlin = ZoneInfo("Europe/Berlin")

    with pytest.raises(moments.NotAMoment, match=r"twice.*\+0200 or .*\+0100"):
        moments.bounds("2026-10-25T02:30", berlin)
    with pytest.raises(moments.NotAMoment, match="never was"):
        moments.bounds("2026-03-29T02:30", berlin)
    assert moments.bounds("2026-10-25T02:30+01:00", berlin)[0] == _utc(
        2026, 10, 25, 1, 30
    )


def test_a_day_that_begins_with_a_gap_is_a_day() -> None:
    begin, end = moments.bounds("2026-04-24", ZoneInfo("Africa/Cairo"))

    assert (end - begin).total_seconds() == 23 * 3600


@pytest.mark.parametrize("name", FIELDS)
def test_each_field_is_in_the_reference(name: str) -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "query-language.md"

    assert f"| `{name}` |" in page.read_text()
