"""What one page says about another is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs import pages

_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_MAX_PICTURE_BYTES = 300_000
_MAX_PICTURES_BYTES = 3_000_000


def _links(page: Path) -> list[str]:
    prose = _FENCED.sub("", page.read_text())
    targets = [match["target"] for match in _LINK.finditer(prose)]
    return [target for target in targets if not target.startswith("https://")]


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, made as GitHub makes them."""
    prose = _FENCED.sub("", page.read_text())
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


@pytest.mark.parametrize("page", pages.PAGES, ids=pages.name_of)
def test_links_lead_to_pages_and_headings_that_exist(page: Path) -> None:
    lost = []
    for target in _links(page):
        name, _, anchor = target.partition("#")
        found = (page.parent / name).resolve() if name else page
        if not found.exists() or (anchor and anchor not in _anchors(found)):
            lost.append(target)

    assert lost == []


def test_every_page_is_reached_from_the_index() -> None:
    index = pages.ROOT / "docs" / "README.md"
    reached = {(index.parent / t.partition("#")[0]).resolve() for t in _links(index)}
    others = {page for page in pages.PAGES if page.name != "README.md"}

    assert others <= reached


def test_pictures_are_small() -> None:
    pictures = list((pages.ROOT / "docs" / "images").rglob("*.png"))
    sizes = [picture.stat().st_size for picture in pictures]

    assert sizes
    assert max(sizes) < _MAX_PICTURE_BYTES
    assert sum(sizes) < _MAX_PICTURES_BYTES


def test_every_picture_is_shown() -> None:
    shown = {
        (page.parent / target).resolve()
        for page in pages.PAGES
        for target in _links(page)
        if target.endswith(".png")
    }

    assert set((pages.ROOT / "docs" / "images").rglob("*.png")) <= shown
