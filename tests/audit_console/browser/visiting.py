"""Pages of a browser, and what they complain about."""

from __future__ import annotations

from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


@dataclass
class Visit:
    """Pages of a browser, and what they complained about."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Violations of the policy are among the errors of the console.
        self.page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text)
                if message.type in {"error", "warning"}
                else None
            ),
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def go(self, address: str) -> Page:
        self.page.goto(self.base + address)
        return self.page

    def violations(self) -> list[str]:
        """What axe finds against WCAG 2.2 A and AA and its best practices.

        In the dark only what colours decide: all else is as it is in the light.
        """
        options: dict[str, object] = {"resultTypes": ["violations"]}
        if self.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"):
            options["runOnly"] = ["color-contrast", "link-in-text-block"]
        found = Axe().run(self.page, options=options).response["violations"]
        return [
            f"{self.page.url}: {each['id']}: {node['html'][:160]}"
            for each in found
            for node in each["nodes"]
        ]

    @property
    def is_too_wide(self) -> bool:
        """Whether one has to scroll sideways to read."""
        root = "document.documentElement"
        return bool(self.page.evaluate(f"{root}.scrollWidth > {root}.clientWidth"))
