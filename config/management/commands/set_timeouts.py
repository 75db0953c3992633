"""`manage.py set_timeouts`: statement, lock and idle-in-transaction timeouts as settings of the database role.

Behind PgBouncer in transaction mode the web processes cannot set them themselves (a SET would land on one server
connection of many), so the role carries them. Run it after each `migrate`, over a direct connection.
"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from psycopg2 import sql


class Command(BaseCommand):
    """Idempotent; new server connections of this role in this database have the timeouts."""

    requires_system_checks: list[str] = []  # part of an installation that may not be complete yet
    help = "Set the database timeouts (DB_*_TIMEOUT_MS) on the role, for installations behind PgBouncer."

    def handle(self, *args: Any, **options: Any) -> None:
        """One ALTER ROLE per timeout; a role may alter its own."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select current_user, current_database()")
            role, database = cursor.fetchone() or ("", "")
            for name, milliseconds in settings.DB_TIMEOUTS.items():
                statement = sql.SQL("alter role {} in database {} set {} = {}").format(
                    sql.Identifier(role), sql.Identifier(database), sql.Identifier(name), sql.Literal(milliseconds)
                )
                cursor.execute(statement)
        self.stdout.write(f"Timeouts of {role} in {database}: {settings.DB_TIMEOUTS}")
