"""Vocabularies that may grow: readers keep a word of tomorrow, writers may not invent one."""

from __future__ import annotations

import json
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import BaseModel, ValidationError

from sluss_contracts.command import COMMANDS
from sluss_contracts.commands.provider import RegisterProvider
from sluss_contracts.event import FACTS, read_event, write_event
from sluss_contracts.examples import example_of
from sluss_contracts.referral import ReferralAccepted
from sluss_contracts.schemas import KNOWN_WORDS, every_schema
from sluss_contracts.submission import Submission
from sluss_contracts.vocabulary import CaseOutcome, Need
from sluss_contracts.words import Known, OpenVocabulary


def test_a_reader_keeps_and_passes_on_a_word_it_does_not_know() -> None:
    event = example_of("sluss.referral.accepted.v1")
    event["data"]["needs"] = ["company", "beekeeping"]
    raw = json.dumps(event, separators=(",", ":")).encode()
    read = read_event(FACTS[event["type"]], raw)
    needs: Any = read.data
    assert needs.needs == (Need.COMPANY, "beekeeping")
    assert [need.known for need in needs.needs] == [True, False]
    assert write_event(read) == raw


def test_a_word_that_could_not_be_one_is_refused_everywhere() -> None:
    impossible: tuple[Any, ...] = ("", "Bee keeping", "beekeeping\n", "1", "x" * 64, 7, None)
    for text in impossible:
        with pytest.raises(ValueError, match="not a valid Need"):
            Need(text)


def test_an_unknown_word_joins_no_list_of_words() -> None:
    Need("beekeeping")
    assert "beekeeping" not in list(Need)


def test_a_closed_vocabulary_stays_closed() -> None:
    with pytest.raises(ValueError, match="not a valid CaseOutcome"):
        CaseOutcome("beekeeping")


def test_a_sender_may_not_use_a_word_the_contract_does_not_have() -> None:
    submission = example_of("sluss.referral.requested.v1")
    submission["data"]["needs"] = ["company", "beekeeping"]
    with pytest.raises(ValidationError, match=r"needs\.1\n.*one of 'company'"):
        Submission.model_validate(submission)
    command = {"command_id": "0f8fad5b-d9cb-469f-a165-70867728950e", "actor": {"id": "x", "role": "operator"}}
    with pytest.raises(ValidationError, match="kind"):
        RegisterProvider.model_validate(
            {**command, "provider": "korpen", "name": "Korpen", "kind": "beehive", "area": "hageby"}
        )


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: f"{command.OWNER}.{command.VERB}")
def test_no_command_takes_an_open_vocabulary_unguarded(command: Any) -> None:
    """A schema says `enum`; the field must then refuse other words too, which only `Known` makes it do."""

    assert unguarded(command) == []


def unguarded(model: type[BaseModel]) -> list[str]:
    """Fields of a model, and of the models within it, that take any word of an open vocabulary."""
    hints = get_type_hints(model, include_extras=True)
    return [name for name in model.model_fields if _takes_any_word(hints[name])]


def _takes_any_word(hint: Any, guarded: bool = False) -> bool:
    guarded = guarded or Known in getattr(hint, "__metadata__", ())
    if isinstance(hint, type) and issubclass(hint, OpenVocabulary):
        return not guarded
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return bool(unguarded(hint))
    return any(_takes_any_word(part, guarded) for part in get_args(hint))


def test_no_submission_takes_an_open_vocabulary_unguarded_and_events_do() -> None:
    assert unguarded(Submission) == []
    assert unguarded(ReferralAccepted) == ["needs"]


def test_readers_are_told_which_words_may_grow() -> None:
    schema = every_schema()["referral.accepted.v1.json"]["definitions"]["Need"]
    assert "enum" not in schema
    assert "company" in schema[KNOWN_WORDS]
