"""Bars that stand where they should, and say what they stand for."""

from __future__ import annotations

from itertools import pairwise

import pytest

from audit_console.presenters import charts
from audit_console.presenters.charts import Entry


def _entries(*values: int) -> list[Entry]:
    return [Entry(f"bar {n}", str(n), value) for n, value in enumerate(values)]


def test_bars_share_the_width_and_stand_on_the_base() -> None:
    chart = charts.upright(_entries(0, 5, 10, 1))

    assert [bar.height for bar in chart.bars] == [0, 51, 102, 10]
    assert all(bar.y + bar.height == chart.base for bar in chart.bars)
    assert chart.bars[-1].x + chart.bars[-1].width <= chart.width
    assert [bar.entry.value for bar in chart.bars] == [0, 5, 10, 1]


def test_what_is_there_is_seen_however_small() -> None:
    assert charts.upright(_entries(1, 1_000_000)).bars[0].height == 2


def test_sixty_bars_do_not_overlap() -> None:
    bars = charts.upright(_entries(*range(60))).bars

    assert all(one.x + one.width < two.x for one, two in pairwise(bars))
    ticks = charts.upright(_entries(*range(60))).x_ticks
    assert len([tick for tick in ticks if tick.text]) <= 8


def test_the_table_has_what_the_bars_have() -> None:
    entries = _entries(3, 1)

    assert list(charts.upright(entries).entries) == entries
    assert [row.percent for row in charts.lying(entries)] == [100, 33]
    assert charts.upright([]).bars == ()
    assert charts.lying([]) == ()


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (1, 1), (3, 5), (11, 20), (21, 50), (501, 1000)]
)
def test_the_top_is_a_number_that_people_count_in(value: int, top: int) -> None:
    assert charts.nice_top(value) == top


def test_numbers_on_the_axis_are_short() -> None:
    assert [charts.compact(n) for n in (7, 1000, 1500, 2_000_000, 3 * 10**9)] == [
        "7",
        "1k",
        "1.5k",
        "2M",
        "3G",
    ]
