"""One module builds and parses subjects; everybody else asks it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.conftest import CHECKOUT

SPELLED = ("sluss.evt", "sluss.cmd", "sluss.in.", "sluss.out.", "IN_", "OUT_")
ROOTS = {"EVENTS", "COMMANDS", "INGRESS", "OUTGOING"}
"""What every subject begins with. Put into a longer text, it makes a subject."""

ALONE = {
    "contracts/sluss_contracts/subjects.py": "the one place",
    "sluss/people/referrer.py": "a partner, which shares no code with the network on purpose",
}
SOURCES = sorted(
    path
    for folder in ("contracts", "services", "sluss")
    for path in (CHECKOUT / folder).rglob("*.py")
    if path.relative_to(CHECKOUT).as_posix() not in ALONE
)


def spelled(source: str) -> Iterator[str]:
    """Subjects and stream names a module spells itself. Docstrings may: they only tell."""
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in prose and text.startswith(SPELLED):
                yield text
            case ast.FormattedValue(value=ast.Name(id=name)) if name in ROOTS:
                yield f"{{{name}}}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_nobody_else_spells_a_subject(path: Path) -> None:
    assert list(spelled(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "violation",
    [
        "subject = f'{EVENTS}.{slot}.case.closed.v1.{key}'",
        "subject = 'sluss.cmd.navigator.' + verb",
        "stream = f'OUT_{organisation}'",
        "organisation = stream.removeprefix('IN_')",
    ],
)
def test_a_planted_subject_is_caught(violation: str) -> None:
    assert list(spelled(violation))


def test_the_exceptions_are_still_needed() -> None:
    for path in ALONE:
        assert list(spelled((CHECKOUT / path).read_text(encoding="utf-8")))
