"""Every event is told in words, made of nothing that is masked."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from services.console.masking import disclose, rules_of
from services.console.web.telling import _SENTENCES, MASKED, NOTHING, tell
from sluss.telling import ENGLISH
from sluss_contracts.event import FACTS, PREFIX, Audience
from sluss_contracts.examples import example_of

SAID = {
    type_.removeprefix(f"{PREFIX}.").rpartition(".")[0]: type_
    for type_, fact in FACTS.items()
    if fact.AUDIENCE is not Audience.INGRESS
}


def _named(name: str) -> Iterator[str]:
    """The fields that an event's words are made of."""
    sentence, *details = _SENTENCES[name]
    places = re.findall(r"%\((\w+)\)s", sentence)
    yield from (place for place in places if place != "owner")  # worker or team
    yield from details


def test_whatever_the_network_says_has_words_and_nothing_else_has() -> None:
    assert set(_SENTENCES) == set(SAID)


@pytest.mark.parametrize("name", sorted(SAID))
def test_words_are_made_of_fields_that_the_contract_has(name: str) -> None:
    assert set(_named(name)) <= set(rules_of(SAID[name]))


@pytest.mark.parametrize("name", sorted(SAID))
def test_a_sentence_is_whole_however_much_is_masked(name: str) -> None:
    what, _ = tell(name, disclose(SAID[name], example_of(SAID[name])["data"]), ENGLISH)
    assert what
    assert not {MASKED, NOTHING} & set(what.split())
    assert "%(" not in what
