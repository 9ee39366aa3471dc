"""What has been published: the schemas and examples every later version is held against.

Kept as one committed file and not read from version control, because a fresh clone may hold a single commit
and an exported tree none. It moves forward only through `accept`, which refuses a change that breaks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMAS = Path("contracts/schemas")
EXAMPLES = Path("contracts/examples")
PUBLISHED = Path("contracts/published.json")

_PROSE = {"title", "description"}


@dataclass(frozen=True)
class Contracts:
    """Schemas and examples by the names of their files."""

    schemas: dict[str, Any]
    examples: dict[str, Any]


def working(checkout: Path) -> Contracts:
    """The contracts as they lie in a checkout."""
    folder = checkout / SCHEMAS
    return Contracts(
        schemas={path.relative_to(folder).as_posix(): _read(path) for path in sorted(folder.rglob("*.json"))},
        examples={path.name: _read(path) for path in sorted((checkout / EXAMPLES).glob("*.json"))},
    )


def published(checkout: Path) -> Contracts:
    """The contracts as last accepted. Raises `FileNotFoundError` before anything was."""
    kept = _read(checkout / PUBLISHED)
    return Contracts(kept["schemas"], kept["examples"])


def accept(contracts: Contracts, checkout: Path) -> None:
    """Make these the published ones. Prose is left out: it may change freely."""
    kept = {
        "schemas": {name: _bare(schema) for name, schema in contracts.schemas.items()},
        "examples": contracts.examples,
    }
    text = json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True)
    (checkout / PUBLISHED).write_text(text + "\n", encoding="utf-8")


def _bare(schema: Any) -> Any:
    """Without the prose; a field that happens to be called `title` is no prose."""
    if isinstance(schema, list):
        return [_bare(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {}
    for key, value in schema.items():
        if key in ("properties", "definitions"):
            kept[key] = {name: _bare(inner) for name, inner in value.items()}
        elif not (key in _PROSE and isinstance(value, str)):
            kept[key] = _bare(value)
    return kept


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
