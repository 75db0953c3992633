"""The servers of this very run."""

import os

import psycopg2
import redis


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
