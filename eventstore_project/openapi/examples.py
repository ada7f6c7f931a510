"""Examples as they were recorded from a server: requests, and what it answered.

``examples.json`` holds them; a test sends each again and compares. The same test writes
the file anew when ``RECORD_EXAMPLES=1`` is set.
"""

from __future__ import annotations

import json
from http.client import BAD_REQUEST
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("examples.json")


def examples() -> list[dict[str, Any]]:
    """Return them: ``operation``, ``name``, ``summary``, ``request``, ``answer``."""
    found: list[dict[str, Any]] = json.loads(PATH.read_text())
    return found


def with_examples(document: dict[str, Any]) -> None:
    """Put each example beside what it is an example of."""
    operations = {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for operation in path.values()
    }
    for example in examples():
        operation = operations[example["operation"]]
        request, answer = example["request"], example["answer"]
        # What is refused is shown by its answer: nobody is to send it.
        if "body" in request and answer["status"] < BAD_REQUEST:
            body = operation["requestBody"]["content"][request["media_type"]]
            _add(body, example, request["body"])
        told = operation["responses"][str(answer["status"])]
        if "$ref" in told:
            told = document["components"]["responses"][told["$ref"].rsplit("/", 1)[1]]
        if "body" in answer:
            _add(told["content"][answer["media_type"]], example, answer["body"])


def _add(content: dict[str, Any], example: dict[str, Any], value: Any) -> None:
    content.setdefault("examples", {})[example["name"]] = {
        "summary": example["summary"],
        "value": value,
    }
