"""`sluss handbook`: the operators' handbook in the terminal, to be read with everything else down."""

from __future__ import annotations

import os
import re
from typing import Annotated

import typer
from rich.markdown import Markdown

from services.console.handbook.reading import INCIDENTS, INDEX, HandbookPage, NoSuchPage, names, page
from services.console.standing.place import Containers, steps_at
from sluss.commands.asking import console
from sluss.reach import DEPLOYMENT, UnknownId

_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_WIDEST = 100


def handbook(
    name: Annotated[str, typer.Argument(help="A page: watching, incidents, disk-nearly-full.")] = INDEX,
) -> None:
    """What to do, and how to see that it helped: a page for each fault, and for each thing to look after."""
    found = _page(name)
    text = steps_at(Containers(), found.text) if DEPLOYMENT in os.environ else found.text
    told = Markdown(f"# {found.title}\n\n{_LINK.sub(lambda link: _led(found, link), text)}")
    console.print(told, width=min(console.width, _WIDEST))


def _page(name: str) -> HandbookPage:
    for candidate in (name, f"{INCIDENTS}/{name}", f"{name}/{INDEX}"):
        try:
            return page(candidate)
        except NoSuchPage:
            continue
    raise UnknownId(f"the handbook has no page {name!r}", remedy=f"it has: {', '.join(sorted(_short()))}")


def _short() -> set[str]:
    """What the pages are asked for by."""
    before = f"{INCIDENTS}/"
    return {name.removesuffix(f"/{INDEX}").removeprefix(before) for name in names()} - {INDEX}


def _led(here: HandbookPage, link: re.Match[str]) -> str:
    """A link in words: how the page is asked for here."""
    name = here.names(link[2])
    if name is None:
        return link[1] if "://" not in link[2] else link[0]
    short = name.removesuffix(f"/{INDEX}").removeprefix(f"{INCIDENTS}/")
    asked = f"`sluss handbook {short}`"
    return asked if link[1].removesuffix(".md") == short else f"{link[1]} ({asked})"
