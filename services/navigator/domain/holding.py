"""Who has a case: given by the policy, claimed from the line, handed on, given back."""

from __future__ import annotations

from services.navigator.domain.assignment import Chosen, Nobody
from services.navigator.domain.case import LIFECYCLE, PROTECTED, Case
from services.navigator.domain.rules import AlreadyClaimed, AlreadyClosed, NotThisTeams
from services.navigator.domain.standing import may_act_as, of_the_case, whose_work
from services.navigator.domain.team import NETWORK_TEAM
from services.navigator.domain.worker import UnknownWorker
from sluss_contracts.case import CaseAssigned, CaseClaimed, CaseQueued, CaseReassigned, CaseUnassigned
from sluss_contracts.command import Actor
from sluss_contracts.event import Fact
from sluss_contracts.referral import ReferralAccepted
from sluss_contracts.vocabulary import Protection


def take_on(case: Case | None, referral: ReferralAccepted, choice: Chosen | Nobody, home: str) -> list[Fact]:
    """An accepted referral becomes a case: somebody's, or the home team's until one of them claims it.

    Somebody whose identity is protected is never given to anybody by the policy: a human claims the case.
    """
    if case is not None:
        return []
    whose = {
        "referral_id": referral.referral_id,
        "person": referral.person,
        "organisation": referral.organisation,
        "pathway": referral.pathway,
        "pathway_version": referral.pathway_version,
    }
    if referral.protection is not Protection.NONE:
        return [CaseQueued(**whose, team=home, why=(PROTECTED,))]
    match choice:
        case Chosen():
            return [CaseAssigned(**whose, team=choice.team, worker=choice.worker, because=choice.because)]
        case Nobody():
            return [CaseQueued(**whose, team=home, why=choice.why)]


def give_from_the_line(case: Case, choice: Chosen | Nobody) -> list[Fact]:
    """A case in line goes to somebody who has room now; it stays there while nobody has."""
    if isinstance(choice, Nobody) or case.protected or not LIFECYCLE.allows(case.status, CaseAssigned):
        return []
    return [CaseAssigned(**of_the_case(case), team=choice.team, worker=choice.worker, because=choice.because)]


def claim(case: Case, by: Actor, worker: str, team: str | None) -> list[Fact]:
    """Take a case from the team's inbox. Exactly one does; to claim one's own again changes nothing.

    `team` is the claimant's, None for somebody who is not registered.

    Capacity is what the network may lay on somebody, not what they may take on: a claim beyond it stands.
    """
    may_act_as(by, worker)
    if case.closed:
        raise AlreadyClosed(f"case {case.referral_id} is closed; nobody can claim it")
    if case.worker == worker:
        return []
    if not LIFECYCLE.allows(case.status, CaseClaimed):
        raise AlreadyClaimed(f"case {case.referral_id} is already with {case.worker}")
    if team is None:
        raise UnknownWorker(f"no link worker is called {worker!r}")
    if case.team not in (team, NETWORK_TEAM):
        raise NotThisTeams(
            f"case {case.referral_id} waits in the inbox of {case.team}, and {worker} is in {team}"
        )
    return [CaseClaimed(**of_the_case(case), team=team, worker=worker)]


def reassign(case: Case, by: Actor, worker: str | None, team: str | None, because: str) -> list[Fact]:
    """Hand a case on to another link worker, or (`worker` None) back to the team's inbox.

    Done by whoever has it, or by a coordinator. To hand it to whoever has it changes nothing, and so does
    giving back what is in line. `team` is the receiver's, None for somebody who is not registered.
    """
    if worker is None and case.waits:
        may_act_as(by, by.id)
        return []
    before = whose_work(case, by, CaseReassigned)
    if worker is None:
        return _give_back(case, before, because, (because,))
    if worker == before:
        return []
    if team is None:
        raise UnknownWorker(f"no link worker is called {worker!r}")
    return [CaseReassigned(**of_the_case(case), team=team, worker=worker, before=before, because=(because,))]


def hand_over(case: Case, leaving: str, choice: Chosen | Nobody, because: str) -> list[Fact]:
    """One case of a link worker who leaves goes to whoever was named or the policy chooses, or back in line.

    What is no longer theirs, or over, is left as it is. Nobody with a protected identity is given to anybody.
    """
    if case.worker != leaving or not LIFECYCLE.allows(case.status, CaseReassigned):
        return []
    if isinstance(choice, Nobody) or case.protected:
        why = choice.why if isinstance(choice, Nobody) else (PROTECTED,)
        return _give_back(case, leaving, because, why)
    reasons = (because, *choice.because)
    return [
        CaseReassigned(
            **of_the_case(case), team=choice.team, worker=choice.worker, before=leaving, because=reasons
        )
    ]


def _give_back(case: Case, before: str, because: str, why: tuple[str, ...]) -> list[Fact]:
    if case.protected:
        why = tuple(dict.fromkeys((PROTECTED, *why)))
    return [
        CaseUnassigned(referral_id=case.referral_id, team=case.team, worker=before, because=because),
        CaseQueued(**of_the_case(case), team=case.team, why=why),
    ]
