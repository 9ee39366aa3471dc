"""Writes `docs/architecture/lifecycles.md` and `authority.md` from the code.

python -m sluss.lifecycles            # write
python -m sluss.lifecycles --check    # write nothing; fail when a page is not as it would be
"""

from __future__ import annotations

import sys
from pathlib import Path

from sluss.lifecycles.pages import pages

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "architecture"


def main(arguments: list[str]) -> int:
    """Write or check; 1 when something is stale."""
    stale = [
        FOLDER / name
        for name, text in pages().items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != text
    ]
    for path in stale:
        if arguments == ["--check"]:
            print(f"{path.name} is not what the code makes of it; run make schemas", file=sys.stderr)
        else:
            path.write_text(pages()[path.name], encoding="utf-8")
            print(path.name)
    return 1 if stale and arguments == ["--check"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
