"""Whatever the OpenAPI document allows, and what it forbids, sent to a real server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eventstore import granting
from eventstore.api.documents import PATH
from eventstore.keys import issuing
from tests.eventstore.api.serving import deployment

pytestmark = pytest.mark.django_db(transaction=True)

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def port(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with django_db_blocker.unblock(), deployment() as found:
        yield found


def run(port: int, tmp_path: Path, examples: int, *more: str) -> None:
    api_key, text = issuing.create("tester", role="writer", tenants=["acme"])
    for role in ("redactor", "platform_admin"):
        granting.give(str(api_key), role, "acme")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", str(HERE / "schemathesis.toml")),
            *("run", str(PATH), "--url", f"http://127.0.0.1:{port}/api/v1"),
            *("--header", f"Authorization: Bearer {text}"),
            *("--checks", "all", "--max-examples", str(examples)),
            *("--request-timeout", "20", "--no-color", *more),
        ],
        cwd=tmp_path,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.eventstore.api.schemathesis_hooks",
            "PYTHONPATH": str(HERE.parents[2]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]


def test_schemathesis_finds_nothing(port: int, tmp_path: Path) -> None:
    run(port, tmp_path, 15, "--seed", "1", "--phases", "examples,fuzzing,stateful")


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_schemathesis_finds_nothing_in_two_hundred_examples_of_each(
    port: int, tmp_path: Path
) -> None:
    run(port, tmp_path, 200)
