"""Sockets, tethers, stale locks, the installer's words: small real things."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from devkit import install, postgres, process, run, sockets
from devkit.problems import Problem


def test_socket_path_is_short_whatever_the_checkout_is_called(tmp_path):
    data = tmp_path / ("ein langer Ordner " * 10)

    folder = sockets.for_data(data)

    assert len(os.fsencode(folder / "pg" / ".s.PGSQL.5432")) < 107
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sockets.for_data(data) == folder
    folder.rmdir()


def test_socket_folder_of_somebody_else_is_refused(tmp_path):
    (tmp_path / "theirs").symlink_to(tmp_path)

    with pytest.raises((Problem, FileExistsError)):
        sockets.private(tmp_path / "theirs")


def test_folder_of_a_killed_run_is_swept_and_a_living_one_is_kept(tmp_path):
    dead, lock = sockets.temporary(tmp_path, "run-")
    os.close(lock)
    living, _ = sockets.temporary(tmp_path, "run-")

    sockets.temporary(tmp_path, "run-")

    assert (dead.exists(), living.exists()) == (False, True)


def test_tethered_process_dies_with_its_parent(tmp_path):
    parent = subprocess.Popen(
        [
            sys.executable, "-c",
            "import pathlib, sys, time; sys.path.insert(0, sys.argv[2]); from devkit import process\n"
            "log = pathlib.Path(sys.argv[1])\n"
            "child = process.start(process.tethered(['sleep', '600']), log=log)\n"
            "log.with_suffix('.pid').write_text(str(child.pid)); time.sleep(600)",
            str(tmp_path / "log"), str(Path(process.__file__).parent.parent),
        ]
    )  # fmt: skip
    pid = tmp_path / "log.pid"
    while not pid.exists() or not pid.read_text():
        time.sleep(0.02)
    child = Path("/proc") / pid.read_text()
    while b"sleep" not in (child / "cmdline").read_bytes()[:6]:
        time.sleep(0.02)

    parent.kill()
    parent.wait()

    until = time.monotonic() + 10
    while child.exists() and "\nState:\tZ" not in (child / "status").read_text() and time.monotonic() < until:
        time.sleep(0.02)
    assert not child.exists() or "\nState:\tZ" in (child / "status").read_text()


@pytest.fixture
def server(tmp_path):
    folder, lock = sockets.temporary(sockets.BASE, f"impf-test-{os.geteuid()}-")
    found = postgres.Postgres(data=tmp_path / "pg", sockets=folder / "pg", log=tmp_path / "log")
    yield found
    found.stop()
    os.close(lock)


def test_postgres_survives_a_crash_and_a_lock_left_behind(server):
    server.start()
    execute(server.url, "create table kept (n int); insert into kept values (7)")
    assert server.process is not None
    server.process.send_signal(signal.SIGQUIT)
    server.process.wait(20)
    # The number in the lock has gone to another program meanwhile.
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n")

    server.start()

    assert execute(server.url, "select n from kept") == [(7,)]


def test_postgres_orders_by_code_point_in_utf8_everywhere(server):
    server.start()

    found = execute(
        server.url,
        "select datlocprovider, datcollate, datlocale, pg_encoding_to_char(encoding) from pg_database"
        " where datname = current_database()",
    )

    assert found == [("b", "C", "C.UTF-8", "UTF8")]


def execute(url: str, statement: str) -> list[tuple]:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full. Free about 1 GB"),
        ("ERROR: Could not find a version / No matching distribution found for uv", "Check the network"),
        ("error: dns error: failed to lookup address", "Check the network"),
        ("[Errno 13] Permission denied: '.venv'", "cannot be written to"),
        ("something else", "Installing failed: something else. Details: var/install.log"),
    ],
)
def test_words_of_the_installer_become_a_cure(text, words):
    assert words in str(install.explained(text))


def test_full_disk_is_named_before_anything_starts(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "LEAST_FREE_BYTES", 10**18)

    with pytest.raises(Problem, match=r"The disk is full\. Free at least"):
        run.main(run.Options(port=8000, data=tmp_path, empty=True))


def test_python_without_venv_is_told_its_cure(tmp_path, monkeypatch):
    """A Python whose `ensurepip` was taken out, as Debian does."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'ensurepip is not available'\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(install, "LOG", tmp_path / "log")
    monkeypatch.setattr(install.sys, "executable", str(python))
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Problem, match="apt install python3-venv"):
        install._make()


def test_changed_requirements_ask_for_an_installation(tmp_path, monkeypatch):
    file = tmp_path / "requirements.txt"
    file.write_text("Django==5.2.19\n")
    monkeypatch.setattr(install, "REQUIREMENTS", (file,))
    before = install.fingerprint()

    file.write_text("Django==5.2.20\n")

    assert install.fingerprint() != before
