"""``python -m bench [NAME[:PART,...]]``: run every bench or the one named, print the table.

The results go into ``bench/results.json``. A target that does not hold is said, not punished: this measures, and ends
with 0 all the same.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
import traceback
from pathlib import Path

import bench
from bench.measure import Result, table
from lib.settings import UnreadableSetting

RESULTS = Path(__file__).with_name("results.json")
_PARTS = ("__main__", "database", "endpoint", "measure", "million", "press")


def main(only: str | None) -> int:
    """Run them; returns the exit code."""
    names = [found.name for found in pkgutil.iter_modules(bench.__path__) if found.name not in _PARTS]
    only, _, parts = (only or "").partition(":")
    if only and only not in names:
        print(f"There is no bench {only}; there are: {', '.join(names)}.", file=sys.stderr)
        return 2
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} before the first call")
    results: list[Result] = []
    broken: list[str] = []
    for name in [only] if only else names:
        print(f"{name} ...", flush=True)
        try:
            # What was measured stays if the rest fails.
            results.extend(importlib.import_module(f"bench.{name}").run(*filter(None, parts.split(","))))
        except UnreadableSetting as error:
            print(error, file=sys.stderr)
            return 2
        except Exception:
            traceback.print_exc()
            broken.append(name)
    RESULTS.write_text(json.dumps([one.as_json() for one in results], indent=1) + "\n", encoding="utf-8")
    print(table(results))
    missed = sum(one.holds is False for one in results)
    print(f"{missed} target(s) DO NOT hold." if missed else "Every target holds.")
    if broken:
        print(f"Not measured to the end: {', '.join(broken)}.", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
