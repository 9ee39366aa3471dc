"""Where things stand in a TOML file: the line of every key, by its path in the document.

`tomllib` reads a file and forgets its lines; tree-sitter reads the same file and keeps them.
"""

from __future__ import annotations

import json
from collections import Counter

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

Path = tuple[str | int, ...]

_LANGUAGE = Language(tree_sitter_toml.language())
_KEYS = ("bare_key", "quoted_key", "dotted_key")


class Places:
    """The lines of one file. It should be TOML; of anything else it knows what it could make out."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        self._counted: Counter[Path] = Counter()
        for node in Parser(_LANGUAGE).parse(text.encode()).root_node.children:
            match node.type:
                case "pair":
                    self._pair((), node)
                case "table":
                    self._table(node, self._reach(self._key(node)))
                case "table_array_element":
                    named = self._reach(self._key(node))
                    place = (*named, self._counted[named])
                    self._counted[named] += 1
                    self._table(node, place)
                case _:
                    pass

    def line_of(self, path: Path) -> int:
        """Where this stands; what is not in the file stands where that begins which should hold it."""
        for length in range(len(path), 0, -1):
            if line := self._lines.get(path[:length]):
                return line
        return 1

    def _table(self, node: Node, place: Path) -> None:
        self._note(place, node)
        for child in node.children:
            if child.type == "pair":
                self._pair(place, child)

    def _pair(self, within: Path, node: Node) -> None:
        place = (*within, *self._key(node))
        self._note(place, node)
        self._value(place, node.named_children[-1])

    def _value(self, place: Path, node: Node) -> None:
        if node.type == "inline_table":
            for child in node.children:
                if child.type == "pair":
                    self._pair(place, child)
        elif node.type == "array":
            entries = [child for child in node.named_children if child.type != "comment"]
            for number, entry in enumerate(entries):
                self._note((*place, number), entry)
                self._value((*place, number), entry)

    def _note(self, place: Path, node: Node) -> None:
        for length in range(1, len(place) + 1):
            self._lines.setdefault(place[:length], node.start_point.row + 1)

    def _reach(self, named: Path) -> Path:
        """`[steps.name]` after `[[steps]]` is about the latest of the steps."""
        reached: Path = ()
        for number, part in enumerate(named):
            reached = (*reached, part)
            if number < len(named) - 1 and (count := self._counted[reached]):
                reached = (*reached, count - 1)
        return reached

    def _key(self, node: Node) -> Path:
        key = next((child for child in node.named_children if child.type in _KEYS), None)
        return tuple(_names(key)) if key else ()


def _names(key: Node) -> list[str]:
    text = (key.text or b"").decode()
    match key.type:
        case "dotted_key":
            return [name for child in key.named_children for name in _names(child)]
        case "quoted_key" if text.startswith('"'):
            return [str(json.loads(text))]
        case "quoted_key":
            return [text[1:-1]]
        case _:
            return [text]
