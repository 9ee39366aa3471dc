"""What a simulated person does, and when: a command they send, or an errand at the network's edge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from sluss.people.lives import Life, Turn
from sluss.people.picture import Case, Enrolment, Picture
from sluss_contracts.command import Actor, Answer, Command
from sluss_contracts.instruments import Pack, built_in
from sluss_contracts.pathway import Mark, Pathway
from sluss_contracts.vocabulary import Engagement, Role

C = TypeVar("C", bound=Command)

PACKS: dict[str, Pack] = {pack.instrument: pack for pack in built_in()}
"""What simulated people answer: the instruments that come with the network, the newest of each."""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """A referrer takes back what it has referred, over its own connection."""

    organisation: str
    partition_key: str
    """The referral."""
    submission_id: str
    why: str
    entered_in_error: bool


@dataclass(frozen=True, slots=True)
class LookFirst:
    """What somebody does hangs on the answer to a question they ask the network first."""

    question: Command
    then: Callable[[Answer], Command]

    @property
    def partition_key(self) -> str:
        """What the question is about."""
        return self.question.partition_key


@dataclass(frozen=True, slots=True)
class ByLink:
    """A provider without an account answers on the page behind a link, as it has got it in a message."""

    question: Command
    """What shows a coordinator the same link."""
    said: Mapping[str, str]
    """What is filled in; `answer` names the form."""
    otherwise: Command
    """What is sent where the link leads nowhere."""

    @property
    def partition_key(self) -> str:
        """What the answer is about."""
        return self.otherwise.partition_key


@dataclass(frozen=True, slots=True)
class ByLetter:
    """A person answers on the page that the link in a letter leads to."""

    message_id: str
    said: Mapping[str, str]
    """What is filled in, by field."""
    otherwise: Command
    """What is sent by whoever calls them up, where no such letter has come or its link is over."""

    @property
    def partition_key(self) -> str:
        """What the answer is about."""
        return self.otherwise.partition_key


@dataclass(frozen=True, slots=True)
class Act:
    """Something a person will do: the command, and from when (network time)."""

    what: str
    """Identifies the occasion, so that nobody acts on it twice."""
    not_before: datetime
    command: Command | TakeBack | LookFirst | ByLink | ByLetter


@dataclass(frozen=True)
class Scene:
    """One referral at one moment, with the life that is lived in it."""

    picture: Picture
    case: Case
    life: Life
    now: datetime
    since: datetime
    """When whoever acts had reason to."""

    @property
    def turn(self) -> Turn:
        """What is particular about the life."""
        return self.life.turn

    @property
    def pathway(self) -> Pathway:
        """How work goes here."""
        return self.picture.pathway_of(self.case)

    @property
    def enrolments(self) -> list[Enrolment]:
        """Places asked for, the first one first."""
        return self.picture.enrolments_of(self.case.referral)

    def marked(self, mark: Mark) -> bool:
        """Whether the pathway has something particular."""
        return mark in self.pathway.marks

    def said(self, fact: str) -> int:
        """How often something has been said of this referral."""
        return self.case.facts[fact]

    def guide(self) -> Actor:
        """The link worker or volunteer the case is with; the team's coordinator before anybody has it."""
        worker = self.case.worker
        if worker is None:
            return Actor(id="coordinator", role=Role.COORDINATOR)
        engagement = self.picture.workers.get(worker, {}).get("engagement")
        role = Role.VOLUNTEER if engagement == Engagement.VOLUNTEER else Role.LINK_WORKER
        return Actor(id=worker, role=role)

    def chance(self, what: str) -> Random:
        """Randomness for one thing in this life."""
        return self.life.chance(what)

    def act(
        self,
        what: str,
        command: type[C],
        *,
        by: Actor | None = None,
        hours: tuple[float, float] = (1, 20),
        at: datetime | None = None,
        with_: Mapping[str, object] | None = None,
        **fields: Any,
    ) -> Act:
        """Somebody does it `hours` after they had reason to, or at a time. `what` tells one doing of it from
        the next. The command's fields are named, or gathered in `with_`."""
        occasion = f"{self.case.referral}:{what}"
        when = at or self.since + timedelta(hours=self.chance(what).uniform(*hours))
        return Act(occasion, when, self.asked(what, command, by=by, with_=with_, **fields))

    def asked(
        self,
        what: str,
        command: type[C],
        *,
        by: Actor | None = None,
        with_: Mapping[str, object] | None = None,
        **fields: Any,
    ) -> C:
        """The command alone, where it is the answer to something that tells when."""
        return command(
            command_id=command_id(self.life.seed, f"{self.case.referral}:{what}"),
            actor=by or self.guide(),
            **{"referral_id": self.case.referral, **(with_ or {}), **fields},
        )


def command_id(seed: int, occasion: str) -> UUID:
    """The same occasion is the same command, however often it is sent."""
    return uuid5(NAMESPACE_URL, f"sluss:simulated:{seed}:{occasion}")


def answers_to(instrument: str, chance: Random, *, better: float = 0.0) -> dict[str, int | None]:
    """What somebody answers, now and then leaving one out. `better` (0 to 1) moves answers the good way."""
    pack = PACKS[instrument]
    given: dict[str, int | None] = {}
    for item in pack.items:
        values = [option.value for option in item.options or pack.options]
        if item.span:
            values = list(range(item.span.lowest, item.span.highest + 1))
        share = min(0.999, chance.random() * (1 - better) + better)
        given[item.item] = sorted(values)[int(share * len(values))]
    return given
