"""The first five minutes: each role logs in by one click and finds the stories."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from eventstore_project.demo.accounts import FOR_CONSOLE
from tests.eventstore_project.demo.databases import Database
from tests.eventstore_project.demo.servers import Demo, serving
from tests.waiting import eventually

ROLES = [login.name for login in FOR_CONSOLE]


class Person:
    """Somebody with a browser that runs no scripts."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.jar = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.jar))
        self.address = ""

    def go(self, path: str, **form: str) -> str:
        """Open a page, or send a form to it."""
        address = path if path.startswith("http") else f"{self.demo.home}{path}"
        data = None
        if form:
            token = next(cookie for cookie in self.jar if cookie.name == "csrftoken")
            form["csrfmiddlewaretoken"] = token.value or ""
            data = urlencode(form).encode()
        request = Request(address, data, {"Referer": address})
        with self.opener.open(request, timeout=20) as answer:
            self.address = answer.url
            return str(answer.read().decode())

    def log_in(self, name: str) -> str:
        page = self.go("")
        button = re.search(rf'value="{name}">\s*<input [^>]*value="([^"]+)">', page)
        assert button is not None, f"{name} is not on the log-in page"
        return self.go(self.address, username=name, password=button[1], next="/audit/")

    def read(self, path: str) -> str:
        """Open a page; say why with one click, with what is chosen already."""
        page = self.go(path)
        if "/purpose/" in self.address:
            chosen = re.search(r'<option value="([^"]+)" selected>', page)
            assert chosen is not None
            page = self.go(
                self.address, purpose=chosen[1], next=f"/{path}", reference=""
            )
        return page


@pytest.fixture(scope="module")
def demo(filled: Database) -> Iterator[Demo]:
    with serving(filled, "--still") as running:
        yield running


def cards_of(page: str) -> list[str]:
    links = re.findall(
        r'class="card" href="/([^"]+)".{0,400}?<strong><bdi>\d\. ', page, re.DOTALL
    )
    return [unescape(link) for link in links]


def test_the_log_in_page_names_each_role_the_auditor_first(demo: Demo) -> None:
    page = Person(demo).go("")

    assert re.findall(r'name="username" value="([^"]+)"', page) == ROLES
    assert ROLES[0] == "auditor"
    assert "DEMO" in page
    assert all(login.can in unescape(page) for login in FOR_CONSOLE)


@pytest.mark.parametrize("name", ROLES)
def test_each_role_finds_the_stories_and_none_leads_nowhere(
    demo: Demo, name: str
) -> None:
    person = Person(demo)

    cards = cards_of(person.log_in(name))

    assert len(cards) == (5 if name == "operator" else 6)
    for card in cards:
        page = person.read(card)
        assert "<h1>" in page
        assert person.address.endswith(card)


def test_the_second_person_can_decide_and_the_first_cannot(demo: Demo) -> None:
    officer, dpo = Person(demo), Person(demo)
    card = cards_of(officer.log_in("privacy-officer"))[4]
    dpo.log_in("dpo")

    assert "/decide/" not in officer.read(card)
    assert "/decide/" in dpo.read(card)


def test_an_auditor_sees_no_personal_data_and_a_privacy_officer_does(
    demo: Demo, filled: Database
) -> None:
    address = filled.rows(
        "SELECT event_data #>> '{requester,email}', position FROM stored_domain_events "
        "WHERE event_type = 'RequirementCreated' AND NOT is_redacted LIMIT 1"
    )
    (email, position) = address[0]
    seen = {}
    for name in ("auditor", "privacy-officer"):
        person = Person(demo)
        person.log_in(name)
        seen[name] = email in person.read(f"audit/events/{position}/")

    assert seen == {"auditor": False, "privacy-officer": True}


def test_seeded_looks_are_marked_and_real_ones_are_not(
    demo: Demo, filled: Database
) -> None:
    Person(demo).log_in("security")
    kinds = filled.rows(
        "SELECT is_demo, count(*) > 5 FROM audit_console_access "
        "WHERE act <> 'log in' OR is_demo GROUP BY 1 ORDER BY 1 DESC"
    )

    assert kinds[0] == (True, True)
    assert filled.rows(
        "SELECT count(*) FROM audit_console_access WHERE act = 'log in' AND is_demo"
    ) == [(0,)]


def test_an_export_that_is_asked_for_is_made_beside_the_demo(
    demo: Demo, filled: Database
) -> None:
    person = Person(demo)
    person.log_in("auditor")
    person.read("audit/exports/new/?tenant=aurora-health&type=RequirementRejected")
    page = person.go(person.address, format="ndjson", columns="position")
    assert "RequirementRejected" in page
    export = person.address
    eventually(lambda: "Download the file" in person.go(export))

    lines = [
        json.loads(line) for line in person.go(f"{export}file/", x="").splitlines()
    ]

    number = (
        "SELECT count(*) FROM stored_domain_events WHERE event_type = "
        "'RequirementRejected' AND tenant_id = 'aurora-health'"
    )
    assert lines[-1] == {
        "record": "end",
        "complete": True,
        "events": filled.rows(number)[0][0],
    }


def test_the_terminal_has_a_link_for_each_story(filled: Database) -> None:
    with serving(filled, "--still") as demo:
        said = [demo.read_until("Worth a look")]
        while len([line for line in said if "/audit/" in line]) < 6:
            said.append(demo.read_until("/audit/"))
        person = Person(demo)
        person.log_in("auditor")

        for link in [line.strip() for line in said if "/audit/" in line]:
            assert "<h1>" in person.read(link)


def test_a_file_that_is_gone_is_noticed_by_the_check(filled: Database) -> None:
    name = filled.rows("SELECT file FROM audit_console_exports WHERE is_demo LIMIT 1")
    file = filled.exports / name[0][0]
    kept = file.read_bytes()
    file.unlink()
    try:
        done = filled.demo("--check")
    finally:
        file.write_bytes(kept)

    assert done.returncode == 1
    assert "The file of an export is missing" in done.stderr


def test_a_client_does_not_choose_the_address_that_is_recorded(
    demo: Demo, filled: Database
) -> None:
    person = Person(demo)
    person.opener.addheaders.append(("X-Forwarded-For", "203.0.113.7"))
    person.log_in("auditor")

    seen = filled.rows("SELECT DISTINCT host(ip) FROM audit_console_access")

    assert ("127.0.0.1",) in seen
    assert ("203.0.113.7",) not in seen
