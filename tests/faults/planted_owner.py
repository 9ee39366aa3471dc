"""`python -m tests.faults.planted_owner BUG …`: an owner's process with a bug in it ('-' for none)."""

from __future__ import annotations

import runpy
import sys

from tests.faults.bugs import plant

if __name__ == "__main__":
    bug = sys.argv.pop(1)
    if bug != "-":
        plant(bug)
    runpy.run_module("tests.runtime.engine.process", run_name="__main__", alter_sys=True)
