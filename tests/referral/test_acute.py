"""Words of suicide and violence are found as people write them, and the everyday is left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referral.acute import is_acute, lexicon

FOUND = [
    "Säger att hon inte orkar leva längre.",
    "Hon vill egentligen inte leva längre",
    "har haft självmordstankar i höst",
    "SJÄLVMORDSFÖRSÖK 2019",
    "själv\u00admord",
    "sja\u0308lvmord",
    "pratar om att ta sitt liv",
    "Han tog nästan livet av sig",
    "skär sig i armarna",
    "Maken slår henne när han har druckit.",
    "blev misshandlad av sin son",
    "Exet hotar henne, hon är rädd för sin man",
    "vill döda grannen",
    "He said he wants to die",
    "I don’t want to live any more",
    "she does not want to live",
    "thoughts of suicide",
    "talks about ending her own life",
    "her husband beats her",
    "he has threatened to kill them",
]
NEGATED = [
    "Inga självmordstankar.",
    "Förnekar suicidala tankar, ingen självmordsplan",
    "No suicidal thoughts; has never been hit by anybody: nobody hits her",
]
EVERYDAY = [
    "Ny i staden, känner ingen utanför jobbet och har slutat gå ut på helgerna.",
    "Har blivit ensam efter flytten och säger att dagarna är långa.",
    "Söker ofta för värk; berättar att det mesta känns tomt sedan barnen flyttade.",
    "Maken dog i våras. Hon saknar någon att prata med, och livet känns annorlunda.",
    "Vill leva friskare och komma ut i skogen.",
    "Slår gärna ett parti schack och vill lära sig hänga med i samtal på svenska.",
    "Vill ta tag i sitt liv igen",
    "Wants to live closer to her children and end her isolation.",
    "Lost his wife; would like to try the choir and a walk.",
    "Har slutat skjutsa barnbarnen och känner sig inte behövd.",
]


@pytest.mark.parametrize("text", FOUND)
def test_what_tells_of_acute_risk_is_found_as_it_is_written(text: str) -> None:
    assert is_acute(text)


@pytest.mark.parametrize("text", NEGATED)
def test_a_negation_is_not_trusted_away(text: str) -> None:
    assert is_acute(text)


@pytest.mark.parametrize("text", EVERYDAY)
def test_the_everyday_is_left_alone(text: str) -> None:
    assert not is_acute(text)


@pytest.mark.parametrize("phrase", lexicon())
def test_every_phrase_of_the_lexicon_finds_itself(phrase: str) -> None:
    plain = " ".join(part.split("|")[-1].strip("=*") for part in phrase.split())
    assert is_acute(f"Hon sade: {plain.upper()}!")


def test_words_far_from_each_other_are_no_phrase() -> None:
    assert not is_acute(
        "Vill ha en hobby som inte kostar så mycket, och leva lugnt; katten måste få dö i fred"[:70]
    )


@given(st.text(max_size=200))
def test_whatever_is_written_there_is_an_answer(text: str) -> None:
    assert is_acute(text) in (True, False)


def test_the_longest_text_is_looked_through_in_no_time() -> None:
    text = ("vill hon " * 500)[:4000]
    began = time.perf_counter()
    is_acute(text)
    assert time.perf_counter() - began < 1
