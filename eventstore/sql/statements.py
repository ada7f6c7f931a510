"""Read the ``.sql`` files; the only module that knows where they lie."""

from __future__ import annotations

import zlib
from functools import cache
from importlib import resources

#: What others have in them.
_PARTS = (
    "event_columns",
    "insert_many",
    "insert_many_at",
    "insert_many_new",
    "insert_one",
    "insert_one_at",
    "insert_one_new",
    "store_many",
    "store_one",
)
_FILES = resources.files("eventstore.sql")


@cache
def query(name: str) -> str:
    """Return the text of ``queries/<name>.sql``.

    What several statements share is a file of its own, whose name in braces stands for
    it: ``{event_columns}`` for the columns that every read of events returns.

    Raises:
        FileNotFoundError: there is no such statement.
    """
    text = (_FILES / "queries" / f"{name}.sql").read_text(encoding="utf-8")
    for part in _PARTS:
        if f"{{{part}}}" in text:
            text = text.replace(f"{{{part}}}", query(part).strip())
    return text


def function_names() -> list[str]:
    """Return the names of the functions of ``schema/functions``, sorted."""
    files = (_FILES / "schema" / "functions").iterdir()
    return sorted(file.name.removesuffix(".sql") for file in files)


def schema_object(path: str, schema: str) -> str:
    """Return the text of ``schema/<path>.sql`` for the quoted name of a schema.

    Raises:
        FileNotFoundError: there is no such file.
    """
    text = (_FILES / "schema" / f"{path}.sql").read_text(encoding="utf-8")
    return text.replace("{schema}", schema).replace(
        "{lock_namespace}", str(_lock_namespace(schema))
    )


def _lock_namespace(schema: str) -> int:
    """Return the 15 high bits of the advisory locks of the store in ``schema``.

    Two stores in one database draw from two sequences: their locks must differ.
    """
    return zlib.crc32(f"eventstore:{schema}".encode()) & 0x7FFF
