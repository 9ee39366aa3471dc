"""What each event means and holds, and what of it operators see: made from the contract itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from services.console.masking import Rule, rules_of
from services.console.web.frame import OPERATORS, console_page
from services.runtime.web import NothingHere, Pages
from sluss_contracts.docstrings import field_docs, meaning
from sluss_contracts.event import FACTS, PREFIX, Fact
from sluss_contracts.subjects import subject_template


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a payload, or of a part of it (`goals.words`)."""

    name: str
    kind: str | None
    """`id`, `code` or `other`; None when it is masked."""
    meaning: str
    required: bool


def contract_pages() -> Pages:
    """The pages; they read nothing but the contracts."""
    pages = Pages("console contracts")

    @pages.get("/console/contracts/{type_}", roles=OPERATORS)
    async def contract(request: Request, type_: str) -> Response:
        """One event type."""
        fact = FACTS.get(f"{PREFIX}.{type_}")
        if fact is None:
            raise NothingHere
        return console_page(
            request,
            "console_contract.html",
            type_=type_,
            fact=fact,
            paragraphs=meaning(fact).split("\n\n"),
            subject=subject_template(fact),
            fields=list(_fields(fact)),
        )

    return pages


def _fields(fact: type[Fact]) -> Iterator[Field]:
    meanings = field_docs(fact)
    for name, rule in rules_of(fact.TYPE).items():
        required = fact.model_fields[name].is_required()
        for path, kind in _leaves(name, rule):
            yield Field(path, kind, meanings.get(name, "") if path == name else "", required)


def _leaves(path: str, rule: Rule) -> Iterator[tuple[str, str | None]]:
    inside: Mapping[str, Rule] = rule.inside
    if not inside:
        yield path, rule.kind
    for name, one in inside.items():
        yield from _leaves(f"{path}.{name}", one)
