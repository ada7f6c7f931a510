"""The run as text: for the terminal and for RESULTS.md."""

from __future__ import annotations

from benchmarks.figures import Comparison, Section, Table, number


def markdown(sections: list[Section], machine: list[tuple[str, str]], mode: str) -> str:
    """Return the whole report."""
    option = "" if mode == "normal" else f" --{mode}"
    parts = [
        "# Results",
        (
            f"Written by `python -m benchmarks{option}`; every figure below comes "
            "from that one run. The sides of a table took turns (A B B A) on one "
            "PostgreSQL; rates and ratios are medians over the rounds, quartiles "
            "beside them. How to read them: docs/explanation/performance.md."
        ),
        "![Ratios to the limit](results.svg)",
        "## Targets",
        _table(targets(sections)),
    ]
    for section in sections:
        parts += [f"## {section.title}", section.about]
        parts += [_table(table) for table in section.tables]
        parts += section.notes
    parts += [
        "## Machine",
        _table(Table(("what", "value"), [(name, value) for name, value in machine])),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def targets(sections: list[Section]) -> Table:
    """Return every comparison that has a target."""
    return Table(
        ("work", "against", "measured", "quartiles", "target", ""),
        [_row(item) for section in sections for item in section.comparisons],
    )


def plain(table: Table) -> str:
    """Return a table for the terminal."""
    rows = [table.heads, *table.rows]
    widths = [
        max(len(row[column]) for row in rows) for column in range(len(table.heads))
    ]
    return "\n".join(
        "  "
        + "  ".join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    )


def section_text(section: Section) -> str:
    """Return a section for the terminal."""
    parts = [plain(table) for table in section.tables] + section.notes
    return f"{section.title}\n" + "\n".join(parts)


def _row(item: Comparison) -> tuple[str, ...]:
    sign = "<=" if item.at_most else ">="
    return (
        item.work,
        item.against,
        f"{_figure(item.value.median)}{item.unit}",
        f"{_figure(item.value.low)} - {_figure(item.value.high)}",
        f"{sign} {item.target:,g}",
        "met" if item.is_met else "missed",
    )


def _figure(value: float) -> str:
    return number(value) if value >= 100 else f"{value:.2f}"


def _table(table: Table) -> str:
    lines = [
        "| " + " | ".join(table.heads) + " |",
        "| " + " | ".join("---" for _ in table.heads) + " |",
        *("| " + " | ".join(row) + " |" for row in table.rows),
    ]
    return "\n".join(lines)
