"""Starts a service with a fault planted: `python -m tests.faults.planted FOLDER SERVICE`.

`FOLDER/SERVICE.points` holds fault points, one to a line; each start takes the first and leaves the rest, so
a service that is started again after a death meets the next one, and in the end none. `FOLDER/SERVICE.bug`
names a bug of `tests.faults.bugs`, which is planted at every start.
"""

from __future__ import annotations

import os
import runpy
import sys
from importlib import import_module
from pathlib import Path


def main() -> None:
    folder, service = Path(sys.argv[1]), sys.argv[2]
    point = _take_first(folder / f"{service}.points")
    if point:
        os.environ["SLUSS_FAULT_POINT"] = point
    import_module("services.runtime.engine.faultpoint")  # reads the variable as it is imported
    os.environ.pop("SLUSS_FAULT_POINT", None)
    bug = folder / f"{service}.bug"
    if bug.exists():
        import_module("tests.faults.bugs").plant(bug.read_text().strip())
    sys.argv = [f"services.{service}"]
    runpy.run_module(f"services.{service}", run_name="__main__", alter_sys=True)


def _take_first(path: Path) -> str | None:
    try:
        first, *rest = path.read_text().splitlines()
    except (FileNotFoundError, ValueError):
        return None
    path.write_text("".join(f"{line}\n" for line in rest))
    return first


if __name__ == "__main__":
    main()
