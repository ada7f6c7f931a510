"""Texts and their translations: complete, current, and chosen by the reader."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation

from audit_console.access import Act, Outcome
from audit_console.presenters import acts
from audit_console.templatetags.audit_console import moment, number
from tests import messages
from tests.not_run import not_run

AUTUMN = datetime(2026, 11, 5, 14, 30, tzinfo=UTC)


@pytest.fixture
def gettext_tools() -> None:
    if shutil.which("msgcmp") is None:
        not_run("GNU gettext", "no msgcmp on the path")


@pytest.mark.usefixtures("gettext_tools")
def test_every_text_is_translated_and_none_is_guessed(tmp_path: Path) -> None:
    messages.collect(tmp_path, keep_templates=True)
    for catalogue in messages.catalogues():
        package = catalogue.relative_to(messages.ROOT).parts[0]
        texts = tmp_path / package / "locale" / "django.pot"
        found = subprocess.run(
            ["msgcmp", catalogue, texts], capture_output=True, text=True, check=False
        )
        assert found.returncode == 0, f"{found.stderr}\npython -m tests.messages"


@pytest.mark.usefixtures("gettext_tools")
def test_what_is_compiled_is_what_was_translated(tmp_path: Path) -> None:
    for catalogue in messages.catalogues():
        compiled = tmp_path / "django.mo"
        messages.compile_catalogue(catalogue, compiled)
        assert compiled.read_bytes() == catalogue.with_suffix(".mo").read_bytes()


def test_a_translation_keeps_the_markup_and_the_operators_of_its_text() -> None:
    kept = re.compile(r"<[^>]+>|manage\.py \w+|view_p\w+")
    for catalogue in messages.catalogues():
        for entry in catalogue.read_text("utf-8").split("\n\n")[1:]:
            text, _, translated = entry.partition("\nmsgstr")
            original = text[text.index("msgid") :]
            assert set(kept.findall(original)) == set(kept.findall(translated)), entry


def test_acts_and_outcomes_have_words() -> None:
    assert set(acts.ACTS) == {str(act) for act in Act}
    assert set(acts.OUTCOMES) == {str(outcome) for outcome in Outcome}


@pytest.mark.parametrize(
    ("language", "day", "count"),
    [("en", "2026-11-05", "12,345"), ("de", "05.11.2026", "12.345")],
)
def test_days_and_numbers_are_written_as_the_language_writes_them(
    language: str, day: str, count: str
) -> None:
    with translation.override(language):
        assert f">{day} <" in moment(AUTUMN)
        assert 'datetime="2026-11-05T14:30:00.000000+00:00"' in moment(AUTUMN)
        assert number(12_345) == count


def test_a_reader_chooses_the_language_and_comes_back(console: Client) -> None:
    answer = console.post(
        "/audit/language/", {"language": "de", "next": "/audit/events/?tenant=acme"}
    )
    assert (answer.status_code, answer["Location"]) == (
        302,
        "/audit/events/?tenant=acme",
    )
    page = console.get("/audit/events/")
    assert page["Content-Language"] == "de"
    text = page.content.decode()
    assert '<html lang="de"' in text
    assert "Ereignisse" in text


@pytest.mark.django_db
def test_the_language_is_chosen_before_the_log_in(client: Client) -> None:
    form = client.get("/audit/login/").content.decode()
    assert 'lang="de"' in form
    client.post("/audit/language/", {"language": "de", "next": "/audit/login/"})
    assert "Anmelden" in client.get("/audit/login/").content.decode()


@pytest.mark.django_db
def test_who_chose_none_gets_what_the_host_decided(
    client: Client, auditor: User
) -> None:
    client.force_login(auditor)
    german = client.get("/audit/", headers={"Accept-Language": "de-AT,de;q=0.9"})
    assert german["Content-Language"] == "de"
    assert client.get("/audit/")["Content-Language"] == settings.LANGUAGE_CODE


def test_a_language_without_a_catalogue_is_refused(console: Client) -> None:
    assert console.post("/audit/language/", {"language": "fr"}).status_code == 400
    assert console.get("/audit/language/").status_code == 405


def test_a_choice_leads_to_no_other_site(console: Client) -> None:
    for elsewhere in ("https://example.org/", "//example.org/", "/admin/"):
        answer = console.post("/audit/language/", {"language": "en", "next": elsewhere})
        assert answer["Location"] == "/audit/"
