"""A page for each instrument that is shipped, made from its pack."""

from __future__ import annotations

from collections.abc import Iterator

from sluss_contracts.instruments.format import Direction, Item, Option, Pack, Rule, Scale, Span, Wording
from sluss_contracts.instruments.shelf import built_in

_NOTE = "<!-- Made from the packs by `make schemas`; change the pack, not this page. -->"

_RULES = {
    Rule.SUM: "sum",
    Rule.ORDINAL: "rank, never added to anything",
    Rule.NONE: "stands for itself, never added to anything",
    Rule.CHANGE: "only its change tells something",
}

_WORDINGS = {
    Wording.OPEN: "The wording is openly published and comes with Sluss.",
    Wording.LICENSED: "The wording is used under a licence.",
    Wording.KEYS: "The wording does not come with Sluss: items and answers have neutral keys.",
}


def instrument_pages() -> dict[str, str]:
    """Markdown by file name, one page for each instrument."""
    return {f"{pack.instrument}.md": page(pack) for pack in built_in()}


def page(pack: Pack) -> str:
    """Markdown: what is asked, how it is scored, on what terms."""
    lines = [
        _NOTE,
        f"# {pack.name.en}",
        "",
        f"`{pack.instrument}`, version {pack.version}. {pack.about.en}",
        "",
        f"*{pack.name.sv}.* {pack.about.sv}",
        "",
        "## Questions",
        _WORDINGS[pack.wording],
        "",
        *_questions(pack),
        "",
        "## Scores",
        *_table(
            ("Scale", "Rule", "Items", "From", "To", "Better is", "Unanswered at most"),
            (_scale(scale, len(pack.items)) for scale in pack.scales),
        ),
    ]
    if any(item.reversed for item in pack.items):
        lines += [
            "",
            "A reversed item counts from the other end: lowest plus highest answer, less the answer.",
        ]
    for scale in pack.scales:
        if scale.bands:
            named = ", ".join(
                f"{each.lowest}–{each.highest} {each.name.en} ({each.name.sv})" for each in scale.bands
            )
            lines += ["", f"{scale.name.en}: {named}."]
    lines += ["", "## Source and licence", pack.source, "", pack.licence]
    return "\n".join(lines) + "\n"


def _questions(pack: Pack) -> Iterator[str]:
    for language, text in pack.ask.items():
        yield f"- {language}: {text}"
    if pack.ask:
        yield ""
    yield from _table(
        ("Item", *pack.languages, "Counted"),
        (
            (f"`{item.item}`", *(item.text.get(language, "") for language in pack.languages), _counted(item))
            for item in pack.items
        ),
    )
    yield ""
    if pack.options or pack.span:
        yield f"Answers: {_answers(pack.options, pack.span)}."
    else:
        said = dict.fromkeys(_answers(item.options, item.span) for item in pack.items)
        yield from (f"Answers: {each}." for each in said)


def _answers(options: tuple[Option, ...], span: Span | None) -> str:
    if span:
        low, high = (" / ".join(texts.values()) for texts in (span.low, span.high))
        return f"{span.lowest}{f' ({low})' if low else ''} to {span.highest}{f' ({high})' if high else ''}"
    return ", ".join(
        f"{option.value} {' / '.join(option.text.values()) or f'`{option.key}`'}" for option in options
    )


def _counted(item: Item) -> str:
    if item.counts:
        return f"1 for {' or '.join(map(str, item.counts))}, else 0"
    return "reversed" if item.reversed else "as answered"


def _scale(scale: Scale, items: int) -> tuple[str, ...]:
    which = "all" if len(scale.items) == items > 1 else ", ".join(f"`{item}`" for item in scale.items)
    way = "more" if scale.better is Direction.HIGHER else "less"
    name, rule = f"{scale.name.en} (`{scale.scale}`)", _RULES[scale.rule]
    return name, rule, which, str(scale.lowest), str(scale.highest), way, str(scale.missing_at_most)


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
