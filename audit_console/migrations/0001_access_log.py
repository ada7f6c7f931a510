"""The access log, append-only as the log itself."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.functions.datetime
from django.db import migrations, models

# The store's own function refuses. ENABLE ALWAYS: an ordinary trigger is silent under
# session_replication_role = replica.
_GUARDS = """
CREATE TRIGGER eventstore_guard BEFORE UPDATE OR DELETE ON audit_console_access
    FOR EACH ROW EXECUTE FUNCTION eventstore_refuse_v1();
CREATE TRIGGER eventstore_no_truncate BEFORE TRUNCATE ON audit_console_access
    FOR EACH STATEMENT EXECUTE FUNCTION eventstore_refuse_v1();
ALTER TABLE audit_console_access
    ENABLE ALWAYS TRIGGER eventstore_guard,
    ENABLE ALWAYS TRIGGER eventstore_no_truncate;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("eventstore", "0002_functions"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessRecord",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="time",
                    ),
                ),
                ("user_id", models.TextField(verbose_name="user id")),
                ("user_name", models.TextField(verbose_name="user")),
                ("act", models.TextField(verbose_name="act")),
                ("outcome", models.TextField(verbose_name="outcome")),
                (
                    "tenants",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None, verbose_name="tenants"
                    ),
                ),
                (
                    "objects_seen",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None, verbose_name="objects"
                    ),
                ),
                ("query", models.TextField(blank=True, verbose_name="query")),
                (
                    "result_count",
                    models.BigIntegerField(null=True, verbose_name="results"),
                ),
                ("purpose", models.TextField(blank=True, verbose_name="purpose")),
                ("reference", models.TextField(blank=True, verbose_name="reference")),
                ("session", models.TextField(blank=True, verbose_name="session")),
                ("ip", models.GenericIPAddressField(null=True, verbose_name="address")),
                ("user_agent", models.TextField(blank=True, verbose_name="browser")),
                ("request_id", models.TextField(verbose_name="request")),
                ("is_demo", models.BooleanField(default=False, verbose_name="demo")),
            ],
            options={
                "verbose_name": "access",
                "verbose_name_plural": "access log",
                "db_table": "audit_console_access",
                "ordering": ("-id",),
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["user_id", "id"], name="audit_access_user"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["tenants"], name="audit_access_tenants"
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["objects_seen"], name="audit_access_objects"
                    ),
                ],
            },
        ),
        migrations.RunSQL(_GUARDS, migrations.RunSQL.noop),
    ]
