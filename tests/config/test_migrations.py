"""Migrations run in the day: what grows with the people is never locked while an index of it is made."""

import pytest
from django.db import connection, migrations
from django.db.migrations.loader import MigrationLoader

GROWS = {
    "auditevent", "message", "registration", "appointment", "invitation", "accesslink", "slot", "call", "callperson",
}  # fmt: skip
# From these on nobody stops the work for an update; before them nobody had registered.
SINCE = {"accounts": 6, "booking": 18, "centers": 9, "notifications": 4, "priority": 3}


def operations():
    """Each operation of the newer migrations, and which tables its migration makes."""
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if int(name[:4]) >= SINCE.get(app, 10_000):
            made = {one.name_lower for one in migration.operations if isinstance(one, migrations.CreateModel)}
            for one in migration.operations:
                yield f"{app}.{name}", one, made


def locks(operation):
    """Whether it reads a whole table that grows, under a lock that keeps writers out."""
    if type(operation) in (migrations.AddIndex, migrations.AddConstraint):
        return operation.model_name_lower in GROWS
    sql = str(getattr(operation, "sql", ""))
    return " INDEX " in sql and "CONCURRENTLY" not in sql


def test_no_migration_keeps_writers_out_while_it_reads_a_table_that_grows():
    found = [
        f"{where}: {operation.describe()}"
        for where, operation, made in operations()
        if locks(operation) and getattr(operation, "model_name_lower", "") not in made
    ]
    assert found == []


@pytest.mark.django_db
def test_what_was_made_beside_the_work_is_whole():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
        assert cursor.fetchall() == []
        cursor.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated")
        assert cursor.fetchall() == []
