"""Install the functions and the guards of history."""

from __future__ import annotations

from django.db import migrations

from eventstore.sql.operations import CreateFunction, RunSQLFile


class Migration(migrations.Migration):
    """In the order in which they call one another."""

    dependencies = [("eventstore", "0001_initial")]

    operations = [
        RunSQLFile("tables", reverse="remove_tables"),
        RunSQLFile("import_lines", reverse="remove_import_lines"),
        RunSQLFile("notified", reverse="remove_notified"),
        CreateFunction("eventstore_notify_v1"),
        CreateFunction("eventstore_head_position_v1"),
        CreateFunction("eventstore_hold_position_v1"),
        CreateFunction("eventstore_enter_v1"),
        CreateFunction("eventstore_stable_position_v1"),
        CreateFunction("eventstore_only_removes_v1"),
        CreateFunction("eventstore_within_limits_v1"),
        CreateFunction("eventstore_unbump_v1"),
        CreateFunction("eventstore_append_one_v1"),
        CreateFunction("eventstore_judge_v1"),
        CreateFunction("eventstore_store_events_v1"),
        CreateFunction("eventstore_append_many_v1"),
        CreateFunction("eventstore_import_versions_v1"),
        CreateFunction("eventstore_import_bump_v1"),
        CreateFunction("eventstore_import_any_stored_v1"),
        CreateFunction("eventstore_import_store_v1"),
        CreateFunction("eventstore_import_judge_v1"),
        CreateFunction("eventstore_import_chunk_v1"),
        CreateFunction("eventstore_redact_v1"),
        CreateFunction("eventstore_record_snapshot_v1"),
        CreateFunction("eventstore_guard_event_v1"),
        CreateFunction("eventstore_guard_aggregate_v1"),
        CreateFunction("eventstore_refuse_v1"),
        RunSQLFile("triggers/guards", reverse="triggers/remove_guards"),
    ]
