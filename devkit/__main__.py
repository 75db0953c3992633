"""`python -m devkit`: what dev.py becomes once the virtual environment stands."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from devkit import bench, check, messages, run, testing
from devkit.paths import VAR
from devkit.problems import Problem

USAGE = """python3 dev.py <command>

  run [--port N] [--staff-port N] [--data DIR] [--empty]
                                          everything on this machine; Ctrl-C stops it, the data stays
  test [pytest arguments]                 all tests, or some
  check [names]                           style, types, imports, templates, migrations, containers
  format [files]                          put sources and templates into the form that check wants
  bench [names] [--quick]                 the figures of benchmarks/README.md, measured here
  messages [--check]                      extract and compile the translations
  manage <command> ...                    Django's manage.py, against the data of `run` (--data DIR first, to choose)
"""


def _run(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="dev.py run")
    parser.add_argument("--port", type=int, default=8000, help="where the site answers (8000)")
    parser.add_argument("--data", type=Path, default=VAR / "demo", help="folder that keeps everything (var/demo)")
    parser.add_argument("--staff-port", type=int, help="a second web process, for the staff (none)")
    parser.add_argument("--empty", action="store_true", help="reference data only, no invented people")
    found = parser.parse_args(words)
    options = run.Options(found.port, found.data.absolute(), empty=found.empty, staff_port=found.staff_port)
    return run.main(options)


def _manage(words: Sequence[str]) -> int:
    data = VAR / "demo"
    if words[:1] == ["--data"]:
        data, words = Path(words[1]).absolute(), words[2:]
    return run.manage(data, list(words))


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "run": _run,
    "test": testing.main,
    "check": check.main,
    "format": check.tidy,
    "bench": bench.main,
    "messages": lambda words: messages.main(list(words)),
    "manage": _manage,
}


def main() -> int:
    """Do what the first word says."""
    if sys.argv[1:2] in ([], ["help"], ["-h"], ["--help"]):
        print(USAGE)
        return 0
    command = COMMANDS.get(sys.argv[1])
    if command is None:
        print(f"There is no command {sys.argv[1]!r}.\n\n{USAGE}", file=sys.stderr)
        return 2
    try:
        return command(sys.argv[2:])
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
