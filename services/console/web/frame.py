"""What all pages of the console share: whom they are for, and the ways between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request
from starlette.responses import HTMLResponse

from services.runtime.web import Identity, mark, site_of
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role

OPERATORS: Final = frozenset({Role.OPERATOR})
"""Whom every page of the console is for."""


@dataclass(frozen=True, slots=True)
class Section:
    """One way in the console's own navigation."""

    path: str
    label: str


SECTIONS: Final[tuple[Section, ...]] = (
    Section("/console", mark("Events")),
    Section("/console/story", mark("Stories")),
    Section("/console/health", mark("Health")),
    Section("/console/streams", mark("Streams")),
    Section("/console/loops", mark("Open loops")),
    Section("/console/deadletters", mark("Dead letters")),
    Section("/console/audit", mark("Audit log")),
    Section("/console/handbook", mark("Handbook")),
)
"""In the order they stand in. A page is in the section with the longest path that its own begins with."""


def section_of(path: str) -> Section:
    """The section a page belongs to."""
    inside = [section for section in SECTIONS if path == section.path or path.startswith(f"{section.path}/")]
    return max(inside, key=lambda section: len(section.path), default=SECTIONS[0])


def console_page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page in the console's frame: its template extends `console_frame.html`."""
    here = section_of(request.url.path)
    return site_of(request).page(request, template, status=status, sections=SECTIONS, section=here, **context)


async def operators_of_the_demo() -> Sequence[Identity]:
    """Whom a visitor of the demonstration may be here: two, for what one proposes another must approve."""
    people = {"demo-operator": "Jo Viklund", "demo-operator-2": "Nour Haddad"}
    return [Identity(Actor(id=id, role=Role.OPERATOR), name) for id, name in people.items()]
