"""What a partner is told of a faulty submission, without repeating anything that may be personal data.

A field's name can be a person's too, so only names the contract has are repeated; of an unknown field the
object that holds it is named.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import get_args

from pydantic import BaseModel, ValidationError

from sluss_contracts.command import Fault
from sluss_contracts.faults import faults_of
from sluss_contracts.submission import Submission, TakingBack


def told(invalid: ValidationError) -> tuple[Fault, ...]:
    """The faults as they may be repeated, each once; codes as in `sluss_contracts.faults`."""
    found = faults_of(invalid)
    paths = [fault.path for fault in found]
    of_its_own = [
        fault
        for fault in found
        # A list is not too short besides when it is so because of its faulty items.
        if not (fault.code == "too_short" and any(path.startswith(f"{fault.path}/") for path in paths))
    ]
    return tuple(dict.fromkeys(_discreet(fault) for fault in of_its_own))


def _discreet(fault: Fault) -> Fault:
    path = place(fault.path.split("/")[1:])
    remedy = fault.remedy
    name = fault.path.rsplit("/", 1)[-1]
    if fault.code == "unknown_field" and name not in FIELDS and (near := _near(name)):
        remedy = f"{remedy} Did you mean {near}?"
    return Fault(path=path, code=fault.code, remedy=remedy)


def _near(name: str) -> str | None:
    return next(iter(get_close_matches(name, FIELDS, n=1, cutoff=0.75)), None)


def place(steps: Iterable[str | int]) -> str:
    """A JSON Pointer (RFC 6901) that ends before the first name that is not the contract's."""
    path = ""
    for step in map(str, steps):
        if step not in FIELDS and not step.isdecimal():
            break
        path += f"/{step}"
    return path


def _names(model: type[BaseModel]) -> set[str]:
    """The names of all fields of a model and of the models within it."""
    names = set(model.model_fields)
    for field in model.model_fields.values():
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                names |= _names(part)
    return names


FIELDS = frozenset(_names(Submission) | _names(TakingBack))
"""Every field name a submission may hold."""
