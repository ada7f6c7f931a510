"""What one operation looks like: from its view, and from what we say of it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema

from eventstore.api.documents import Reader
from eventstore_project.openapi import parameters
from eventstore_project.openapi.operations import (
    OPERATIONS,
    Answer,
    Operation,
    reference,
)


class ExactJson(OpenApiSerializerFieldExtension):
    """A JSON document is any JSON value."""

    target_class = "eventstore.api.serializers.ExactJSONField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        """Return the schema that allows all."""
        return {}


class ContractSchema(AutoSchema):
    """Takes schemas from serializers and the rest from :mod:`.operations`."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Return the operation in full."""
        found: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if found is not None and self._told.extensions:
            found.update(self._told.extensions)
        return found

    def is_excluded(self) -> bool:
        """Leave out the pages for browsers that show the document."""
        return isinstance(self.view, Reader)

    @property
    def _told(self) -> Operation:
        return OPERATIONS[self.get_operation_id()]

    def get_operation_id(self) -> str:
        """Return ``resource_action``, with the method where there is no action."""
        steps = [step for step in self.path.strip("/").split("/") if step[:1] != "{"]
        action = getattr(self.view, "action", None) or self.method.lower()
        names = [*steps, *([] if action in steps else [action])]
        return "_".join(names).replace("-", "_").replace(".", "_")

    def get_tags(self) -> list[str]:
        """Return the resource."""
        return [self._told.tag]

    def get_summary(self) -> str:
        """Return one line."""
        return self._told.summary

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        """Return the rest."""
        return self._told.description

    def get_auth(self) -> list[Any]:
        """Leave it to the whole document, which says it once."""
        return []

    def is_deprecated(self) -> bool:
        """Ask the view."""
        return getattr(self.view, "deprecation", None) is not None

    def _get_parameters(self) -> list[dict[str, Any]]:
        return parameters.of(self.path, self.view, self._told)

    def _get_request_body(self, direction: str = "request") -> dict[str, Any] | None:
        return self._told.request

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        told = self._told
        bodies = {
            str(code): {"description": answer.description}
            | ({"content": self._content(answer)} if answer.schema else {})
            | ({"headers": answer.headers} if answer.headers else {})
            | ({"links": answer.links} if answer.links else {})
            for code, answer in told.answers.items()
        }
        return bodies | {
            str(code): reference("responses", name)
            for code, name in told.problems.items()
        }

    def _content(self, answer: Answer) -> dict[str, Any]:
        schema = self._schema(answer.schema)
        own = {media_type: {"schema": schema} for media_type in answer.media_types}
        return own | {kind: {"schema": other} for kind, other in answer.others.items()}

    def _schema(self, told: Any) -> Any:
        match told:
            case "row":
                return self._row()
            case "rows":
                return _listed(self._row(), next=reference("schemas", "Next"))
            case "all":
                return _listed(self._row())
            case [row]:
                return _listed(row)
            case _:
                return told

    def _row(self) -> dict[str, Any]:
        serializer = self._get_serializer()
        row: dict[str, Any] = self.resolve_serializer(serializer, "response").ref
        return row


def _listed(row: Any, **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [*more, "results"],
        "properties": {**more, "results": {"type": "array", "items": row}},
    }
