from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core import serializers
from django.core.management import call_command
from django.utils import timezone

from eventstore import AppendOnlyViolation, store
from eventstore.models import AggregateHead, EventRedaction, StoredEvent
from tests.factories import new_event

pytestmark = pytest.mark.django_db

MODELS = (StoredEvent, AggregateHead, EventRedaction)


def _new(model: Any) -> Any:
    """An object that the database would take."""
    given = {
        "tenant_id": "acme",
        "aggregate_type": "Requirement",
        "aggregate_id": "forged",
    }
    if model is AggregateHead:
        return model(
            **given,
            current_version=1,
            last_stored_at=timezone.now(),
            archived_through=0,
        )
    if model is EventRedaction:
        return model(
            **given,
            redaction_id="forged",
            event_id="e-1",
            position=1,
            aggregate_version=1,
            fields=[],
            actor={},
            kind="redacted",
            recorded_at=timezone.now(),
        )
    return model(
        **given,
        event_id="forged",
        aggregate_version=1,
        event_type="Forged",
        event_version="v1",
        occurred_at=timezone.now(),
        stored_at=timezone.now(),
        event_data={},
        metadata={},
        is_redacted=False,
    )


ACTS: dict[str, Callable[[Any], Any]] = {
    "save of a new row": lambda model: _new(model).save(),
    "save of a stored row": lambda model: model.objects.first().save(),
    "save(force_insert)": lambda model: _new(model).save(force_insert=True),
    "save(update_fields)": lambda model: model.objects.first().save(
        update_fields=["tenant_id"]
    ),
    "save_base": lambda model: _new(model).save_base(raw=True),
    "delete": lambda model: model.objects.first().delete(),
    "create": lambda model: model.objects.create(tenant_id="acme"),
    "get_or_create": lambda model: model.objects.get_or_create(tenant_id="other"),
    "update_or_create": lambda model: model.objects.update_or_create(
        aggregate_type="Requirement", defaults={"tenant_id": "other"}
    ),
    "queryset update": lambda model: model.objects.update(tenant_id="other"),
    "queryset delete": lambda model: model.objects.all().delete(),
    "queryset raw delete": lambda model: model.objects.all()._raw_delete("default"),
    "bulk_create": lambda model: model.objects.bulk_create([_new(model)]),
    "bulk_create with conflicts": lambda model: model.objects.bulk_create(
        [_new(model)], ignore_conflicts=True
    ),
    "bulk_update": lambda model: model.objects.bulk_update(
        list(model.objects.all()), ["aggregate_type"]
    ),
    "base manager update": lambda model: model._base_manager.update(tenant_id="x"),
    "default manager delete": lambda model: model._default_manager.filter().delete(),
    "asave": lambda model: asyncio.run(_new(model).asave()),
    "adelete": lambda model: asyncio.run(_new(model).adelete()),
    "acreate": lambda model: asyncio.run(model.objects.acreate(tenant_id="acme")),
    "aupdate": lambda model: asyncio.run(model.objects.aupdate(tenant_id="other")),
    "queryset adelete": lambda model: asyncio.run(model.objects.all().adelete()),
    "abulk_create": lambda model: asyncio.run(
        model.objects.abulk_create([_new(model)])
    ),
    "abulk_update": lambda model: asyncio.run(
        model.objects.abulk_update([_new(model)], ["aggregate_type"])
    ),
}


@pytest.fixture
def log() -> str:
    event = store.append_event(new_event(), "acme")
    store.redact_event(event.event_id, "acme", ["/data/title"])
    return event.event_id


def _rows() -> list[Any]:
    return [list(model.objects.values()) for model in MODELS]


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_the_models_refuse_every_way_to_write(
    model: Any, act: Callable[[Any], Any]
) -> None:
    before = _rows()
    with pytest.raises(AppendOnlyViolation, match="history is append-only"):
        act(model)
    assert _rows() == before


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_dumped_log_is_refused_as_a_fixture(model: Any, tmp_path: Path) -> None:
    fixture = tmp_path / "log.json"
    call_command("dumpdata", model._meta.label, output=str(fixture), verbosity=0)
    dumped = json.loads(fixture.read_text())
    assert dumped[0]["fields"]["tenant_id"] == "acme"
    before = _rows()
    with pytest.raises(AppendOnlyViolation, match="Append with EventStoreService"):
        call_command("loaddata", str(fixture), verbosity=0)
    assert _rows() == before


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_fixture_with_a_row_of_its_own_is_refused(model: Any, tmp_path: Path) -> None:
    fixture = tmp_path / "forged.json"
    forged = _new(model)
    fixture.write_text(serializers.serialize("json", [forged]))
    with pytest.raises(AppendOnlyViolation, match="history is append-only"):
        call_command("loaddata", str(fixture), verbosity=0)
    assert not model.objects.exists()


@pytest.mark.usefixtures("log")
def test_a_deserialized_event_cannot_be_saved() -> None:
    text = serializers.serialize("json", StoredEvent.objects.all())
    [first, *_] = serializers.deserialize("json", text)
    with pytest.raises(AppendOnlyViolation):
        first.save()


def test_the_models_have_no_change_without_a_migration() -> None:
    call_command("makemigrations", "eventstore", check=True, dry_run=True, verbosity=0)
