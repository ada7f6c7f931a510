"""The whole document: what drf-spectacular finds in the code, and what we say of it."""

from __future__ import annotations

import json
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings

from eventstore_project.openapi import components, prose
from eventstore_project.openapi.examples import with_examples
from eventstore_project.openapi.inspecting import ContractSchema

_SETTINGS: dict[str, Any] = {
    "OAS_VERSION": "3.1.1",
    "TITLE": "Event store",
    "DESCRIPTION": prose.INTRODUCTION,
    "VERSION": "1.0.0",
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "TAGS": [{"name": name, "description": text} for name, text in prose.TAGS.items()],
    "SCHEMA_PATH_PREFIX": "/",
    "SORT_OPERATION_PARAMETERS": False,
    "COMPONENT_SPLIT_REQUEST": False,
    "POSTPROCESSING_HOOKS": [],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}


class Generator(SchemaGenerator):
    """Walks the addresses of the API, with our inspector for each view."""

    def create_view(self, callback: Any, method: str, request: Any = None) -> Any:
        """Return the view; what the host has as DEFAULT_SCHEMA_CLASS is not asked."""
        view = super().create_view(callback, method, request)
        self._set_schema_to_view(view, ContractSchema())
        return view

    def coerce_path(self, path: str, method: str, view: Any) -> str:
        """Name the parts of a key one by one: they are segments of the path."""
        coerced: str = super().coerce_path(path, method, view)
        parts = "/".join(f"{{{name}}}" for name in getattr(view, "identity", ()))
        return coerced.replace("{key}", parts)


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document, without the ``servers``."""
    with patched_settings(_SETTINGS):
        generated = Generator(urlconf="eventstore.api.urls").get_schema(public=True)
    found: dict[str, Any] = json.loads(json.dumps(generated, default=str))
    components.complete(found)
    with_examples(found)
    return found


def as_text() -> str:
    """Return it as the file has it."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
