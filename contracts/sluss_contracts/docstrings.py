"""What the contracts say of themselves: the docstrings of classes, and the strings under their fields.

Read from the source, and only when something is generated: importing the contracts must stay cheap.
"""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache


def meaning(declared: type) -> str:
    """A class's docstring as paragraphs of running text."""
    return inspect.cleandoc(declared.__doc__ or "")


def in_short(declared: type) -> str:
    """The first sentence of a class's docstring, on one line."""
    first = " ".join(meaning(declared).split("\n\n")[0].split())
    sentence, dot, _ = first.partition(". ")
    return sentence + dot.strip()


def field_docs(declared: type) -> dict[str, str]:
    """The string under each field or member of a class, its parents' included."""
    found: dict[str, str] = {}
    for parent in reversed(declared.__mro__):
        if parent.__module__.startswith("sluss_contracts"):
            name = parent.__name__.partition("[")[0]  # Event[ReferralAccepted] is declared as Event
            found |= _declared_in(parent.__module__).get(name, {})
    return found


@cache
def _declared_in(module: str) -> dict[str, dict[str, str]]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: _under_fields(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _under_fields(declared: ast.ClassDef) -> dict[str, str]:
    found = {}
    for field, below in zip(declared.body, declared.body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = " ".join(text.split())
    return found
