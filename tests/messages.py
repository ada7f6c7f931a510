"""Collect what the packages say, and compile what the translators wrote.

``python -m tests.messages`` brings every catalogue up to date: new texts are added
without a translation, texts that are gone are dropped, and the compiled files are
written anew. It needs GNU gettext.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import django
from django.core.management.commands import makemessages
from django.core.management.utils import get_random_secret_key

ROOT = Path(__file__).resolve().parent.parent
#: Whose texts are translated; the templates of each lie in ``templates/<package>``.
PACKAGES = ("audit_console", "eventstore")
LANGUAGES = ("de",)
# The API's problems are read by programs: they stay English.
_UNTRANSLATED = (
    "tests/*",
    "docs/*",
    "benchmarks/*",
    "eventstore_project/*",
    "eventstore/api/*",
)


class Collector(makemessages.Command):
    """Django's command, which looks for templates inside of their packages only."""

    # A guessed translation is one that nobody wrote.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def __init__(self, target: Path) -> None:
        super().__init__()
        self.target = target

    def find_files(self, root: str) -> list[Any]:
        """Return the files with texts, each with the directory of its catalogues."""
        files = super().find_files(root)
        for found in files:
            first, *rest = Path(found.path).parts
            package = rest[0] if first == "templates" else first
            found.locale_dir = str(self.target / package / "locale")
        files = [found for found in files if _package_of(found) in PACKAGES]
        self.locale_paths = sorted({str(found.locale_dir) for found in files})
        for path in self.locale_paths:
            Path(path).mkdir(parents=True, exist_ok=True)
        return files


def _package_of(found: Any) -> str:
    return Path(found.locale_dir).parent.name


def collect(target: Path = ROOT, *, keep_templates: bool = False) -> None:
    """Merge the texts of the packages into the catalogues below ``target``.

    Args:
        target: holds ``<package>/locale``.
        keep_templates: leave the list of all texts there, ``locale/django.pot``.
    """
    arguments = [
        "manage.py",
        "makemessages",
        "--no-obsolete",
        "--no-wrap",
        "--add-location=file",
        "--verbosity=0",
        *(f"--ignore={pattern}" for pattern in _UNTRANSLATED),
        *(f"--locale={language}" for language in LANGUAGES),
        *(["--keep-pot"] if keep_templates else []),
    ]
    with contextlib.chdir(ROOT):
        Collector(target).run_from_argv(arguments)


def catalogues() -> list[Path]:
    """Return the catalogues of the packages."""
    return [
        ROOT / package / "locale" / language / "LC_MESSAGES" / "django.po"
        for package in PACKAGES
        for language in LANGUAGES
    ]


def compile_catalogue(catalogue: Path, compiled: Path) -> None:
    """Write the compiled form, checking plurals and placeholders.

    Raises:
        subprocess.CalledProcessError: ``msgfmt`` refuses the catalogue.
    """
    command = ["msgfmt", "--check", "--output-file", str(compiled), str(catalogue)]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eventstore_project.settings")
    os.environ.setdefault("SECRET_KEY", get_random_secret_key())
    django.setup()
    collect()
    for each in catalogues():
        compile_catalogue(each, each.with_suffix(".mo"))
    sys.stdout.write("The catalogues are up to date.\n")
