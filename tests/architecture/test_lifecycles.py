"""The lifecycles are whole, their pages are true, and nobody says what the table does not allow."""

from __future__ import annotations

from enum import StrEnum

import pytest

from services.runtime.serving import is_question
from sluss.lifecycles.__main__ import FOLDER
from sluss.lifecycles.found import lifecycles, reactions, said_by, services
from sluss.lifecycles.pages import pages
from sluss_contracts import case, enrolment, message, notice, receipt, referral, task
from sluss_contracts.commands.navigator import ClaimCase

SERVICES = tuple(services())
SAID_WITHOUT_A_REACTION = {
    # The lane submissions come in on, the couriers and the watch over partners' post say these unasked.
    referral.ReferralSubmitted,
    receipt.ReferralRefused,
    receipt.ReceiptIssued,
    message.MessageSent,
    message.MessageFailed,
    notice.NoticeSent,
    notice.NoticeFailed,
    notice.NoticeSuppressed,
    message.FeedbackIssued,
    message.FeedbackSent,
    message.FeedbackAcknowledged,
}


def test_the_pages_are_what_the_code_makes_of_them() -> None:
    for name, text in pages().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"run make schemas: {name} is stale"


@pytest.mark.parametrize("name", SERVICES)
def test_everything_that_has_a_status_has_a_lifecycle(name: str) -> None:
    with_status = {
        kind
        for kind, aggregate in services()[name].aggregates.items()
        if aggregate.keep and "status" in aggregate.state.model_fields
    }
    assert with_status <= set(lifecycles())


@pytest.mark.parametrize("kind", sorted(lifecycles()))
def test_a_lifecycle_knows_every_event_of_its_kind(kind: str) -> None:
    spoken = {fact for name in SERVICES for fact in said_by(name) if kind == fact.AGGREGATE}
    assert set(lifecycles()[kind].moves) == spoken


@pytest.mark.parametrize("kind", sorted(lifecycles()))
def test_every_status_can_be_reached_and_some_are_the_end(kind: str) -> None:
    life = lifecycles()[kind]
    reached: set[StrEnum | None] = {None}
    while more := {step.to for step in life.moves.values() if step.of & reached} - reached:
        reached.update(more)
    assert reached - {None} == {*life.statuses.__members__.values()}


@pytest.mark.parametrize("name", SERVICES)
def test_every_command_says_who_may_send_it(name: str) -> None:
    silent = [
        command.VERB
        for command, handler in services()[name].commands.items()
        if handler.by is None and not is_question(command)
    ]
    assert silent == []


@pytest.mark.parametrize("name", SERVICES)
def test_every_event_is_said_on_somebodys_word(name: str) -> None:
    said = {fact for reaction in reactions() for fact in reaction.says}
    assert said_by(name) - said <= SAID_WITHOUT_A_REACTION


def test_what_a_reaction_may_say_is_read_from_its_source() -> None:
    says = {(one.way, one.name): one.says for one in reactions()}
    assert case.CaseClaimed in says["command", ClaimCase.VERB]
    assert case.CaseClosed not in says["command", ClaimCase.VERB]
    assert enrolment.EnrolmentOffered in says["event", "case.enrolment_requested"]
    assert task.TaskOpened in says["event", "deadline.passed"]
