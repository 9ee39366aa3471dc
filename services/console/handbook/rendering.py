"""A page of the handbook as HTML: the Markdown that it is written in, and nothing that could run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from services.console.handbook.reading import INDEX, HandbookPage

PATH: Final = "/console/handbook"
_OUTSIDE: Final = ("https://", "http://")


def address(name: str) -> str:
    """Where a page of the handbook is read in the console."""
    return f"{PATH}/{name}".removesuffix(f"/{INDEX}")


def to_html(page: HandbookPage) -> Markup:
    """All of it but the title; no HTML of its own gets through.

    A link that leads out of the handbook, to a file that is not there to be read, is told by its words alone.
    """
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(page.text)
    for token in tokens:
        if token.children:
            token.children = list(_linked(page, token.children))
        if token.type == "th_open":
            token.attrSet("scope", "col")
    for kind, rule in _RULES.items():
        markdown.add_render_rule(kind, rule)
    return Markup(markdown.renderer.render(tokens, markdown.options, {}))


def _linked(page: HandbookPage, tokens: Sequence[Token]) -> Iterator[Token]:
    leads = True
    for token in tokens:
        if token.type == "link_open":
            wanted = str(token.attrGet("href") or "")
            found = page.names(wanted)
            if leads := found is not None or wanted.startswith(_OUTSIDE):
                token.attrSet("href", address(found) if found is not None else wanted)
        if leads or token.type not in ("link_open", "link_close"):
            yield token


def _block(_: Any, tokens: Sequence[Token], index: int, *__: Any) -> str:
    """Commands stand out from what they answer."""
    lines = tokens[index].content.rstrip("\n").split("\n")
    told = "\n".join(
        f'<kbd class="typed">{escape(line.removeprefix("$ "))}</kbd>'
        if line.startswith("$ ")
        else escape(line)
        for line in lines
    )
    return f'<pre class="bytes" tabindex="0">{told}</pre>\n'


def _table(*_: Any) -> str:
    return '<div class="beside" tabindex="0"><table class="figures in-words">\n'


def _table_end(*_: Any) -> str:
    return "</table></div>\n"


_RULES: Final[dict[str, Any]] = {
    "fence": _block,
    "code_block": _block,
    "table_open": _table,
    "table_close": _table_end,
}
