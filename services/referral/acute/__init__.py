"""Words of suicide and violence in free text: what is found is read by a human at once.

The words are in `lexicon.toml`, with the rules by which they are matched.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

Phrase = tuple[str, ...]

_GAP = 2
"""Other words that may stand between two of a phrase."""
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
"""Characters that are there and not seen: soft hyphens and joiners."""
_APOSTROPHES = dict.fromkeys(map(ord, "\u2019\u2018\u02bc\u00b4`"), "'")


@cache
def lexicon() -> tuple[str, ...]:
    """Every phrase of the file, in its order."""
    found = tomllib.loads(files(__package__).joinpath("lexicon.toml").read_text(encoding="utf-8"))
    return tuple(phrase for group in found["group"] for phrase in group["phrases"])


def is_acute(text: str) -> bool:
    """Whether any phrase of the lexicon stands in the text."""
    words = _words(text)
    plain, wild, any_wild = _beginnings()
    begun: set[Phrase] = set()
    for word in set(words):
        begun.update(plain.get(word, ()))
        if any_wild.fullmatch(word):
            begun.update(phrase for choice, phrase in wild if _fits(choice, word))
    return any(_stands(phrase, words) for phrase in begun)


def _words(text: str) -> list[str]:
    shown = unicodedata.normalize("NFKC", text).translate(_UNSEEN).translate(_APOSTROPHES)
    return _WORD.findall(shown.casefold())


@cache
def _beginnings() -> tuple[dict[str, list[Phrase]], list[tuple[str, Phrase]], re.Pattern[str]]:
    """Phrases by the words they may begin with: as they are, and with a `*`; and what finds any of these."""
    plain: dict[str, list[Phrase]] = {}
    wild: list[tuple[str, Phrase]] = []
    for phrase in (tuple(each.casefold().split()) for each in lexicon()):
        for choice in phrase[0].split("|"):
            if "*" in choice:
                wild.append((choice, phrase))
            else:
                plain.setdefault(choice, []).append(phrase)
    return plain, wild, re.compile("|".join(re.escape(choice).replace(r"\*", ".*") for choice, _ in wild))


def _stands(phrase: Sequence[str], words: Sequence[str]) -> bool:
    ends = {at for at, word in enumerate(words) if _fits(phrase[0], word)}
    for part in phrase[1:]:
        reach = 1 if part.startswith("=") else 1 + _GAP
        wanted = part.removeprefix("=")
        ends = {
            at for before in ends for at in range(before + 1, min(before + 1 + reach, len(words)))
            if _fits(wanted, words[at])
        }  # fmt: skip
    return bool(ends)


def _fits(part: str, word: str) -> bool:
    """`x*` any ending, `*x` any beginning, `*x*` both, `a|b` either."""
    for choice in part.split("|"):
        stem = choice.strip("*")
        match choice.startswith("*"), choice.endswith("*"):
            case True, True:
                fits = stem in word
            case True, False:
                fits = word.endswith(stem)
            case False, True:
                fits = word.startswith(stem)
            case _:
                fits = word == stem
        if fits:
            return True
    return False
