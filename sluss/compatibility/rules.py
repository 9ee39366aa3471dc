"""The rules: what may change in a schema within a major version.

What the network *says* is read by programs older and newer than the one that said it, and is kept for ever:
it may neither widen (older readers) nor narrow (older events). What others *send* is read by the newest
program alone: it may widen. Keywords this module does not know must not change at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sluss.compatibility.breach import Breach, Rule

Schema = dict[str, Any]

KNOWN_WORDS = "x-known-words"
_ABOUT = "x-sluss"
_LOAD_BEARING = ("direction", "audience", "aggregate", "id", "key", "owner", "verb")

_AT_LEAST = ("minLength", "minItems", "minimum", "exclusiveMinimum", "minProperties")
_AT_MOST = ("maxLength", "maxItems", "maximum", "exclusiveMaximum", "maxProperties")
_FORMS = ("pattern", "format", "contentEncoding", "contentMediaType")
_UNIONS = ("anyOf", "oneOf")
_STRUCTURE = ("type", "const", "enum", "default", "properties", "required", "items", "additionalProperties")
_JUDGED = {*_AT_LEAST, *_AT_MOST, *_FORMS, *_UNIONS, *_STRUCTURE, "$ref", "definitions", "$defs"}
_ANNOTATIONS = {"title", "description", "examples", "$id", "$comment", "deprecated", _ABOUT, KNOWN_WORDS}


def breaches(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> list[Breach]:
    """What breaks between two sets of schemas by name. A schema only in `new` breaks nobody."""
    found: list[Breach] = []
    for name in sorted(old):
        if name in new:
            found += _Comparison(name, old[name], new[name]).found()
        else:
            found.append(Breach(name, "$", Rule.SCHEMA_REMOVED))
    return found


class _Comparison:
    """One schema against its successor."""

    def __init__(self, name: str, old: Schema, new: Schema) -> None:
        self.name, self.old, self.new = name, old, new
        self.sent = old.get(_ABOUT, {}).get("direction") == "sent"
        self._under_way: set[tuple[str, str]] = set()

    def found(self) -> Iterator[Breach]:
        yield from self._about()
        yield from self._schema("$", self.old, self.new)

    def _breach(self, path: str, rule: Rule, detail: object = "") -> Breach:
        return Breach(self.name, path, rule, str(detail))

    def _narrower(self, path: str, rule: Rule, detail: object = "") -> Iterator[Breach]:
        yield self._breach(path, rule, detail)

    def _wider(self, path: str, rule: Rule, detail: object = "") -> Iterator[Breach]:
        """Whoever receives what others send may accept more than before."""
        if not self.sent:
            yield self._breach(path, rule, detail)

    def _about(self) -> Iterator[Breach]:
        old, new = self.old.get(_ABOUT, {}), self.new.get(_ABOUT, {})
        for key in _LOAD_BEARING:
            if old.get(key) != new.get(key):
                yield self._breach("$", Rule.MEANING_CHANGED, f"{key}: {old.get(key)} → {new.get(key)}")

    def _schema(self, path: str, old: Schema, new: Schema) -> Iterator[Breach]:
        pair = (json.dumps(old, sort_keys=True), json.dumps(new, sort_keys=True))
        if pair in self._under_way:
            return  # a recursive schema: this pair is being compared further up
        self._under_way.add(pair)
        old, new = _resolved(old, self.old), _resolved(new, self.new)
        if _alternatives(old) or _alternatives(new):
            yield from self._union(path, old, new)
        else:
            yield from self._types(path, old, new)
            yield from self._words(path, old, new)
            yield from self._limits(path, old, new)
            yield from self._forms(path, old, new)
            yield from self._properties(path, old, new)
            yield from self._others(path, old, new)
            yield from self._items(path, old, new)
        if _said(old.get("default")) != _said(new.get("default")):
            yield self._breach(path, Rule.DEFAULT_CHANGED, f"{old.get('default')!r} → {new.get('default')!r}")
        yield from self._unjudged(path, old, new)
        self._under_way.discard(pair)

    def _union(self, path: str, old: Schema, new: Schema) -> Iterator[Breach]:
        before = _by_shape(_alternatives(old) or [_without_default(old)], self.old)
        after = _by_shape(_alternatives(new) or [_without_default(new)], self.new)
        for shape in before.keys() - after.keys():
            yield from self._narrower(path, Rule.ALTERNATIVE_REMOVED, shape)
        for shape in after.keys() - before.keys():
            yield from self._wider(path, Rule.ALTERNATIVE_ADDED, shape)
        for shape in sorted(before.keys() & after.keys()):
            yield from self._schema(path, before[shape], after[shape])

    def _types(self, path: str, old: Schema, new: Schema) -> Iterator[Breach]:
        before, after = _types_of(old), _types_of(new)
        change = f"{' | '.join(sorted(before)) or 'anything'} → {' | '.join(sorted(after)) or 'anything'}"
        if before == after:
            return
        if not after or (before and before < after):
            yield from self._wider(path, Rule.TYPE_WIDENED, change)
        elif not before or after < before:
            yield from self._narrower(path, Rule.TYPE_NARROWED, change)
        else:
            yield self._breach(path, Rule.TYPE_CHANGED, change)

    def _words(self, path: str, old: Schema, new: Schema) -> Iterator[Breach]:
        if "const" in old and "const" in new and old["const"] != new["const"]:
            yield self._breach(path, Rule.CONST_CHANGED, f"{old['const']!r} → {new['const']!r}")
            return
        before, after = _listed(old), _listed(new)
        if before is not None and after is not None:
            if gone := before - after:
                yield from self._narrower(path, Rule.WORDS_REMOVED, ", ".join(sorted(gone)))
            if added := after - before:
                yield from self._wider(path, Rule.WORDS_ADDED, ", ".join(sorted(added)))
        elif before is not None:
            yield from self._wider(path, Rule.WORDS_OPENED)
        elif after is not None:
            yield from self._narrower(path, Rule.WORDS_CLOSED)

    def _limits(self, path: str, old: Schema, new: Schema) -> Iterator[Breach]:
        for keyword in (*_AT_LEAST, *_AT_MOST):
            before, after = old.get(keyword), new.get(keyword)
            if before == after:
                continue
            change = f"{keyword} {before} → {after}"
            at_least = keyword in _AT_LEAST
            if after is None or (before is not None and (after < before) is at_least):
                yield from self._wider(path, Rule.LIMIT_LOOSENED, change)
            else:
                yield from self._narrower(path, Rule.LIMIT_TIGHTENED, change)

    def _forms(self, path: str, old: Schema, new: Schema) -> Iterator[Breach]:
        for keyword in _FORMS:
            before, after = old.get(keyword), new.get(keyword)
            if before == after:
                continue
            change = f"{keyword} {before} → {after}"
            if after is None:
                yield from self._wider(path, Rule.FORM_CHANGED, change)
            else:
                yield self._breach(path, Rule.FORM_CHANGED, change)

    def _properties(self, path: str, old: Schema, new: Schema) -> Iterator[Breach]:
        before, after = old.get("properties", {}), new.get("properties", {})
        must_before, must_after = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(before.keys() - after.keys()):
            yield from self._narrower(f"{path}.{name}", Rule.FIELD_REMOVED)
        for name in sorted(after.keys() - before.keys()):
            if name not in must_after and old.get("additionalProperties") is False:
                yield from self._wider(f"{path}.{name}", Rule.FIELD_ADDED_TO_CLOSED)
        for name in sorted(must_after - must_before):
            yield from self._narrower(f"{path}.{name}", Rule.FIELD_REQUIRED)
        for name in sorted(must_before - must_after):
            if name in after:
                yield from self._wider(f"{path}.{name}", Rule.FIELD_OPTIONAL)
        for name in sorted(before.keys() & after.keys()):
            yield from self._schema(f"{path}.{name}", before[name], after[name])

    def _others(self, path: str, old: Schema, new: Schema) -> Iterator[Breach]:
        before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from self._schema(f"{path}.*", before, after)
        elif (before is False and after is not False) or (before is not True and after is True):
            yield from self._wider(path, Rule.OPENED)
        elif before != after:
            yield from self._narrower(path, Rule.CLOSED)

    def _items(self, path: str, old: Schema, new: Schema) -> Iterator[Breach]:
        before, after = old.get("items"), new.get("items")
        if isinstance(before, dict) and isinstance(after, dict):
            yield from self._schema(f"{path}[]", before, after)
        elif before != after:
            yield self._breach(f"{path}[]", Rule.TYPE_CHANGED, "what the list holds")

    def _unjudged(self, path: str, old: Schema, new: Schema) -> Iterator[Breach]:
        for keyword in sorted((old.keys() | new.keys()) - _JUDGED - _ANNOTATIONS):
            if old.get(keyword) != new.get(keyword):
                yield self._breach(path, Rule.NOT_JUDGED, keyword)


def _resolved(schema: Schema, root: Schema) -> Schema:
    """The schema a reference points at, with what stands beside the reference laid over it."""
    while "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _said(default: Any) -> Any:
    """A default without what it says nothing of: absent and null are one thing (decision 0011), so an object
    that spells out one more optional field, empty, is the same default."""
    if not isinstance(default, dict):
        return default
    return {name: _said(value) for name, value in default.items() if value is not None}


def _alternatives(schema: Schema) -> list[Schema]:
    return [option for keyword in _UNIONS for option in schema.get(keyword, ())]


def _without_default(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "default"}


def _by_shape(options: list[Schema], root: Schema) -> dict[str, Schema]:
    """Alternatives by what tells them apart: a constant, or the type, and the order among equals."""
    found: dict[str, Schema] = {}
    for option in options:
        seen = _resolved(option, root)
        kind = repr(seen["const"]) if "const" in seen else " | ".join(sorted(_types_of(seen)))
        shape, again = kind, 2
        while shape in found:
            shape, again = f"{kind} #{again}", again + 1
        found[shape] = option
    return found


def _types_of(schema: Schema) -> frozenset[str]:
    """The types allowed, none meaning any; an integer is also a number."""
    named = schema.get("type", [])
    types = {named} if isinstance(named, str) else set(named)
    return frozenset(types | {"integer"} if "number" in types else types)


def _listed(schema: Schema) -> set[str] | None:
    """The only values allowed, or None where there is no such list."""
    if "const" in schema:
        return {json.dumps(schema["const"])}
    if "enum" in schema:
        return {json.dumps(value) for value in schema["enum"]}
    return None
