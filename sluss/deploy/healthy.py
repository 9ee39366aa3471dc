"""`python -m sluss.deploy.healthy URL`: exits with 0 when a part says that it is fit for work, else 1."""

from __future__ import annotations

import sys
from urllib.error import URLError
from urllib.request import urlopen


def main() -> None:
    """The standard library alone, because it runs every few seconds in every container."""
    try:
        with urlopen(sys.argv[1], timeout=3) as answer:
            sys.exit(0 if answer.status == 200 else 1)
    except (URLError, OSError) as silent:
        sys.exit(f"{sys.argv[1]}: {silent}")


if __name__ == "__main__":
    main()
