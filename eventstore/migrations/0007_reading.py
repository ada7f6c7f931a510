"""Install what the filters of the API read with."""

from __future__ import annotations

from django.db import migrations

from eventstore.sql.operations import CreateFunction


class Migration(migrations.Migration):
    """Containment within tenants, and the position of a moment."""

    dependencies = [("eventstore", "0006_idempotency")]

    operations = [
        CreateFunction("eventstore_contains_v1"),
        CreateFunction("eventstore_position_at_v1"),
    ]
