"""`python3 dev.py bench [names] [--quick]`: measure, print one JSON object per goal, fail below a floor."""

import argparse
import importlib
import sys
import time
from collections.abc import Sequence

import django

from benchmarks import stage as stages
from benchmarks.stage import Stage

NAMES = (
    "book_ratio", "pg_ratio", "hot_ratio", "avail_buffers", "day_cpu", "hot_wal", "closure", "closure_killed", "search",
    "letters", "overload",
)  # fmt: skip


def main(words: Sequence[str]) -> int:
    """1 when a figure is below its floor."""
    parser = argparse.ArgumentParser(prog="dev.py bench")
    parser.add_argument("names", nargs="*", help="one or more; all without a name")
    parser.add_argument("--quick", action="store_true", help="small numbers: does it run? Nothing to quote")
    options = parser.parse_args(words)
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"there is no figure {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    stage, locks = stages.prepare(quick=options.quick)
    try:
        django.setup()
        held = [_measured(name, stage) for name in options.names or NAMES]
    finally:
        stages.clear(stage, locks)
    return 0 if all(held) else 1


def _measured(name: str, stage: Stage) -> bool:
    """Print the figure; whether it is above its floor."""
    # Imported here, because these modules import models, and those need the servers' addresses in the environment.
    supply = importlib.import_module("benchmarks.supply")
    module = importlib.import_module(f"benchmarks.{name}")
    began = time.monotonic()
    known = supply.open_copy(stage, name)
    try:
        figure = module.measure(stage, known)
    finally:
        supply.drop_copy(stage)
    print(figure.line(), flush=True)
    print(f"# {name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    holds: bool = figure.holds
    return holds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
