"""Texts that break out of a page that is not careful, and what finds them."""

from __future__ import annotations

from html.parser import HTMLParser

#: What breaks out of texts, attributes, scripts, templates, addresses.
CORPUS = [
    "</script><script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    '" onfocus="alert(1)" autofocus="',
    "<svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7*7 }}{% debug %}",
    "<!--<style>]]>&lt;script&gt;",
    "\u202egnp.exe\u2066",
]
#: What the pages themselves are made of.
_SCRIPTS = {"theme.js", "htmx-2.min.js", "console.js"}


class Markup(HTMLParser):
    """Everything in a page that could run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        source = (given.get("src") or "").rpartition("/")[2]
        if tag in {"script", "iframe", "object", "embed"} and source not in _SCRIPTS:
            self.faults.append(f"<{tag}>")
        if tag in {"img", "style"}:
            self.faults.append(f"<{tag}>")
        for name, value in given.items():
            if name.startswith("on") or name in {"style", "srcdoc", "autofocus"}:
                self.faults.append(f"{tag} {name}")
            if name in {"href", "src", "action", "hx-get"} and not (
                (value or "").startswith(("/", "#", "?", "http://testserver/"))
            ):
                self.faults.append(f"{tag} {name}={value}")
