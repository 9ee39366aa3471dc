"""What assignment needs to know besides the referral: read once for a batch, and kept count of within it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.navigator.domain.assignment import Candidate, Chosen, Nobody, Wanted, choose, kept_from
from services.navigator.domain.case import PROTECTED
from services.navigator.domain.team import home_of
from services.navigator.store.cases import conflicts_of, last_workers
from services.navigator.store.desk import LOCAL_TIME
from services.navigator.store.staff import Staff, staff_for
from services.navigator.store.workers import teams_of
from services.runtime.tx import Tx
from sluss_contracts.alarm import AlarmRaised
from sluss_contracts.event import Event
from sluss_contracts.referral import ReferralAccepted, ReferralHeld
from sluss_contracts.vocabulary import Protection

SUCCESSOR = "named_successor"
"""Why somebody takes a case over whom a human has named."""


def local_day(moment: datetime) -> date:
    """The calendar day where the network is, by which leaves are counted."""
    return moment.astimezone(LOCAL_TIME).date()


@dataclass
class Homes:
    """Which teams cover which areas."""

    teams: dict[str, list[str]]

    def of(self, area: str) -> str:
        """The team that answers for an area; the network's own where no team does."""
        return home_of(self.teams.get(area, ()))


async def homes_for(tx: Tx, events: Sequence[Event[ReferralHeld | AlarmRaised]]) -> Homes:
    """The teams that answer for referrals nobody has yet: to ask for consent, to read an alarm."""
    return Homes(await teams_of(tx, {event.data.area for event in events}))


@dataclass(frozen=True, slots=True)
class Taken:
    """Who takes a case over, or that nobody does; and what kept it from whoever was named."""

    choice: Chosen | Nobody
    not_named: tuple[str, ...] = ()


@dataclass
class Assigning:
    """A batch's referrals meet the link workers there are."""

    homes: Homes
    staff: Staff
    before: dict[str, str]
    conflicts: dict[str, tuple[str, ...]]
    today: date

    def choose(
        self, referral: ReferralAccepted, never: Sequence[str] = (), leaving: str | None = None
    ) -> Chosen | Nobody:
        """Who gets this referral, counted at once so that the next in the batch sees it.

        `never` are link workers who gave this very case back; whoever is `leaving` is not there. Whoever
        has a protected identity is nobody's to choose for.
        """
        if referral.protection is not Protection.NONE:
            return Nobody((PROTECTED,))
        wanted = _wanted(referral, self.before)
        if never := (*never, *self.conflicts.get(referral.person, ())):
            wanted = replace(wanted, never=never)
        there: Collection[Candidate] = self.staff.candidates.values()
        near: Collection[Candidate] = self.staff.near
        if leaving is not None:
            there, near = ([who for who in some if who.worker != leaving] for some in (there, near))
        choice = choose(wanted, there, self.today, near)
        if isinstance(choice, Chosen):
            self.staff.give(choice.worker)
            self.before[referral.person] = choice.worker
        elif referral.area not in self.homes.teams:
            return Nobody(("no_team_for_area",))
        return choice

    def succeed(
        self, referral: ReferralAccepted, leaving: str, named: str | None, given_back: Sequence[str]
    ) -> Taken:
        """Who takes this referral's case over from somebody who leaves: whoever a human has named, where
        nothing of the person's keeps it from them, else whom the policy chooses."""
        if named is None or referral.protection is not Protection.NONE:
            return Taken(self.choose(referral, given_back, leaving))
        wanted = replace(
            _wanted(referral, self.before), never=(*given_back, *self.conflicts.get(referral.person, ()))
        )
        successor = self.staff.candidates[named]
        if kept := kept_from(wanted, successor, self.today):
            return Taken(self.choose(referral, given_back, leaving), kept)
        self.staff.give(named)
        return Taken(Chosen(named, successor.team, (SUCCESSOR,)))


async def assigning_for(tx: Tx, events: Sequence[Event[ReferralAccepted]]) -> Assigning:
    """Everything the policy weighs for these referrals; the link workers' rows are locked."""
    return await assigning_of(tx, [event.data for event in events])


async def assigning_of(
    tx: Tx, referrals: Sequence[ReferralAccepted], named: Collection[str] = ()
) -> Assigning:
    """The same for referrals without their events, with link workers whom somebody has named."""
    homes = Homes(await teams_of(tx, {referral.area for referral in referrals}))
    persons = {referral.person for referral in referrals}
    before, conflicts = await last_workers(tx, persons), await conflicts_of(tx, persons)
    today = local_day(tx.now)
    staff = await staff_for(tx, [_wanted(referral, before) for referral in referrals], today, named)
    return Assigning(homes, staff, before, conflicts, today)


def _wanted(referral: ReferralAccepted, before: dict[str, str]) -> Wanted:
    return Wanted(
        area=referral.area,
        language=referral.language,
        needs=tuple(referral.needs),
        gender=referral.requested_gender,
        before=before.get(referral.person),
    )
