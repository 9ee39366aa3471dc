"""The person's own words go to the vault before anything is decided; events and tables hold references."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from uuid import uuid5

from services.runtime.calls import Network
from services.runtime.decision import Refusal
from sluss_contracts.command import Command
from sluss_contracts.commands.meetings import BookMeeting, MoveMeeting
from sluss_contracts.commands.navigator import CloseCase
from sluss_contracts.commands.planning import AgreePlan, RecordMapping
from sluss_contracts.commands.referral import KeepWords


class WordsNotKept(Refusal):
    """What the vault does not take is not written anywhere else."""

    code = "words_not_kept"


async def keep_goals(command: AgreePlan, network: Network) -> AgreePlan:
    """The same plan with a vault reference where each goal's words were."""
    words = [goal.words for goal in command.goals]
    refs, acute = await _keep(command, command.referral_id, words, "goal", network)
    goals = tuple(
        goal.model_copy(update={"words": ref}) for goal, ref in zip(command.goals, refs, strict=True)
    )
    return command.model_copy(update={"goals": goals, "acute": acute})


async def keep_feedback(command: CloseCase, network: Network) -> CloseCase:
    """The same closure with a vault reference where the words to the referrer were, if there are any."""
    refs, acute = await _keep(command, command.referral_id, _one(command.feedback), "feedback", network)
    return command.model_copy(update={"feedback": refs[0] if refs else None, "acute": acute})


async def keep_what_matters(command: RecordMapping, network: Network) -> RecordMapping:
    """The same mapping with a vault reference where the person's own words were, if there are any."""
    refs, acute = await _keep(command, command.referral_id, _one(command.what_matters), "mapping", network)
    return command.model_copy(update={"what_matters": refs[0] if refs else None, "acute": acute})


Meets = TypeVar("Meets", BookMeeting, MoveMeeting)


async def keep_where_they_meet(command: Meets, network: Network) -> Meets:
    """The same meeting with vault references where the place and the lone-work note were."""
    said = {name: getattr(command, name) for name in ("place", "lone_work") if getattr(command, name)}
    words = list(said.values())
    refs, acute = await _keep(command, command.referral_id, words, "meeting", network)
    return command.model_copy(update={**dict(zip(said, refs, strict=True)), "acute": acute})


def _one(words: str | None) -> list[str]:
    return [] if words is None else [words]


async def _keep(
    command: Command, referral_id: str, words: Sequence[str], where: str, network: Network
) -> tuple[list[str], bool]:
    """References to the words, in order, and whether they speak of suicide or violence."""
    if not words:
        return [], False
    question = KeepWords(
        command_id=uuid5(command.command_id, "keep-words"),  # sent again, the vault gives the same references
        actor=command.actor,
        referral_id=referral_id,
        words=tuple(words),
        where=where,
    )
    answer = await network.ask(question)
    if answer.refused is not None:
        raise WordsNotKept(f"the vault refused ({answer.refused.code}): {answer.refused.message}")
    return [str(ref) for ref in answer.result["refs"]], bool(answer.result.get("acute"))


def alarm(acute: bool) -> dict[str, bool]:
    """What whoever sent the words is told besides: that 112 and 1177 must be shown."""
    return {"acute": True} if acute else {}
