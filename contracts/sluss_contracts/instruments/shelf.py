"""The packs there are: those shipped with the contracts, and those a network has published besides."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from sluss_contracts.instruments.format import Item, Option, Pack, Span, Wording
from sluss_contracts.instruments.reading import read_pack
from sluss_contracts.instruments.scoring import InstrumentError


class UnknownInstrument(InstrumentError):
    """No pack of that name and version is shipped or published."""

    code = "unknown_instrument"


class ScoringDiffers(InstrumentError):
    """A pack of that name and version is there and scores otherwise: scores of the two would be mixed up."""

    code = "scoring_differs"


@cache
def built_in() -> tuple[Pack, ...]:
    """The packs shipped with this version of the contracts, by name."""
    shipped = files("sluss_contracts.instruments") / "packs"
    found = sorted(shipped.iterdir(), key=lambda file: file.name)
    return tuple(
        read_pack(file.read_text(encoding="utf-8"), file.name)
        for file in found
        if file.name.endswith(".toml")
    )


def pack_of(instrument: str, version: int | None = None, published: Iterable[Pack] = ()) -> Pack:
    """One pack; the newest version where none is named. What is published goes before what is shipped, since
    it may add wording. Raises `UnknownInstrument`."""
    named: dict[int, Pack] = {}
    for pack in (*built_in(), *published):
        if pack.instrument == instrument:
            named[pack.version] = pack
    if not named:
        known = sorted({each.instrument for each in (*built_in(), *published)})
        raise UnknownInstrument(f"there is no instrument {instrument}; these are: {', '.join(known)}")
    wanted = max(named) if version is None else version
    if wanted not in named:
        there = ", ".join(map(str, sorted(named)))
        raise UnknownInstrument(f"there is no version {wanted} of {instrument}; these are: {there}")
    return named[wanted]


def must_score_alike(pack: Pack, published: Iterable[Pack] = ()) -> None:
    """A version is for ever, but for its wording: raises `ScoringDiffers` for one that is there already and
    would give other scores."""
    try:
        known = pack_of(pack.instrument, pack.version, published)
    except UnknownInstrument:
        return
    if scoring_of(known) != scoring_of(pack):
        raise ScoringDiffers(
            f"version {pack.version} of {pack.instrument} is there and scores otherwise; publish this one as "
            f"version {pack.version + 1}, or under a name of your own"
        )


def scoring_of(pack: Pack) -> Pack:
    """The pack without what a person reads: two packs that are alike here give the same scores."""
    nothing = pack.name.model_copy(update={"sv": "-", "en": "-"})
    return pack.model_copy(
        update={
            "name": nothing,
            "about": nothing,
            "source": "-",
            "licence": "-",
            "wording": Wording.KEYS,
            "languages": (),
            "ask": {},
            "options": _bare(pack.options),
            "span": _ends(pack.span),
            "items": tuple(_bare_item(item) for item in pack.items),
            "scales": tuple(scale.model_copy(update={"name": nothing, "bands": ()}) for scale in pack.scales),
        }
    )


def _bare(options: Iterable[Option]) -> tuple[Option, ...]:
    return tuple(each.model_copy(update={"text": {}}) for each in options)


def _ends(span: Span | None) -> Span | None:
    return span and span.model_copy(update={"low": {}, "high": {}})


def _bare_item(item: Item) -> Item:
    bare: dict[str, object] = {"text": {}, "options": _bare(item.options), "span": _ends(item.span)}
    return item.model_copy(update=bare)
