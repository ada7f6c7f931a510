"""What the pages show runs as it stands."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models

from eventstore import event_migrations, event_types, publisher
from eventstore.projections import projection
from eventstore.subscriptions.declaration import subscriptions
from tests.docs import pages

TUTORIAL = pages.ROOT / "docs" / "tutorial.md"
WITH_PYTHON = [
    page
    for page in pages.PAGES
    if page != TUTORIAL and any(b.language == "python" for b in pages.blocks(page))
]


@pytest.fixture
def restored_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what a page registers end with the page."""
    steps = {name: dict(known) for name, known in event_migrations._steps.items()}
    monkeypatch.setattr(event_migrations, "_steps", steps)
    monkeypatch.setattr(event_types, "_classes", dict(event_types._classes))
    monkeypatch.setattr(event_types, "_names", dict(event_types._names))
    subscribers = list(publisher.deliver._subscribers)
    monkeypatch.setattr(publisher.deliver, "_subscribers", subscribers)
    monkeypatch.setattr(subscriptions, "_by_name", dict(subscriptions._by_name))
    monkeypatch.setattr(projection, "registered", dict(projection.registered))


class Tables:
    """The tables of the models that a page writes down, as its migration makes them."""

    def __init__(self) -> None:
        self._made: dict[str, type[models.Model]] = {}

    def make(self, names: dict[str, object], module: str) -> None:
        for item in list(names.values()):
            if (
                isinstance(item, type)
                and issubclass(item, models.Model)
                and item.__module__ == module
                and item.__name__ not in self._made
            ):
                self._made[item.__name__] = item
                with connection.schema_editor() as editor:
                    editor.create_model(item)

    def drop(self) -> None:
        for model in self._made.values():
            with connection.schema_editor() as editor:
                editor.delete_model(model)
            del apps.all_models[model._meta.app_label][model._meta.model_name or ""]
        apps.clear_cache()


@pytest.fixture
def tables(transactional_db: None) -> Iterator[Tables]:
    made = Tables()
    yield made
    made.drop()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("restored_registries")
@pytest.mark.parametrize("page", WITH_PYTHON, ids=pages.name_of)
def test_the_python_of_a_page_runs_from_top_to_bottom(
    page: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In an installed app, so that a page can show models as an app has them.
    name = f"eventstore_project.demo.page_{page.stem.replace('-', '_')}"
    module = types.ModuleType(name)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    for block in pages.blocks(page):
        if block.language == "python":
            code = "\n" * block.line + block.code
            exec(compile(code, pages.name_of(page), "exec"), vars(module))
            tables.make(vars(module), name)


@pytest.mark.django_db(transaction=True)
def test_the_tutorial_works_command_by_command(tmp_path: Path) -> None:
    tutorial = Tutorial(tmp_path)
    for block in pages.blocks(TUTORIAL):
        if block.title:
            tutorial.write(block.title, block.code)
        elif block.language == "console":
            for line in block.code.splitlines():
                tutorial.run(line.removeprefix("$ "))

    said = "\n".join(tutorial.said)
    assert "stands at version 3, not at 2 as expected" in said
    assert "1 TicketOpened None" in said
    assert "2 TicketAnswered 7" in said
    assert said.count("refused") >= 2


class Tutorial:
    """A reader who types what the tutorial says, into the test database."""

    #: What a test cannot do: the package is on the path, the database is there.
    PREPARED = ("python3 -m venv", "pip install", "createdb")

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        before = path.read_text() if path.name == "settings.py" else ""
        path.write_text(before + text)
        if path.name == "settings.py":
            with path.open("a") as file:
                file.write(f"\nDATABASES['default'] |= {self._database()!r}\n")

    def run(self, command: str) -> None:
        if command.startswith(self.PREPARED):
            return
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        self.said.append(done.stdout)

    def _database(self) -> dict[str, object]:
        known = connection.settings_dict
        return {key: known[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}

    def _environment(self) -> dict[str, str]:
        known = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
        programs = Path(sys.executable).parent
        return {
            **known,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(pages.ROOT),
            "PYTHONWARNINGS": "default",
        }
