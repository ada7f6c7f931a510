"""What makes a model append-only: rows come from the database's functions alone."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from django.db import models

from eventstore.exceptions import AppendOnlyViolation

M = TypeVar("M", bound=models.Model)


def _refuse(act: str, model: type[models.Model]) -> NoReturn:
    msg = (
        f"{act} on {model.__name__} is refused: history is append-only. "
        "Append with EventStoreService, remove values with redact_event()."
    )
    raise AppendOnlyViolation(msg)


class AppendOnlyQuerySet(models.QuerySet[M]):
    """A QuerySet that reads and does nothing else."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            AppendOnlyViolation: always.
        """
        _refuse("update()", self.model)

    def delete(self) -> NoReturn:
        """Refuse.

        Raises:
            AppendOnlyViolation: always.
        """
        _refuse("delete()", self.model)

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            AppendOnlyViolation: always.
        """
        _refuse("bulk_create()", self.model)

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            AppendOnlyViolation: always.
        """
        _refuse("bulk_update()", self.model)

    # Fixtures are loaded past the model's methods, by these.

    def _raw_delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        _refuse("delete()", self.model)

    def _update(self, *args: Any, **kwargs: Any) -> NoReturn:
        _refuse("update()", self.model)

    def _insert(self, *args: Any, **kwargs: Any) -> NoReturn:
        _refuse("create()", self.model)

    # Django's templates must not call what would only raise.
    update.alters_data = True  # type: ignore[attr-defined]
    delete.alters_data = True  # type: ignore[attr-defined]


class AppendOnlyModel(models.Model):
    """A row that exists because the store accepted it, and stays."""

    objects = models.Manager.from_queryset(AppendOnlyQuerySet)()

    class Meta:
        """Guard the base manager too: Django writes through it."""

        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            AppendOnlyViolation: always.
        """
        _refuse("save()", type(self))

    def save_base(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            AppendOnlyViolation: always.
        """
        _refuse("save()", type(self))

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            AppendOnlyViolation: always.
        """
        _refuse("delete()", type(self))

    save.alters_data = True  # type: ignore[attr-defined]
    delete.alters_data = True  # type: ignore[attr-defined]
