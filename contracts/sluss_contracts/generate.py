"""Writes everything that is made from the contracts: schemas, AsyncAPI, pages of events and instruments.

    python -m sluss_contracts.generate            # write, and remove what no longer belongs
    python -m sluss_contracts.generate --check    # write nothing; fail when a file is not as it would be

Needs pydantic alone. Works on the checkout the package lies in.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path

from sluss_contracts import asyncapi, pages, plain_yaml, schemas
from sluss_contracts.instruments.pages import instrument_pages

CHECKOUT = Path(__file__).resolve().parents[2]

_OURS = (
    "contracts/schemas/*.json",
    "contracts/schemas/commands/*.json",
    "docs/events/*.md",
    "docs/instruments/[!R]*.md",  # its README is written by hand
)
"""Folders where every file of this shape is generated, so that a file of a dropped type is removed."""


@cache
def generated() -> dict[str, str]:
    """Every generated file: its path within the checkout, and its text."""
    files = {f"contracts/schemas/{name}": _json(schema) for name, schema in schemas.every_schema().items()}
    files["contracts/schemas/asyncapi.yaml"] = plain_yaml.written(asyncapi.document())
    files |= {f"docs/events/{name}": text for name, text in pages.event_pages().items()}
    files |= {f"docs/instruments/{name}": text for name, text in instrument_pages().items()}
    files["docs/partners/receipt-codes.md"] = pages.receipt_codes()
    return files


def stale(checkout: Path = CHECKOUT) -> list[str]:
    """The generated files that are missing, differ, or should not be there; in order."""
    wanted = generated()
    wrong = {name for name, text in wanted.items() if _text(checkout / name) != text}
    return sorted(wrong | _leftover(checkout, set(wanted)))


def write(checkout: Path = CHECKOUT) -> list[str]:
    """Make every generated file as it should be; returns those that were not."""
    changed = stale(checkout)
    wanted = generated()
    for name in changed:
        path = checkout / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], encoding="utf-8")
        else:
            path.unlink()
    return changed


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        wrong = stale()
        for name in wrong:
            print(f"{name} is not what the code makes of it; run make schemas", file=sys.stderr)
        return 1 if wrong else 0
    if arguments:
        print("usage: python -m sluss_contracts.generate [--check]", file=sys.stderr)
        return 2
    for name in write():
        print(name)
    return 0


def _leftover(checkout: Path, wanted: set[str]) -> set[str]:
    found = {path.relative_to(checkout).as_posix() for shape in _OURS for path in checkout.glob(shape)}
    return found - wanted


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _json(document: schemas.Schema) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
