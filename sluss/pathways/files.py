"""Reading a pathway's file. Whatever is wrong with it is told with file, line and remedy, all in one go."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from sluss.registry.entries import Faulty, Mistake
from sluss_contracts.faults import faults_of
from sluss_contracts.pathway import Pathway
from sluss_contracts.toml_lines import Place, broken_at, line_of, lines_of

SHIPPED = (
    "open-network",
    "tillsammans-skarptorp",
    "sar-umea",
    "halsolots-hogsby",
    "frome-connectors",
    "bromley-by-bow",
)
"""The pathways that come with Sluss, the default first."""


def read(path: Path) -> Pathway:
    """The pathway a file holds. Raises `Faulty` with every mistake, and where it stands."""
    name = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Faulty([Mistake(name, 0, "there is no such file")]) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise Faulty([Mistake(name, line, "is not UTF-8 text here; save the file as UTF-8")]) from None
    except OSError as error:
        raise Faulty([Mistake(name, 0, f"cannot be read: {error.strerror}")]) from None
    return judged(text, name)


def judged(text: str, name: str) -> Pathway:
    """The pathway written in `text`. Raises `Faulty`, naming the file `name`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Faulty([_not_toml(error, text, name)]) from None
    try:
        return Pathway.model_validate(document, strict=False)
    except ValidationError as error:
        lines = lines_of(text)
        found = [_mistake(each, document, lines, name) for each in _told(error)]
        raise Faulty(sorted(found, key=lambda mistake: mistake.line)) from None


def read_all(paths: Iterable[Path]) -> list[Pathway]:
    """Several files. Raises `Faulty` with the mistakes of all of them, and when two are one pathway."""
    mistakes: list[Mistake] = []
    found: dict[str, tuple[Path, Pathway]] = {}
    for path in paths:
        try:
            pathway = read(path)
        except Faulty as faulty:
            mistakes += faulty.mistakes
            continue
        if pathway.pathway in found:
            other = found[pathway.pathway][0]
            text = f"pathway: {pathway.pathway} is in {other} too; give one of them another name"
            lines = lines_of(path.read_text(encoding="utf-8-sig"))
            mistakes.append(Mistake(str(path), line_of(lines, ("pathway",)), text))
        found[pathway.pathway] = path, pathway
    if mistakes:
        raise Faulty(mistakes)
    return [pathway for _, pathway in found.values()]


def shipped(names: Sequence[str] = SHIPPED) -> list[Pathway]:
    """The pathways that come with Sluss."""
    return read_all(shipped_file(name) for name in names)


def shipped_file(name: str) -> Path:
    """Where one of them lies: beside this package where it is installed, else in the checkout."""
    installed = Path(str(files("sluss.pathways").joinpath("shipped", f"{name}.toml")))
    return (
        installed if installed.exists() else Path(__file__).resolve().parents[2] / "pathways" / f"{name}.toml"
    )


def _not_toml(error: tomllib.TOMLDecodeError, text: str, name: str) -> Mistake:
    line, what = broken_at(error, text)
    remedy = {
        "Invalid value": 'write text in "quotes", lists in [brackets], and true or false in small letters',
        "Expected '=' after a key in a key/value pair": "write it as: key = value",
        "Cannot overwrite a value": "it is said twice; keep one of them",
    }.get(what, "mend the line, or put a # before it")
    if what.startswith("Cannot declare"):
        remedy = "this table is there twice; join them, or write [[…]] where there are to be several"
    return Mistake(name, line, f"is not TOML here ({what}); {remedy}")


def _told(error: ValidationError) -> list[tuple[Place, str, str, Any]]:
    """Place, code, remedy and what pydantic says besides, for each error."""
    raw = error.errors(include_url=False, include_input=False)
    return [
        (entry["loc"], fault.code, fault.remedy, entry.get("ctx", {}))
        for entry, fault in zip(raw, faults_of(error), strict=False)
    ]


def _mistake(
    told: tuple[Place, str, str, Any], document: dict[str, Any], lines: Mapping[Place, int], name: str
) -> Mistake:
    place, code, remedy, more = told
    label = _labelled(place)
    match code:
        case "missing":
            what = f"{label} is missing; add it"
        case "unknown_field":
            names = sorted(_names_at(place[:-1]))
            near = get_close_matches(str(place[-1]), names, n=1)
            mend = f"did you mean {near[0]}?" if near else f"there may be: {', '.join(names)}"
            what = f"{label} is nothing a pathway has; {mend}"
        case "unknown_word":
            said = _value_at(document, place)
            words = re.findall(r"'([^']+)'", str(more.get("expected", "")))
            near = get_close_matches(str(said), words, n=1)
            hint = f"did you mean {near[0]!r}? It is" if near else "it is"
            what = f"{label}: {said!r} is none of the words; {hint} one of {', '.join(words)}"
        case "wrong_value":
            what = str(more.get("error", remedy))
            place = place or ((what.split()[0],) if what.split()[0] in document else ())
        case "wrong_format":
            what = f"{label}: use lower-case letters, digits and hyphens alone, as in open-network"
        case "wrong_type" if isinstance(_value_at(document, place), str):
            what = f"{label}: give a number, a list or true/false here, not text in quotes"
        case _:
            what = f"{label}: {remedy[0].lower()}{remedy[1:].rstrip('.')}"
    return Mistake(name, line_of(lines, place), what)


def _labelled(place: Place) -> str:
    """How a person names a place in the file: `steps 2: minutes`, counting from one."""
    parts: list[str] = []
    for part in place:
        if isinstance(part, int) and parts:
            parts[-1] += f" {part + 1}"
        else:
            parts.append(str(part))
    return ": ".join(parts)


def _value_at(document: Any, place: Place) -> Any:
    for part in place:
        document = document[part]
    return document


def _names_at(place: Place) -> set[str]:
    """The names that may stand within a place of a pathway."""
    model: Any = Pathway
    for part in place:
        if isinstance(part, str):
            model = _model_within(model.model_fields[part].annotation)
    return set(model.model_fields)


def _model_within(annotation: Any) -> Any:
    """The model an annotation is about, also as one of several."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = getattr(annotation, "__args__", ())
    return next(found for each in inner if (found := _model_within(each)) is not None) if inner else None
