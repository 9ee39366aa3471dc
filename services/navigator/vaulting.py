"""The person's own words go to the vault before anything is decided; events and tables hold references."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid5

from services.runtime.calls import Network
from services.runtime.decision import Refusal
from sluss_contracts.command import Command
from sluss_contracts.commands.navigator import AgreePlan, CloseCase
from sluss_contracts.commands.referral import KeepWords


class WordsNotKept(Refusal):
    """What the vault does not take is not written anywhere else."""

    code = "words_not_kept"


async def keep_goals(command: AgreePlan, network: Network) -> AgreePlan:
    """The same plan with a vault reference where each goal's words were."""
    refs = await _keep(command, command.referral_id, [goal.words for goal in command.goals], network)
    goals = tuple(
        goal.model_copy(update={"words": ref}) for goal, ref in zip(command.goals, refs, strict=True)
    )
    return command.model_copy(update={"goals": goals})


async def keep_feedback(command: CloseCase, network: Network) -> CloseCase:
    """The same closure with a vault reference where the words to the referrer were, if there are any."""
    if command.feedback is None:
        return command
    (ref,) = await _keep(command, command.referral_id, [command.feedback], network)
    return command.model_copy(update={"feedback": ref})


async def _keep(command: Command, referral_id: str, words: Sequence[str], network: Network) -> list[str]:
    question = KeepWords(
        command_id=uuid5(command.command_id, "keep-words"),  # sent again, the vault gives the same references
        actor=command.actor,
        referral_id=referral_id,
        words=tuple(words),
    )
    answer = await network.ask(question)
    if answer.refused is not None:
        raise WordsNotKept(f"the vault refused ({answer.refused.code}): {answer.refused.message}")
    return [str(ref) for ref in answer.result["refs"]]
