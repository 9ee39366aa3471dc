"""What the four services declare: their lifecycles, and which reaction may say which event."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from services.runtime.lifecycle import Lifecycle
from services.runtime.service import Handler, Service
from sluss_contracts.event import FACTS, Audience, Fact

SERVICES = ("referral", "navigator", "provider", "notify")


@cache
def services() -> dict[str, Service]:
    """Each service with all its reactions."""
    return {name: importlib.import_module(f"services.{name}.app").service for name in SERVICES}


@cache
def lifecycles() -> dict[str, Lifecycle[Any]]:
    """Every lifecycle by the kind of aggregate it is of, in the services' order."""
    found: dict[str, Lifecycle[Any]] = {}
    for name in SERVICES:
        package = importlib.import_module(f"services.{name}.domain")
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, Lifecycle):
                    found.setdefault(value.kind, value)
    return found


@dataclass(frozen=True)
class Reaction:
    """Why a service may say an event: a command, another event, or a due date."""

    service: str
    way: str
    """`command`, `event` or `timer`."""
    name: str
    """The command's verb, the event's type without prefix and version, the timer's kind."""
    handler: Handler
    says: frozenset[type[Fact]]


@cache
def reactions() -> tuple[Reaction, ...]:
    """Every reaction of every service, with the events it may say."""
    found = []
    for name, service in services().items():
        own = said_by(name)
        ways = (
            *(("command", command.VERB, handler) for command, handler in service.commands.items()),
            *(("event", f"{fact.NOUN}.{fact.FACT}", handler) for fact, handler in service.handlers.items()),
            *(("timer", kind, handler) for kind, handler in service.timers.items()),
        )
        found += [
            Reaction(name, way, verb, handler, frozenset(_built_by(handler) & own))
            for way, verb, handler in ways
        ]
    return tuple(found)


def said_by(service: str) -> set[type[Fact]]:
    """What a service says, to the network or to a partner."""
    return {
        fact for fact in FACTS.values() if service == fact.SAID_BY and fact.AUDIENCE is not Audience.INGRESS
    }


def _built_by(handler: Handler) -> set[type[Fact]]:
    """The facts that the handler, or anything of the services it calls, builds.

    Read from the source: a fact's name counts unless it is only compared with (a pattern, `isinstance`) or
    names a type. It may hold an event that a path never reaches; it never lacks one that is said.
    """
    said: set[type[Fact]] = set()
    seen: set[Any] = set()
    waiting: list[Any] = [part for part in (handler.handle, handler.look_up, handler.prepare_with) if part]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        for value in _named(one):
            if isinstance(value, type) and issubclass(value, Fact):
                said.add(value)
            elif _is_ours(value):
                waiting.append(value)
    return said


def _is_ours(value: Any) -> bool:
    if isinstance(value, FunctionType | type):
        folds = getattr(value, "__name__", "").startswith(("evolve", "_change"))
        return value.__module__.startswith("services.") and ".runtime" not in value.__module__ and not folds
    return False


def _named(thing: Any) -> Iterator[Any]:
    """What the source of a function or class speaks of, as objects."""
    tree = _tree(thing)
    if tree is None:
        return
    names: Mapping[str, Any] = (
        thing.__globals__ if isinstance(thing, FunctionType) else vars(inspect.getmodule(thing) or ast)
    )
    for node in _spoken(tree):
        value = _value(node, names)
        if isinstance(value, dict):  # a table of rules: what it leads to, not what it is keyed by
            yield from value.values()
        elif isinstance(value, tuple | list | frozenset | set):
            yield from value
        else:
            yield value


@cache
def _tree(thing: Any) -> ast.AST | None:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(thing)))
    except (OSError, TypeError, SyntaxError):
        return None


def _spoken(tree: ast.AST) -> Iterator[ast.Name | ast.Attribute]:
    """Names that are used, not compared with and not written as types."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Name() | ast.Attribute(value=ast.Name()):
                yield node
            case ast.MatchClass():
                waiting += [*node.patterns, *node.kwd_patterns]
            case ast.Call(func=ast.Name(id="isinstance" | "issubclass")):
                waiting += node.args[:1]
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                waiting += [*node.body, *node.args.defaults]
            case ast.AnnAssign():
                waiting += [node.value] if node.value else []
            case _:
                waiting += list(ast.iter_child_nodes(node))


def _value(node: ast.Name | ast.Attribute, names: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    assert isinstance(node.value, ast.Name)
    owner = names.get(node.value.id)
    return getattr(owner, node.attr, None) if isinstance(owner, ModuleType | type) else None
