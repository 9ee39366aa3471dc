"""Where the handbook's pages lie, and what they are called."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

INCIDENTS: Final = "incidents"
"""The folder of the runbooks, a page for each kind of fault."""
INDEX: Final = "README"
_WRITTEN_IN: Final = "en"
"""What is there in another language lies in a folder of its own beside it."""
_NAME: Final = re.compile(r"[a-z]+(-[a-z]+)*(/[a-z]+(-[a-z]+)*)?|README|incidents/README")
_INSTALLED: Final = Path(__file__).parent / "shipped"
_CHECKOUT: Final = Path(__file__).resolve().parents[3] / "docs" / "operators"


class NoSuchPage(LookupError):
    """The handbook has no page of this name."""


@dataclass(frozen=True, slots=True)
class HandbookPage:
    """One page, as it is written."""

    name: str
    """`watching`, `incidents/disk-nearly-full`; the front pages are `README` and `incidents/README`."""
    language: str
    title: str
    text: str
    """Markdown, without the title."""

    def names(self, link: str) -> str | None:
        """The page of the handbook that a link on this one leads to; None when it leads out of it."""
        path = link.partition("#")[0]
        if ":" in path or not path.endswith(".md"):
            return None
        spoken = "" if self.language == _WRITTEN_IN else self.language
        here = posixpath.join(posixpath.dirname(self.name), spoken)
        name = posixpath.normpath(posixpath.join(here, path)).removesuffix(".md")
        name = name.replace(f"/{spoken}/", "/") if spoken else name
        return name if name in names() else None


def folder() -> Path:
    """Beside this package where it is installed, else in the checkout."""
    return _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT


@cache
def names() -> frozenset[str]:
    """Every page there is."""
    found = [path.relative_to(folder()).with_suffix("") for path in folder().rglob("*.md")]
    return frozenset(name for path in found if _NAME.fullmatch(name := path.as_posix()) and _is_a_page(path))


def _is_a_page(path: Path) -> bool:
    return path.parent.as_posix() in (".", INCIDENTS)


def runbooks() -> Sequence[str]:
    """The faults that have a page, by name: `disk-nearly-full`."""
    before = f"{INCIDENTS}/"
    return sorted(
        name.removeprefix(before) for name in names() if name.startswith(before) and not name.endswith(INDEX)
    )


@cache
def page(name: str, language: str = _WRITTEN_IN) -> HandbookPage:
    """One page; in English where it is not there in the language. Raises `NoSuchPage`."""
    if name not in names():
        raise NoSuchPage(name)
    path = folder() / f"{name}.md"
    translated = path.parent / language / path.name
    spoken, path = (language, translated) if translated.is_file() else (_WRITTEN_IN, path)
    title, _, text = path.read_text(encoding="utf-8").partition("\n")
    return HandbookPage(name, spoken, title.removeprefix("# ").strip(), text.strip())


def runbook(name: str, language: str = _WRITTEN_IN) -> HandbookPage:
    """The page of one fault. Raises `NoSuchPage`."""
    return page(f"{INCIDENTS}/{name}", language)
