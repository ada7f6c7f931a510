"""Take the pictures of the documentation: every screen, in the light and in the dark.

Start ``manage.py demo --still`` on an empty database, then, in another terminal::

    python -m tests.audit_console.screenshots http://localhost:8000/

They land in ``docs/images/console/``. It needs Chromium on the path and Pillow.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "images" / "console"
SIZE: ViewportSize = {"width": 1280, "height": 800}
Scheme = Literal["light", "dark"]
_TENANT = "tenant=tidewater-rail"
_DECISIONS = f"events/?{_TENANT}&type=RequirementApproved&type=RequirementRejected"
_AGGREGATE = f"{_TENANT}&type=Requirement&id=R-53"
#: What the auditor sees: by name, the address below the console's prefix. A number is
#: that of a story, whose card on the overview leads there.
SCREENS: dict[str, str | int] = {
    "overview": f"?{_TENANT}",
    "events": _DECISIONS,
    "query": f"events/?{_TENANT}&q=typ:RequirementRejected",
    "event": 2,
    "redacted": 4,
    "aggregate": 1,
    "state": f"aggregate/state/?{_AGGREGATE}&v=9",
    "differences": f"aggregate/differences/?{_AGGREGATE}&v=9&vs=3",
    "causes": "aggregate/causes/?tenant=meridian-pay&type=Requirement&id=R-9",
    "conversation": 3,
    "export": 6,
    "exports": f"exports/?{_TENANT}",
    "saved": "saved/",
    "access": f"access/?{_TENANT}",
    "preferences": "preferences/",
    "help": "help/",
}


def main(home: str) -> None:
    """Take all pictures of the demo at the address ``home``."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox"]
        )
        console = f"{home.rstrip('/')}/audit/"
        _take_all(browser, console, "light")
        _take_all(browser, console, "dark")
        browser.close()


def _take_all(browser: Browser, console: str, scheme: Scheme) -> None:
    auditor = _page(browser, scheme)
    auditor.goto(f"{console}login/")
    _take(auditor, "login", scheme)
    _log_in(auditor, console, "lead-auditor", scheme)
    auditor.goto(console)
    stories = auditor.locator("section[aria-labelledby=h-pinned] a.card").evaluate_all(
        "all => all.map(e => e.href)"
    )
    for name, place in SCREENS.items():
        address = stories[place - 1] if isinstance(place, int) else console + place
        auditor.goto(address)
        _take(auditor, name, scheme)

    auditor.goto(console + _DECISIONS)
    auditor.locator(".unfold").first.click()
    auditor.locator(".unfolded-event").wait_for()
    auditor.locator("#results").evaluate("each => each.scrollIntoView()")
    _take(auditor, "unfolded", scheme)
    rows = auditor.locator("tr[data-row]").evaluate_all("all => all.map(e => e.id)")
    chosen = "&".join(f"e={row.removeprefix('p')}" for row in rows[:3])
    auditor.goto(f"{console}compare/?{chosen}")
    _take(auditor, "compare", scheme)
    auditor.context.close()

    officer = _page(browser, scheme)
    _log_in(officer, console, "dpo")
    officer.goto(f"{console}redactions/")
    _take(officer, "redactions", scheme)
    officer.goto(f"{console}redactions/1/decide/")
    _take(officer, "redaction", scheme)
    officer.context.close()


def _page(browser: Browser, scheme: Scheme) -> Page:
    # Nothing fades in: the picture shows what is there in the end.
    context = browser.new_context(
        viewport=SIZE, color_scheme=scheme, reduced_motion="reduce", locale="en-GB"
    )
    return context.new_page()


def _log_in(page: Page, console: str, name: str, scheme: str = "") -> None:
    page.goto(f"{console}purpose/")
    page.locator(f"form:has(input[value='{name}']) button").click()
    page.get_by_label("Purpose").select_option("audit")
    if scheme:
        _take(page, "purpose", scheme)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(console)


def _take(page: Page, name: str, scheme: str) -> None:
    page.locator("main").wait_for()
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    # Screens have few colours: a palette takes a third of the room.
    small = shot.quantize(256, dither=Image.Dither.NONE)
    small.save(PICTURES / f"{name}-{scheme}.png", optimize=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000/")
