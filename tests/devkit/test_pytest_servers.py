"""The servers of this very run."""

import os
import subprocess
import sys

import psycopg2
import redis

from devkit.paths import VAR


def test_postgres_of_the_run_is_ours_and_recent():
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    with connection, connection.cursor() as cursor:
        cursor.execute("select current_setting('fsync'), current_setting('server_version_num')::int >= 170000")
        found = cursor.fetchone()
    connection.close()

    assert found == ("off", True)


def test_valkey_of_the_run_answers():
    with redis.from_url(os.environ["REDIS_URL"]) as line:
        assert line.ping() is True


def test_server_keeps_statements_with_their_values_out_of_its_log():
    """psycopg2 writes values into the statement, so the server's log must repeat neither statement nor row."""
    names = ["log_error_verbosity", "log_min_error_statement", "log_min_duration_statement"]
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    with connection, connection.cursor() as cursor:
        cursor.execute("select name, setting from pg_settings where name = any(%s)", [names])
        found = dict(cursor.fetchall())
    connection.close()

    assert found == dict(zip(names, ["terse", "panic", "-1"], strict=True))


def test_what_python_compiles_is_kept_under_var_and_not_beside_the_sources():
    asked = "import sys; print(sys.dont_write_bytecode, sys.pycache_prefix)"

    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert answer.stdout.split() == ["False", str(VAR / "bytecode")]
