"""API keys, and grants to them."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("eventstore", "0007_reading"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("prefix", models.TextField(unique=True, verbose_name="prefix")),
                ("name", models.TextField(verbose_name="name")),
                ("digest", models.BinaryField(verbose_name="digest")),
                (
                    "former_digest",
                    models.BinaryField(null=True, verbose_name="former digest"),
                ),
                (
                    "former_expires_at",
                    models.DateTimeField(
                        null=True, verbose_name="former secret expires at"
                    ),
                ),
                (
                    "former_used_at",
                    models.DateTimeField(
                        null=True, verbose_name="former secret last used at"
                    ),
                ),
                ("scopes", models.JSONField(null=True, verbose_name="scopes")),
                ("networks", models.JSONField(default=list, verbose_name="networks")),
                (
                    "rate",
                    models.TextField(blank=True, db_default="", verbose_name="rate"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="created at",
                    ),
                ),
                (
                    "expires_at",
                    models.DateTimeField(null=True, verbose_name="expires at"),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(null=True, verbose_name="revoked at"),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(null=True, verbose_name="last used at"),
                ),
            ],
            options={
                "verbose_name": "API key",
                "verbose_name_plural": "API keys",
                "db_table": "eventstore_api_keys",
                "default_permissions": ("view", "change"),
            },
        ),
        migrations.RemoveConstraint(
            model_name="tenantgrant",
            name="eventstore_grant_principal",
        ),
        migrations.AddField(
            model_name="apikey",
            name="created_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="created by",
            ),
        ),
        migrations.AddField(
            model_name="tenantgrant",
            name="key",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tenant_grants",
                to="eventstore.apikey",
                verbose_name="API key",
            ),
        ),
        migrations.AddConstraint(
            model_name="tenantgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("group__isnull", True),
                        ("key__isnull", True),
                        ("user__isnull", False),
                    ),
                    models.Q(
                        ("group__isnull", False),
                        ("key__isnull", True),
                        ("user__isnull", True),
                    ),
                    models.Q(
                        ("group__isnull", True),
                        ("key__isnull", False),
                        ("user__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="eventstore_grant_principal",
            ),
        ),
        migrations.AddConstraint(
            model_name="tenantgrant",
            constraint=models.UniqueConstraint(
                fields=("tenant_id", "key", "role"), name="eventstore_grant_key"
            ),
        ),
    ]
