"""Subjects: built and parsed in one place, and never anything personal or foreign in them."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluss_contracts.event import FACTS, Audience, Fact, read_event
from sluss_contracts.examples import example_of
from sluss_contracts.subjects import (
    NotASubject,
    command_subject,
    event_filter,
    event_subject,
    key_of,
    slot_of,
    story_filter,
    stream_of,
    token,
    type_of,
)

SAID = [name for name in FACTS if FACTS[name].AUDIENCE is not Audience.INGRESS]


def matches(subject: str, pattern: str) -> bool:
    """NATS wildcards: `*` is one token, `>` the rest."""
    wildcards = {"*": r"[^.]+", ">": ".+"}
    parts = [wildcards.get(part) or re.escape(part) for part in pattern.split(".")]
    return re.fullmatch(r"\.".join(parts), subject) is not None


def fact_of(name: str) -> Fact:
    return read_event(FACTS[name], json.dumps(example_of(name)).encode()).data


@pytest.mark.parametrize("name", SAID)
def test_a_subject_gives_back_what_it_was_built_from(name: str) -> None:
    fact = fact_of(name)
    subject = event_subject(fact)
    assert type_of(subject) == name
    assert key_of(subject) == fact.partition_key


@pytest.mark.parametrize("name", [name for name in SAID if FACTS[name].AUDIENCE is Audience.NETWORK])
def test_an_event_is_found_by_its_story_and_by_its_type_in_its_lane(name: str) -> None:
    fact = fact_of(name)
    subject = event_subject(fact)
    assert matches(subject, story_filter(fact.partition_key))
    lane = slot_of(fact.partition_key)
    assert matches(subject, event_filter(FACTS[name], lane))
    assert not matches(subject, event_filter(FACTS[name], (lane + 1) % 16))
    assert stream_of(subject) == "EVT"


def test_what_is_for_a_partner_goes_to_its_own_stream() -> None:
    fact = fact_of("sluss.receipt.issued.v1")
    subject = event_subject(fact)
    assert subject.startswith("sluss.out.eken-vardcentral.receipt.issued.v1.")
    assert stream_of(subject) == "OUT_eken-vardcentral"


def test_lanes_never_move() -> None:
    """They are part of every stored subject; these were computed when the network was young."""
    assert [slot_of(key) for key in ("korpen", "01a40025-84b0-7457-8c4b-a2ea74ad4bf1", "a")] == [12, 14, 3]


@given(st.text(max_size=130))
def test_whatever_is_a_token_is_one_token(text: str) -> None:
    try:
        taken = token(text)
    except NotASubject:
        return
    assert re.fullmatch(r"[A-Za-z0-9_-]+", taken)
    assert command_subject("referral", taken).count(".") == 3


@pytest.mark.parametrize("text", ["", "a.b", "*", ">", "a b", "a\n", "ö", "-a", "$JS", "x" * 121])
def test_what_could_reach_another_subject_is_no_token(text: str) -> None:
    with pytest.raises(NotASubject):
        token(text)


@pytest.mark.parametrize("subject", ["", "sluss", "sluss.cmd.referral.x", "other.evt.1", "$JS.API.INFO"])
def test_a_foreign_subject_belongs_to_no_stream_of_ours(subject: str) -> None:
    with pytest.raises(NotASubject):
        stream_of(subject)
    with pytest.raises(NotASubject):
        type_of(subject)
