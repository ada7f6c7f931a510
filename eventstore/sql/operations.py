"""Run the ``.sql`` files of the schema in migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.migrations.operations.base import Operation

from eventstore.sql.statements import schema_object

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import ProjectState


class RunSQLFile(Operation):
    """Run ``schema/<path>.sql`` in the schema that the migration's tables are in.

    Args:
        path: the file, without its ending.
        reverse: the file that undoes it; ``None`` when there is nothing to undo.
    """

    reduces_to_sql = True

    def __init__(self, path: str, reverse: str | None = None) -> None:
        """Name the files."""
        self.path = path
        self.reverse = reverse

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Leave the state of the models alone."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Run the file."""
        _run(self.path, schema_editor)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Run the file that undoes it."""
        if self.reverse is not None:
            _run(self.reverse, schema_editor)

    def describe(self) -> str:
        """Name the file."""
        return f"Run {self.path}.sql"


class CreateFunction(RunSQLFile):
    """Create the function ``name`` of ``schema/functions/<name>.sql``."""

    def __init__(self, name: str) -> None:
        """Name the function."""
        super().__init__(f"functions/{name}")
        self.name = name

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return what makes this operation again."""
        return (type(self).__name__, [self.name], {})

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Create the function, and take it from everybody but its owner."""
        super().database_forwards(app_label, schema_editor, from_state, to_state)
        schema = _current_schema(schema_editor)
        schema_editor.execute(
            f"REVOKE ALL ON FUNCTION {schema}.{self.name} FROM PUBLIC", params=None
        )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop the function."""
        schema = _current_schema(schema_editor)
        schema_editor.execute(f"DROP FUNCTION {schema}.{self.name}", params=None)

    def describe(self) -> str:
        """Name the function."""
        return f"Create function {self.name}"


def _run(path: str, schema_editor: BaseDatabaseSchemaEditor) -> None:
    sql = schema_object(path, _current_schema(schema_editor))
    schema_editor.execute(sql, params=None)


def _current_schema(schema_editor: BaseDatabaseSchemaEditor) -> str:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT pg_catalog.quote_ident(pg_catalog.current_schema())")
        return str(cursor.fetchone()[0])
