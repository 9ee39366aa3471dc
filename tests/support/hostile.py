"""A network in which everything that anybody wrote freely is an attack."""

from __future__ import annotations

import re
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, StringConstraints

from sluss_contracts.command import Answer, Command
from tests.support.casework import Casework
from tests.support.planning import ATTACK

M = TypeVar("M", bound=BaseModel)
Free = tuple[str, str]
"""A command's or a part's name, and the field of it that takes free words."""


class HostileCasework(Casework):
    """Whatever is sent by command carries the attack in each of its free texts."""

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        return await super().ask(hostile(command), timeout=timeout)

    async def refer(self, name: str, **said: Any) -> str:
        person = {"name": f"{name} {ATTACK}", "safe_contact": {"must_not_know": ATTACK}} | said.pop(
            "person", {}
        )
        referrer = {"unit": f"Mottagningen {ATTACK}", "person": f"Sara {ATTACK}", "channel": "staff"}
        return await super().refer(
            name, **({"person": person, "referrer": referrer, "reason": ATTACK} | said)
        )


def hostile(said: M) -> M:
    """The same with the attack at the end of every free text that is filled in, however deep."""
    changed = {}
    for name, field in type(said).model_fields.items():
        value = getattr(said, name)
        attacked = _attacked(value, (field.annotation, *field.metadata))
        if attacked is not value:
            changed[name] = attacked
    return said.model_copy(update=changed) if changed else said


def _attacked(value: Any, annotation: Any) -> Any:
    match value:
        case BaseModel():
            return hostile(value)
        case tuple():
            return tuple(_attacked(one, annotation) for one in value)
        case dict():
            return {key: _attacked(one, annotation) for key, one in value.items()}
        case str() if room := _room_for_words(annotation):
            return value if ATTACK in value else f"{value[: room - len(ATTACK) - 1]} {ATTACK}"
        case _:
            return value


def free_texts(kind: type[BaseModel]) -> set[Free]:
    """The fields that take free words, in this and in the parts it is made of."""
    found: set[Free] = set()
    for name, field in kind.model_fields.items():
        annotation = (field.annotation, *field.metadata)
        if _room_for_words(annotation):
            found.add((kind.__name__, name))
        for part in _within(annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                found |= free_texts(part)
    return found


def attacked_texts(said: BaseModel) -> set[Free]:
    """The fields of it that carry the attack."""
    found: set[Free] = set()
    for name in type(said).model_fields:
        value = getattr(said, name)
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
        for one in parts:
            if isinstance(one, BaseModel):
                found |= attacked_texts(one)
            elif isinstance(one, str) and ATTACK in one:
                found.add((type(said).__name__, name))
    return found


def _room_for_words(annotation: Any) -> int:
    """How long a text there may be; 0 where it is no text, or only certain ones."""
    for part in _within(annotation):
        if not isinstance(part, StringConstraints) or (part.max_length or 0) <= len(ATTACK):
            continue
        if part.pattern is None or re.search(part.pattern, f"Ord {ATTACK}"):
            return part.max_length or 0
    return 0


def _within(annotation: Any) -> list[Any]:
    """An annotation and everything it is made of, a union's and a tuple's parts too."""
    parts = annotation if isinstance(annotation, tuple) else (annotation, *get_args(annotation))
    if not isinstance(annotation, tuple):
        parts = parts[1:]
    found = [] if isinstance(annotation, tuple) else [annotation]
    for part in parts:
        found += _within(part) if get_args(part) or isinstance(part, tuple) else [part]
    return found
