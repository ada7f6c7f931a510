"""Every page in German: what is not data has been translated."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, expect

from tests import messages
from tests.audit_console.browser.deployment import Deployment, Person
from tests.audit_console.browser.test_every_page import OTHERS, addresses, opened

__all__ = ["opened"]  # a fixture of theirs

#: Values of the log, and what people wrote: in whatever language they did.
DATA = "bdi, code, pre, kbd, dt, .v, .mono, .actor, [lang]:not(html)"
TEXTS = f"""() => {{
  const found = new Set();
  const add = (text) => found.add(text.replace(/\\s+/g, " ").trim());
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {{
    const parent = walk.currentNode.parentElement;
    if (!parent.closest("script, style, {DATA}")) add(walk.currentNode.textContent);
  }}
  for (const name of ["aria-label", "title", "placeholder", "data-copied"])
    for (const element of document.querySelectorAll(`[${{name}}]`))
      if (!element.closest("{DATA}")) add(element.getAttribute(name));
  return [...found, document.title];
}}"""
#: German words are longer: whether a button is too small for its own.
CLIPPED = """() => [...document.querySelectorAll("main .button")].some(
  (button) => button.checkVisibility() && button.scrollWidth > button.clientWidth + 1
)"""
#: Words that no German text has.
ENGLISH = re.compile(
    r"\b(the|of|and|to|is|are|by|from|with|this|that|which|what|who|when|events?|"
    r"show|looks?|times?|select|selected|shown|page|newest|change|changed|log)\b",
    re.IGNORECASE,
)


def untranslated() -> set[str]:
    """Return the texts that German has other words for."""
    texts: set[str] = set()
    german: set[str] = set()
    for catalogue in messages.catalogues():
        found = re.findall(
            r'^msgid "(.{3,})"\nmsgstr "(.+)"$',
            catalogue.read_text("utf-8"),
            re.MULTILINE,
        )
        texts |= {english for english, _german in found}
        german |= {each for _english, each in found}
    return texts - german


def test_no_page_says_a_word_of_english(
    deployment: Deployment, chromium: Browser
) -> None:
    people: dict[str, Person] = {}
    english: dict[str, set[str]] = {}
    clipped: list[str] = []
    known = untranslated()
    for name, address in addresses(deployment).items():
        who = OTHERS.get(name, "dpo")
        if who not in people:
            people[who] = (
                deployment.person(chromium, who, locale="de-DE")
                if who
                else deployment.stranger(chromium.new_context(locale="de-DE"))
            )
        page: Any = people[who].page
        page.goto(f"{deployment.demo.home}audit/{address}")
        assert page.locator("html").get_attribute("lang") == "de"
        texts = set(page.evaluate(TEXTS))
        found = {text for text in texts if ENGLISH.search(text)} | (known & texts)
        if found:
            english[name] = found
        if page.evaluate(CLIPPED):
            clipped.append(name)
    assert english == {}
    assert clipped == []
    for person in people.values():
        assert person.visit.complaints == []
        person.page.context.close()


def test_numbers_and_times_are_written_in_german_and_kept_raw(
    opened: Callable[..., Person],
) -> None:
    page = opened("index", locale="de-DE").page

    moment = page.locator(".evidence time")
    expect(moment).to_have_text(re.compile(r"^\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d"))
    raw = moment.get_attribute("datetime")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", raw)
    expect(page.locator(".evidence")).to_contain_text(re.compile(r"\b\d\.\d{3}\b"))
    # What a drawing is made of has no grouping and no comma.
    drawn = page.locator("svg rect").evaluate_all(
        "all => all.map(e => e.getAttribute('x') + e.getAttribute('width'))"
    )
    assert not any("," in each for each in drawn)
    page.context.close()


def test_the_language_is_changed_by_a_button_without_javascript(
    opened: Callable[..., Person],
) -> None:
    page = opened("events", java_script_enabled=False).page

    page.locator(".banner .menu").last.locator("summary").click()
    page.get_by_role("button", name="Deutsch").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ereignisse")
    assert "/audit/events/" in page.url
    page.goto(page.url)
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.context.close()
