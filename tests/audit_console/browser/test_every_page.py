"""Every page of the console over the demo: for everybody, by any means.

The table has an address for each route that shows a page; one that is added without an
address fails here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

from audit_console.site import audit_console
from tests.audit_console.browser.deployment import TENANT, Deployment, Person

# Minutes: every page in every guise. The rooms' own tests hold the main ones always.
pytestmark = pytest.mark.full

KEY = urlencode({"tenant": TENANT, "type": "Requirement", "id": "R-53"})
#: Those that only act or lead elsewhere, and the one that answers 404.
WITHOUT_A_PAGE = {
    "event_by_id",
    "event_raw",
    "export_decide",
    "export_download",
    "language",
    "logout",
    "zone",
    None,
}
FOCUS_IS_SEEN = """() => {
  const faults = [];
  for (const element of document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, summary, [tabindex='0']")) {
    if (!element.checkVisibility()) continue;
    element.focus();
    if (document.activeElement !== element) continue;
    const style = getComputedStyle(element);
    // A bar of a chart has no box: what is in it is drawn with a stroke.
    const isDrawn = [...element.querySelectorAll("rect")].some(
      (part) => getComputedStyle(part).stroke !== "none");
    if (style.outlineStyle === "none" && style.boxShadow === "none" && !isDrawn)
      faults.push(element.outerHTML.slice(0, 120));
  }
  return faults;
}"""


def addresses(deployment: Deployment) -> dict[str, str]:
    """Return where each page is, in the database of the demo."""
    event = deployment.one(
        f"""SELECT max(position) FROM stored_domain_events
             WHERE tenant_id = '{TENANT}' AND aggregate_id = 'R-53'
               AND aggregate_type = 'Requirement'"""
    )[0]
    request, item = deployment.one(
        """SELECT r.id, i.position FROM event_redaction_requests AS r
             JOIN event_redaction_items AS i ON i.request_id = r.id LIMIT 1"""
    )
    export = deployment.one(
        "SELECT id::text FROM audit_console_exports WHERE owner_name = 'dpo' LIMIT 1"
    )[0]
    return {
        "access": "access/",
        "aggregate": f"aggregate/?{KEY}",
        "aggregate_print": f"aggregate/print/?{KEY}",
        "aggregates": "aggregates/",
        "causes": f"aggregate/causes/?{KEY}",
        "compare": f"compare/?e={event}&e={event - 1}",
        "correlations": f"correlations/?tenant={TENANT}&id=CR-0053",
        "differences": f"aggregate/differences/?{KEY}&vs=3",
        "event": f"events/{event}/?type=RequirementVerified",
        "events": f"events/?tenant={TENANT}",
        "export": f"exports/{export}/",
        "export_new": "exports/new/",
        "exports": "exports/",
        "goto": "go/?q=nothing+of+that+name",
        "help": "help/",
        "help_query": "help/query/",
        "index": f"?tenant={TENANT}",
        "login": "login/",
        "password_change": "password/",
        "password_change_done": "password/done/",
        "preferences": "preferences/",
        "purpose": "purpose/",
        "redaction": f"redactions/{request}/",
        "redaction_decide": f"redactions/{request}/decide/",
        "redaction_fields": f"redactions/{request}/fields/{item}/",
        "redaction_new": f"redactions/new/?e={event}",
        "redactions": "redactions/",
        "saved": "saved/?address=/audit/access/",
        "state": f"aggregate/state/?{KEY}&v=9",
    }


#: Who may open what the DPO may not; nobody who is logged in sees the log-in.
OTHERS = {
    "redaction_fields": "privacy-officer",
    "redaction_new": "privacy-officer",
    "login": "",
}


@pytest.fixture
def opened(deployment: Deployment, chromium: Browser) -> Callable[..., Person]:
    """Open the page of a route."""
    places = addresses(deployment)

    def open_page(name: str, **options: Any) -> Person:
        who = OTHERS.get(name, "dpo")
        if who:
            person = deployment.person(chromium, who, **options)
        else:
            person = deployment.stranger(chromium.new_context(**options))
        person.page.goto(f"{deployment.demo.home}audit/{places[name]}")
        return person

    return open_page


def names() -> list[str]:
    mounted = {route.name for route in audit_console.get_urls()}
    return sorted(mounted - WITHOUT_A_PAGE)


def test_every_route_has_an_address(deployment: Deployment) -> None:
    assert sorted(addresses(deployment)) == names()


@pytest.mark.parametrize("name", names())
def test_a_page_has_no_barrier_at_any_width_in_any_colours(
    opened: Callable[..., Person], name: str
) -> None:
    # Colours change at once: what is measured is not on its way.
    calm = {"reduced_motion": "reduce", "viewport": {"width": 1280, "height": 900}}
    person = opened(name, **calm)
    visit, page = person.visit, person.page
    page.locator("main").wait_for()

    assert visit.violations() == []
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS_IS_SEEN) == []
    page.emulate_media(color_scheme="dark")
    assert visit.violations() == []
    page.emulate_media(color_scheme="light", forced_colors="active")
    assert page.evaluate(FOCUS_IS_SEEN) == []
    page.emulate_media(forced_colors="none")
    page.set_viewport_size({"width": 320, "height": 640})
    assert not visit.is_too_wide
    assert visit.complaints == []
    page.context.close()


@pytest.mark.parametrize("name", names())
def test_a_page_is_whole_without_javascript(
    opened: Callable[..., Person], name: str
) -> None:
    person = opened(name, java_script_enabled=False)
    page = person.page

    assert page.locator("main h1").is_visible()
    assert page.locator(".needs-script:visible").count() == 0
    assert page.locator("main").inner_text().strip()
    page.context.close()
