"""What no single field of a pack can say: that its parts belong together."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sluss_contracts.instruments.format import Item, Pack, Scale

Complaint = tuple[tuple[str | int, ...], str]
"""Where in the pack, and what is wrong with it and how to mend it."""


def unsound(pack: Pack) -> list[Complaint]:
    """Everything that does not hold together, in the order of the file."""
    found = [*_items(pack), *_wording(pack)]
    if not found:  # a scale's range can be reckoned only from items that are sound
        found = list(_scales(pack))
    return found


def _items(pack: Pack) -> Iterator[Complaint]:
    if pack.options and pack.span:
        yield ("span",), "give either options or a span, not both: an item may have its own"
    yield from _options(pack.options, ())
    yield from _twice([item.item for item in pack.items], "items", "item")
    for n, item in enumerate(pack.items):
        where = ("items", n)
        if item.options and item.span:
            yield (*where, "span"), f"{item.item} has both options and a span; give one of them"
        yield from _options(item.options, where)
        values = pack.values_of(item)
        if not values:
            yield (
                where,
                f"{item.item} has nothing to answer with: give options or a span, here or for all items",
            )
        elif len(values) == 1 or values[0] == values[-1]:
            yield where, f"{item.item} must have at least two different answers"
        if strange := sorted(set(item.counts) - set(values)):
            yield (*where, "counts"), f"{item.item} counts {strange}, which nobody can answer"
        if item.counts and item.reversed:
            yield (
                (*where, "reversed"),
                f"{item.item} counts answers as one; say which ones instead of reversing",
            )


def _options(options: Collection[object], where: tuple[str | int, ...]) -> Iterator[Complaint]:
    for name in ("value", "key"):
        said = [getattr(option, name) for option in options]
        if len(said) != len(set(said)):
            yield (*where, "options"), f"two options have the same {name}; each must have its own"


def _wording(pack: Pack) -> Iterator[Complaint]:
    texts: list[tuple[tuple[str | int, ...], dict[str, str]]] = [
        (("items", n, "text"), item.text) for n, item in enumerate(pack.items)
    ]
    texts += [(("options", n, "text"), option.text) for n, option in enumerate(pack.options)]
    for n, item in enumerate(pack.items):
        texts += [(("items", n, "options", m, "text"), option.text) for m, option in enumerate(item.options)]
    if pack.wording == "keys":
        if pack.languages:
            yield (
                ("languages",),
                "a pack of keys can be asked in no language; set wording or remove languages",
            )
        for where, text in texts:
            if text:
                yield (
                    where,
                    "a pack of keys holds no wording; set wording to open or licensed, and say on what terms",
                )
        return
    if not pack.languages:
        yield ("languages",), "name the languages it may be asked in, as in languages = ['sv']"
    for where, text in texts:
        if missing := [language for language in pack.languages if language not in text]:
            yield (
                where,
                f"the text in {', '.join(missing)} is missing; add it, or take the language from languages",
            )


def _scales(pack: Pack) -> Iterator[Complaint]:
    yield from _twice([scale.scale for scale in pack.scales], "scales", "scale")
    for n, scale in enumerate(pack.scales):
        where = ("scales", n)
        if unknown := [item for item in scale.items if item not in pack.by_item]:
            yield (*where, "items"), f"{scale.scale} names items the pack does not have: {', '.join(unknown)}"
            continue
        if len(scale.items) != len(set(scale.items)):
            yield (*where, "items"), f"{scale.scale} names an item twice"
        if scale.rule == "sum" and len(scale.items) < 2:
            yield (*where, "rule"), f"{scale.scale} has one item: its rule is ordinal, none or change"
        if scale.rule != "sum" and len(scale.items) > 1:
            yield (*where, "rule"), f"{scale.scale} has several items, which only the rule sum puts together"
        if scale.missing_at_most >= len(scale.items):
            yield (*where, "missing_at_most"), f"{scale.scale} would have a score without a single answer"
        lowest, highest = reach(pack, scale)
        if (scale.lowest, scale.highest) != (lowest, highest):
            yield (
                (*where, "lowest"),
                f"{scale.scale} runs from {lowest} to {highest} by its items; write that",
            )
        yield from _bands(scale, where)


def _bands(scale: Scale, where: tuple[str | int, ...]) -> Iterator[Complaint]:
    expected = scale.lowest
    for m, band in enumerate(scale.bands):
        if band.lowest != expected or band.highest < band.lowest:
            yield (
                (*where, "bands", m),
                f"this band of {scale.scale} must begin at {expected}, after the one before",
            )
            return
        expected = band.highest + 1
    if scale.bands and expected != scale.highest + 1:
        yield (*where, "bands"), f"the bands of {scale.scale} must end at {scale.highest}"


def reach(pack: Pack, scale: Scale) -> tuple[int, int]:
    """The lowest and the highest the items can come to when all are answered, or as many as must be."""
    ends = [_ends(pack, pack.by_item[name]) for name in scale.items]
    # An unanswered item counts as nought, which may be less than its lowest answer.
    gain = sorted((low for low, _ in ends if low > 0), reverse=True)[: scale.missing_at_most]
    loss = sorted(high for _, high in ends if high < 0)[: scale.missing_at_most]
    return sum(low for low, _ in ends) - sum(gain), sum(high for _, high in ends) - sum(loss)


def _ends(pack: Pack, item: Item) -> tuple[int, int]:
    values = pack.values_of(item)
    if not item.counts:
        return values[0], values[-1]
    return (1 if set(values) <= set(item.counts) else 0), 1


def _twice(said: list[str], field: str, one: str) -> Iterator[Complaint]:
    for n, name in enumerate(said):
        if name in said[:n]:
            yield (field, n, one), f"{name} is there already; give each a name of its own"
