"""What happens to each made-up person: who they are, how they come in, and what turn their story takes.

Decided before anybody does anything, from the seed and the person's number alone, so that the same seed gives
the same people with the same turns, however fast the machine is that day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from random import Random
from typing import Any
from uuid import uuid4

from sluss.people.persons import made_up_person, reason_of, wishes_of
from sluss.people.places import PLACES, Place
from sluss_contracts.pathway import DEFAULT
from sluss_contracts.vocabulary import Channel, ConsentPurpose, ConsentStatus, GuardianRule, Protection


class Turn(StrEnum):
    """What is particular about one story."""

    USUAL = "usual"
    HARD_TO_REACH = "hard_to_reach"
    UNREACHABLE = "unreachable"
    MISSES_MEETING = "misses_meeting"
    MISSES_SESSION = "misses_session"
    SAYS_NO = "says_no"
    MOVES_AWAY = "moves_away"
    MOVES_AREA = "moves_area"
    """To where another team of the network helps."""
    SCREENED_OUT = "screened_out"
    OUTSIDE_REMIT = "outside_remit"
    ONWARD = "onward"
    """Another organisation is right for it."""
    TAKEN_BACK = "taken_back"
    BY_MISTAKE = "by_mistake"
    ASKED_LATER = "asked_later"
    """Not asked before they were referred; says yes."""
    ASKED_LATER_NO = "asked_later_no"
    WITHDRAWS = "withdraws"
    WITHDRAWS_FROM_PROVIDER = "withdraws_from_provider"
    PROTECTED = "protected"
    MINOR = "minor"
    ACUTE = "acute"
    """Somebody writes of wanting to die."""
    TWICE = "twice"
    """Another organisation refers the same person while the first referral is open."""
    COMES_BACK = "comes_back"
    PAUSES = "pauses"
    NO_PLACE = "no_place"
    """The first provider says no."""
    SILENT_PROVIDER = "silent_provider"
    """The provider answers long after it should have."""
    UNMET = "unmet"
    """Nothing in the network is what the person needs."""
    GIVES = "gives"
    """The person takes part as a volunteer."""


SCRIPTS: Mapping[str, tuple[Turn, ...]] = {
    "tillsammans-skarptorp": (
        Turn.USUAL,
        Turn.SCREENED_OUT,
        Turn.ASKED_LATER,
        Turn.TWICE,
        Turn.USUAL,
        Turn.MISSES_SESSION,
        Turn.SILENT_PROVIDER,
        Turn.PROTECTED,
    ),
    "sar-umea": (Turn.USUAL, Turn.GIVES, Turn.COMES_BACK, Turn.USUAL, Turn.NO_PLACE, Turn.MISSES_MEETING),
    "halsolots-hogsby": (Turn.USUAL, Turn.USUAL, Turn.MOVES_AWAY, Turn.PAUSES, Turn.HARD_TO_REACH),
    "frome-connectors": (Turn.USUAL, Turn.UNMET, Turn.WITHDRAWS_FROM_PROVIDER, Turn.USUAL, Turn.SAYS_NO),
    "bromley-by-bow": (Turn.USUAL, Turn.USUAL, Turn.UNREACHABLE, Turn.UNMET),
    "open-network": (
        Turn.USUAL,
        Turn.ONWARD,
        Turn.UNMET,
        Turn.MOVES_AREA,
        Turn.MINOR,
        Turn.USUAL,
        Turn.ACUTE,
        Turn.TAKEN_BACK,
        Turn.ASKED_LATER_NO,
        Turn.WITHDRAWS,
        Turn.BY_MISTAKE,
        Turn.OUTSIDE_REMIT,
    ),
}
"""How each pathway's stories begin, so that a handful of people already shows what is particular about it.
TWICE and COMES_BACK are two referrals of one person: the entry after them is the second."""

_OFTEN: Mapping[Turn, int] = {
    Turn.USUAL: 46,
    Turn.HARD_TO_REACH: 10,
    Turn.MISSES_MEETING: 6,
    Turn.MISSES_SESSION: 6,
    Turn.NO_PLACE: 6,
    Turn.SAYS_NO: 5,
    Turn.UNREACHABLE: 4,
    Turn.UNMET: 4,
    Turn.ASKED_LATER: 4,
    Turn.SILENT_PROVIDER: 2,
    Turn.MOVES_AWAY: 2,
    Turn.PAUSES: 2,
    Turn.TAKEN_BACK: 1,
    Turn.WITHDRAWS: 1,
    Turn.ASKED_LATER_NO: 1,
}
_PAIRED = {Turn.TWICE, Turn.COMES_BACK}


@dataclass(frozen=True, slots=True)
class Life:
    """One referral that will be made, and what its person will do."""

    seed: int
    number: int
    """The how-manieth, from 0: with the seed, all that is random follows from it."""
    pathway: str
    turn: Turn
    organisation: str
    submission_id: str
    payload: Mapping[str, Any]
    """As the organisation writes it, but for what is known only when it is sent (`replaces`)."""
    comes: float
    """How far into the time of arrivals it is made, from 0 to 1."""
    after: str | None = None
    """The submission this one follows: of the same person, by somebody else or once more."""
    elsewhere: str | None = None
    """Where somebody who is sent on is right: an area or an organisation."""

    def chance(self, what: str) -> Random:
        """Randomness for one thing in this life, the same each time."""
        return Random(f"{self.seed}:{self.number}:{what}")

    @property
    def name(self) -> str:
        """How the story calls it: `sar-umea 3`."""
        return f"{self.pathway} {self.number}"


@dataclass
class Book:
    """Makes lives one after another; nobody is in it twice but those who are meant to be."""

    seed: int
    pathways: Sequence[str] = (DEFAULT,)
    organisations: Sequence[str] = ()
    """Those who may refer; left out, those of the place."""
    simple: bool = False
    """Only stories that end well, for networks whose own resilience is what is looked at."""
    _known: set[str] = field(default_factory=set)
    _made: dict[str, int] = field(default_factory=dict)
    _waiting: dict[str, Life] = field(default_factory=dict)
    """The first of a pair whose second is not made yet, by pathway."""
    _number: int = 0

    def write(self, referrals: int) -> list[Life]:
        """The lives of so many referrals, in the order of their numbers."""
        lives = [self.next() for _ in range(referrals)]
        return [replace(life, comes=life.number / max(1, referrals)) for life in lives]

    def next(self) -> Life:
        """One more."""
        number, self._number = self._number, self._number + 1
        pathway = self.pathways[number % len(self.pathways)]
        place = PLACES[pathway]
        if first := self._waiting.pop(pathway, None):
            self._made[pathway] += 1
            return self._second(number, first, place)
        nth = self._made.get(pathway, 0)
        self._made[pathway] = nth + 1
        life = self._first(number, nth, pathway, place)
        if life.turn in _PAIRED:
            self._waiting[pathway] = life
        return life

    def _first(self, number: int, nth: int, pathway: str, place: Place) -> Life:
        chance = Random(f"{self.seed}:{number}:life")
        turn = self._turn(nth, pathway, chance)
        refer = self._refer(place)
        organisation = refer[nth % len(refer)]
        person = made_up_person(chance, self._known, minor=turn is Turn.MINOR, language=place.language)
        if turn is Turn.PROTECTED:
            person["protection"] = str(Protection.CONFIDENTIAL)
        payload = {
            "person": person,
            "area": chance.choice(place.areas),
            "needs": wishes_of(chance, wide=place.wide),
            "consent": _consent(turn, place),
            "referrer": {
                "unit": f"Enhet {chance.randint(1, 4)}",
                "person": chance.choice(("Lena", "Johan", "Miriam", "Peter")),
                "channel": str(Channel.STAFF if number % 3 else place.channels[nth % len(place.channels)]),
            },
            "reason": reason_of(chance, acute=turn is Turn.ACUTE),
            **({} if pathway == DEFAULT else {"pathway": pathway}),
        }
        elsewhere = {Turn.MOVES_AREA: place.other_area, Turn.ONWARD: place.other_actor}.get(turn)
        if turn is Turn.MOVES_AREA:
            payload["area"] = place.areas[0]
        return Life(
            self.seed,
            number,
            pathway,
            turn,
            organisation,
            str(uuid4()),
            payload,
            0.0,
            elsewhere=elsewhere,
        )

    def _second(self, number: int, first: Life, place: Place) -> Life:
        others = [each for each in self._refer(place) if each != first.organisation]
        organisation = others[0] if first.turn is Turn.TWICE and others else first.organisation
        payload = {**first.payload, "referrer": {**first.payload["referrer"], "unit": "Enhet 9"}}
        return replace(
            first,
            number=number,
            turn=Turn.USUAL,
            organisation=organisation,
            submission_id=str(uuid4()),
            payload=payload,
            after=first.submission_id,
        )

    def _refer(self, place: Place) -> Sequence[str]:
        here = [each for each in place.organisations if each in self.organisations]
        return here or self.organisations or place.organisations

    def _turn(self, nth: int, pathway: str, chance: Random) -> Turn:
        if self.simple:
            return Turn.ASKED_LATER if chance.random() < 0.08 else Turn.USUAL
        if nth < len(SCRIPTS[pathway]):
            return SCRIPTS[pathway][nth]
        return chance.choices(list(_OFTEN), weights=list(_OFTEN.values()))[0]


def _consent(turn: Turn, place: Place) -> dict[str, Any]:
    if turn in (Turn.ASKED_LATER, Turn.ASKED_LATER_NO):
        return {"status": str(ConsentStatus.TO_BE_ASKED)}
    receivers = [place.other_actor] if turn is Turn.ONWARD and place.other_actor else []
    purposes = [str(each) for each in ConsentPurpose]
    return {"status": str(ConsentStatus.GIVEN), "purposes": purposes, "receivers": receivers}


def guardian_rule_of(life: Life) -> GuardianRule:
    """What the team decides about a minor's guardian."""
    return life.chance("guardian").choice((GuardianRule.CONSENTS, GuardianRule.INFORMED))


def all_of(lives: Sequence[Life], pathway: str) -> Iterator[Life]:
    """Those on one pathway."""
    return (life for life in lives if life.pathway == pathway)
