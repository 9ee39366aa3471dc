"""python -m sluss.compatibility check    # fail if the contracts break what was published
python -m sluss.compatibility accept   # publish them as they are; refused if they break anything
"""

from __future__ import annotations

import sys
from pathlib import Path

from sluss.compatibility.published import PUBLISHED, accept, published, working
from sluss.compatibility.rules import breaches


def main(arguments: list[str], checkout: Path) -> int:
    """The exit status: 0 when nothing breaks, 1 when something does, 2 for a wrong call."""
    if arguments not in (["check"], ["accept"]):
        print(__doc__, file=sys.stderr)
        return 2
    now = working(checkout)
    if (checkout / PUBLISHED).exists():
        found = breaches(published(checkout).schemas, now.schemas)
        for breach in found:
            print(breach, file=sys.stderr)
        if found:
            print(
                f"{len(found)} changes break what was published. Add an optional field instead, or a new "
                "major version of the type beside the old one.",
                file=sys.stderr,
            )
            return 1
    elif arguments == ["check"]:
        print(f"{PUBLISHED} is missing: nothing was ever published", file=sys.stderr)
        return 1
    if arguments == ["accept"]:
        accept(now, checkout)
    print(f"{len(now.schemas)} contracts, none broken")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path(__file__).resolve().parents[2]))
