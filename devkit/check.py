"""`dev.py check`: everything about the code that needs no test. All checks run, then the exit code tells."""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from devkit import sockets
from devkit.paths import ROOT, VAR
from devkit.servers import Servers
from devkit.testenv import DEPLOYED_ENVIRONMENT, TEST_ENVIRONMENT

LONGEST_FILE = 400
PACKAGES = (
    "press",
    "reference",
    "accounts",
    "centers",
    "priority",
    "notifications",
    "booking",
    "web",
    "config",
    "devkit",
    "benchmarks",
)
COMPOSE = ("--builtin-schema", "vendor.compose-spec", "docker-compose.yml")
LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


@dataclass(frozen=True)
class Check:
    """One question, the command that answers it by its exit code, and the environment it wants."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=lambda: TEST_ENVIRONMENT)


def checks() -> list[Check]:
    """Every check, quick ones first."""
    python = sys.executable
    templates = [str(path) for path in sorted((ROOT / "templates").rglob("*.html"))]
    packages = [name for name in PACKAGES if (ROOT / name).is_dir()]
    return [
        Check("style", [python, "-m", "ruff", "check", "."]),
        Check("format", [python, "-m", "ruff", "format", "--check", "."]),
        Check("length", [python, "-m", "devkit.check"]),
        Check("templates", [_tool("djade"), "--check", "--target-version", "5.2", *templates]),
        Check("messages", [python, "-m", "devkit.messages", "--check"]),
        Check(
            "compose",
            [python, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"],
        ),
        Check("dockerfile", [_tool("hadolint"), "Dockerfile"]),
        Check("image", [python, "-m", "devkit.image"]),
        Check("imports", [python, "-c", LINT_IMPORTS]),
        Check("migrations", [python, "manage.py", "makemigrations", "--check", "--dry-run"]),
        Check(
            "deploy",
            [python, "manage.py", "check", "--deploy", "--fail-level", "WARNING", "--database", "default"],
            DEPLOYED_ENVIRONMENT,
        ),
        Check("types", [python, "-m", "mypy", *packages]),
    ]


def _tool(name: str) -> str:
    """The path of a program that a wheel has put beside Python."""
    return shutil.which(name, path=sysconfig.get_path("scripts")) or name


def main(words: Sequence[str]) -> int:
    """Run the checks, or those named; 0 when all are content."""
    parser = argparse.ArgumentParser(prog="dev.py check")
    parser.add_argument("names", nargs="*", help="only these: " + ", ".join(check.name for check in checks()))
    wanted = parser.parse_args(words).names
    data, data_lock = sockets.temporary(VAR / "test", "check-")
    folder, folder_lock = sockets.temporary(sockets.BASE, f"impf-test-{os.geteuid()}-")
    servers = Servers(data=data, sockets=folder, careless=True)
    try:
        addresses = servers.start()
        failed = [
            check.name for check in checks() if check.name in (wanted or check.name) and not _passes(check, addresses)
        ]
    finally:
        servers.stop()
        for path in (data, folder):
            shutil.rmtree(path, ignore_errors=True)
        for lock in (data_lock, folder_lock):
            os.close(lock)
    print(f"Checks failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def _passes(check: Check, addresses: Mapping[str, str]) -> bool:
    """Run one check; what it says is printed when it fails."""
    began = time.monotonic()
    environment = {**os.environ, **check.environment, **addresses, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        check.command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    word = "failed" if done.returncode else "ok"
    print(f"{check.name:12} {word:7} {time.monotonic() - began:5.1f} s", flush=True)
    if done.returncode:
        print(f"{done.stdout}{done.stderr}".rstrip(), flush=True)
    return done.returncode == 0


def tidy(words: Sequence[str]) -> int:
    """`dev.py format`: put style and templates (all, or the given files) into the one form that `check` wants."""
    python = sys.executable
    files = list(words) or [str(path) for path in sorted((ROOT / "templates").rglob("*.html"))]
    templates = [name for name in files if name.endswith(".html")]
    sources = [name for name in words if name.endswith(".py")] or ([] if words else ["."])
    if sources:
        subprocess.run([python, "-m", "ruff", "check", "--fix", "--quiet", *sources], cwd=ROOT)
        subprocess.run([python, "-m", "ruff", "format", "--quiet", *sources], cwd=ROOT)
    if templates:
        subprocess.run([_tool("djade"), "--target-version", "5.2", *templates], cwd=ROOT)
    return 0


def too_long() -> list[str]:
    """Python files of ours with more lines than a reader holds in mind; migrations are history and may."""
    tracked = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True).stdout.splitlines()
    files = [name for name in tracked if "/migrations/" not in name and (ROOT / name).exists()]
    lengths = {name: len(Path(ROOT / name).read_text(encoding="utf-8").splitlines()) for name in files}
    return [
        f"{name}: {length} lines, at most {LONGEST_FILE}" for name, length in lengths.items() if length > LONGEST_FILE
    ]


if __name__ == "__main__":
    found = too_long()
    print("\n".join(found))
    sys.exit(1 if found else 0)
