"""What is wrong with a document of the standard: every fault with its place and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from services.provider.hsds.document import MODELS, AtLocationWithService
from sluss_contracts.command import Fault
from sluss_contracts.faults import faults_of
from sluss_contracts.json_documents import DEEPEST, UNWRITABLE

_SCRIPT = re.compile(r"^\s*(javascript|vbscript|data)\s*:", re.IGNORECASE)
_PLAIN = re.compile(r"[a-z_0-9]{1,40}")


def faults_in(shape: str, document: Mapping[str, Any]) -> tuple[Fault, ...]:
    """What is wrong with a document of this shape, each with its place and what to do."""
    if unsafe := tuple(_unsafe(document, "", 1)):
        return unsafe
    try:
        found = MODELS[shape].model_validate(document)
    except ValidationError as invalid:
        return tuple(_mendable(fault) for fault in faults_of(invalid))
    if isinstance(found, AtLocationWithService) and found.service is None and found.service_id is None:
        return (Fault(path="/service", code="missing", remedy="Add the service, or its service_id."),)
    return ()


def _mendable(fault: Fault) -> Fault:
    """A remedy in words where a pattern would be told."""
    if fault.code != "wrong_format":
        return fault
    names = fault.path.rsplit("/", 1)[-1]
    remedy = "Write a UUID, with its hyphens." if names.endswith("id") else "Say something here."
    return fault.model_copy(update={"remedy": remedy})


def _unsafe(value: Any, path: str, depth: int) -> Iterator[Fault]:
    """What no database keeps, and what no reader may be given."""
    if depth > DEEPEST:
        yield Fault(path="", code="too_deep", remedy=f"Nest at most {DEEPEST} lists and objects.")
        return
    match value:
        case str():
            if UNWRITABLE.search(value):
                yield Fault(path=path, code="control_character", remedy="Remove the control character.")
            elif _SCRIPT.match(value):
                yield Fault(
                    path=path, code="script", remedy="Remove the script; an address begins with https://."
                )
        case dict():
            for name, inner in value.items():
                # The standard's names are plain; another's may be anything, and is not repeated.
                step = name if _PLAIN.fullmatch(name) else "?"
                yield from _unsafe(name, path, depth)
                yield from _unsafe(inner, f"{path}/{step}", depth + 1)
        case list():
            for number, inner in enumerate(value):
                yield from _unsafe(inner, f"{path}/{number}", depth + 1)
