"""The demo, served as its command serves it, and a person who clicks through it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, StorageState, expect

from eventstore_project.demo.accounts import PASSWORD
from tests.audit_console.browser.visiting import Visit
from tests.eventstore_project.demo.databases import Database
from tests.eventstore_project.demo.servers import Demo

#: Where the stories of the tests happen.
TENANT = "tidewater-rail"


@dataclass
class Person:
    """Somebody at the browser, whose clicks are counted; an Enter is one."""

    visit: Visit
    clicks: int = 0

    @property
    def page(self) -> Any:
        return self.visit.page

    def begin(self, tenant: str = TENANT) -> None:
        """Open the overview: from here on clicks count."""
        self.visit.go(f"audit/?tenant={tenant}")
        self.clicks = 0

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def type(self, where: Locator, text: str) -> None:
        where.fill(text)
        where.press("Enter")
        self.clicks += 1

    def link(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name, exact=True).first)

    def button(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=True).first)

    def room(self, name: str) -> None:
        self.click(self.page.locator(".rooms").get_by_role("link", name=name))

    def only(self, facet: str, value: str) -> None:
        """Narrow a list by a value of a facet, which may have to be opened first."""
        panel = self.page.locator("details.facet", has_text=facet).first
        late = panel.locator(".hint", has_text="Counting took too long")
        values = panel.locator("a.value")
        for _ in range(5):
            if panel.get_attribute("open") is None:
                self.click(panel.locator("summary"))
            expect(values.or_(late).first).to_be_visible()
            if not late.count():
                break
            # A part has its limit of time, which a busy machine may pass: ask again.
            self.clicks -= 1
            self.page.reload()
        self.click(values.filter(has_text=value).first)

    def find(self, text: str) -> None:
        """Use the box in the banner."""
        self.type(self.page.locator("#goto"), text)

    def positions(self) -> list[int]:
        """Return what the list shows, the newest first."""
        expect(self.page.locator("tr[data-row]").first).to_be_visible()
        ids = self.page.locator("tr[data-row]").evaluate_all(
            "all => all.map(e => e.id)"
        )
        return [int(each.removeprefix("p")) for each in ids]


@dataclass
class Deployment:
    """A demo that serves, and its database."""

    database: Database
    demo: Demo
    sessions: dict[str, StorageState] = field(default_factory=dict)

    def person(self, browser: Browser, name: str, **options: Any) -> Person:
        """Return somebody who has logged in and said why; once for all tests."""
        if name not in self.sessions:
            self.sessions[name] = self._log_in(browser, name)
        context = browser.new_context(storage_state=self.sessions[name], **options)
        return self.stranger(context)

    def stranger(self, context: BrowserContext) -> Person:
        return Person(Visit(context.new_page(), self.demo.home))

    def one(self, query: str) -> Any:
        """Ask the database itself."""
        return self.database.rows(query)[0]

    def run(self, code: str) -> None:
        """Let the deployment's own code do something meanwhile."""
        done = self.database.manage("shell", "-c", code)
        assert done.returncode == 0, done.stderr

    def _log_in(self, browser: Browser, name: str) -> StorageState:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{self.demo.home}audit/purpose/")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in", exact=True).click()
        page.get_by_label("Purpose").select_option("audit")
        page.get_by_role("button", name="Go on").click()
        page.wait_for_url(f"{self.demo.home}audit/")
        state = context.storage_state()
        context.close()
        return state
