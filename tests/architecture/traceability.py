"""What was asked for, and the test that shows it: rows, events and invariants, each with its tests.

    python -m tests.architecture.traceability    # write docs/traceability.md

`docs/traceability.toml` says, for each row of the domain and each invariant, which tests show it, or which
later capability it waits for. An event's tests are those of its own service that speak of it by name.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import sluss_contracts
from sluss_contracts.event import FACTS, Audience, Fact

assert sluss_contracts.__all__

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCE = CHECKOUT / "docs" / "traceability.toml"
PAGE = CHECKOUT / "docs" / "traceability.md"
ROWS = range(1, 57)
INVARIANTS = tuple(f"I{number}" for number in range(1, 14))
_SHOWN = 3


@cache
def asked() -> dict[str, Any]:
    """The file, as written by hand."""
    return tomllib.loads(SOURCE.read_text(encoding="utf-8"))


@cache
def every_test() -> dict[str, ast.AST]:
    """Every test function by its name for pytest (`tests/navigator/test_case.py::test_…`)."""
    return {
        f"{path.relative_to(CHECKOUT).as_posix()}::{node.name}": node
        for path in sorted((CHECKOUT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


@cache
def _speaking() -> dict[str, list[str]]:
    """The tests that speak of each word: by name, by an event's type, or through what they are built with."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, node in every_test().items():
        room = name.rsplit("/", 1)[0]
        words = _words(node)
        waiting = list(words)
        while waiting:
            fresh = _built_with(room).get(waiting.pop(), set()) - words
            words |= fresh
            waiting += fresh
        for word in words:
            found[word].append(name)
    return found


@cache
def _built_with(room: str) -> dict[str, set[str]]:
    """What the helpers and constants of one folder of tests speak of, by their names."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((CHECKOUT / room).glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() if not node.name.startswith("test_"):
                    found[node.name] |= _words(node)
                case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                    found[name] |= _words(node)
    return found


def _words(tree: ast.AST) -> set[str]:
    words: set[str] = set()
    for each in ast.walk(tree):
        match each:
            case ast.Name(id=word) | ast.Attribute(attr=word):
                words.add(word)
            case ast.Constant(value=str(text)):
                words.add(text.removeprefix("sluss.").removesuffix(".v1"))
    return words


def shown_by(fact: type[Fact]) -> list[str]:
    """Tests of the service that says it which speak of the event; what the file names comes first."""
    named = asked().get("event", {}).get(f"{fact.NOUN}.{fact.FACT}", {}).get("tests", [])
    speaking = [*_speaking()[fact.__name__], *_speaking()[f"{fact.NOUN}.{fact.FACT}"]]
    own = [name for name in speaking if name.startswith(f"tests/{fact.SAID_BY}/")]
    return list(dict.fromkeys([*named, *own]))


def events() -> Iterator[type[Fact]]:
    """Every event a service says."""
    return (fact for fact in FACTS.values() if fact.AUDIENCE is not Audience.INGRESS)


def page() -> str:
    """`docs/traceability.md`."""
    lines = [
        "<!-- Made by `python -m tests.architecture.traceability`; edit docs/traceability.toml. -->",
        "# What was asked for, and what shows it",
        "",
        "A row without a test fails the build, unless it names the later capability it waits for.",
        "",
        "## The 56 things the documents ask for",
        "",
        "| # | The software must | Shown by |",
        "|---|---|---|",
    ]
    for number in ROWS:
        row = asked()["row"][str(number)]
        lines.append(f"| {number} | {row['must']} | {_shown(row)} |")
    lines += ["", "## Invariants", "", "| Id | What must hold | Shown by |", "|---|---|---|"]
    for name in INVARIANTS:
        row = asked()["invariant"][name]
        lines.append(f"| {name} | {row['holds']} | {_shown(row)} |")
    lines += ["", "## Events", "", "| Event | Said by | Shown by |", "|---|---|---|"]
    for fact in sorted(events(), key=lambda one: one.TYPE):
        said = f"`{fact.NOUN}.{fact.FACT}`"
        lines.append(f"| {said} | {fact.SAID_BY} | {_list(shown_by(fact))} |")
    return "\n".join([*lines, ""])


def _shown(row: dict[str, Any]) -> str:
    parts = [_list(row.get("tests", []))] if row.get("tests") else []
    parts += [f"waits for {row['waits_for']}"] if "waits_for" in row else []
    return "<br>".join(parts)


def _list(names: list[str]) -> str:
    shown = [_link(*name.split("::")) for name in names[:_SHOWN]]
    more = [f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return "<br>".join([*shown, *more])


def _link(path: str, test: str) -> str:
    return f"[{test.removeprefix('test_').replace('_', ' ')}](../{path})"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
