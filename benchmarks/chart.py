"""The chart: rates beside the limit, as SVG without scripts."""

from __future__ import annotations

from html import escape

from benchmarks.figures import Section, number

WIDTH, LABEL, BAR, ROW, HEAD, GAP = 860, 290, 440, 22, 34, 14
_OURS = (
    "EventStoreService",
    "database function",
    "publish",
    "replay",
    "get_events",
    "import",
)
_STYLE = """
text{font:13px system-ui,sans-serif;fill:#1f2328}
.head{font-weight:600}
.ours{fill:#1a7f5a}.limit{fill:#8c959f}.peer{fill:#c4cad1}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.ours{fill:#3fb68b}.peer{fill:#4b535d}}
"""


def draw(sections: list[Section]) -> str:
    """Return the rates of the sections as bars, each section on its own scale."""
    shown = [section for section in sections if section.bars]
    parts, y = [], GAP
    for section in shown:
        parts.append(
            f'<text class="head" x="0" y="{y + 16}">{escape(section.title)}</text>'
        )
        y += HEAD
        longest = max(rate for _, rate in section.bars)
        limit = section.bars[0][1]
        for place, (side, rate) in enumerate(section.bars):
            parts.append(_bar(side, rate, rate / limit, rate / longest, place, y))
            y += ROW
        y += GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" '
        f'aria-label="Rates of each side, and their ratio to the limit">'
        f"<style>{_STYLE}</style>{''.join(parts)}</svg>\n"
    )


def _bar(side: str, rate: float, ratio: float, part: float, place: int, y: int) -> str:
    kind = "limit" if place == 0 else "ours" if _is_ours(side) else "peer"
    width = max(1, round(BAR * part))
    return (
        f'<text x="{LABEL - 8}" y="{y + 13}" text-anchor="end">{escape(side)}</text>'
        f'<rect class="{kind}" x="{LABEL}" y="{y}" width="{width}" height="16" rx="2"/>'
        f'<text x="{LABEL + width + 6}" y="{y + 13}">{number(rate)}'
        + (f" ({ratio:.2f})" if place else "")
        + "</text>"
    )


def _is_ours(side: str) -> bool:
    return side.startswith(_OURS) or "append_event" in side
