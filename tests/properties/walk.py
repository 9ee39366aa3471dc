"""One sequence: whatever people, organisations, time and the bus may do, in an order that chance has made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Final

from hypothesis import strategies as st

from sluss_contracts.command import Answer, Command
from tests.properties import holds, town
from tests.properties.making import Maker
from tests.properties.paper.town import PaperTown

KINDS: Final = {
    "nothing": 1,
    "submit": 4,
    "command": 56,
    "deliver": 14,
    "quiet": 9,
    "timer": 9,
    "courier": 6,
    "fetch": 2,
    "parked": 2,
    "again": 3,
    "minutes": 4,
    "days": 6,
    "weeks": 3,
}
"""How often each kind of step is taken; the first is what a failing sequence is shrunk to."""
TRIES: Final = 10
"""How many commands are made up in a step, until one of them leads to something."""
SELDOM: Final = ("close", "cancel", "decline_referral", "error", "withdraw", "revoke", "erase", "redirect")
"""Commands that end everything are given less often, so that there is something to end."""

ONWARD: Final = (
    *("claim_case", "agree_plan", "request_enrolment", "accept_enrolment", "record_attendance"),
    *("suggest_another_time", "agree_to_time", "record_consent"),
)
"""Without these little else can happen."""

APART: Final = ("allow_sign_in", "end_sign_in")
"""Nothing in the network is decided by these: they say no event, and have tests of their own."""

Step = tuple[str, int]
"""A kind, and the seed of whatever chance has to decide in it."""

_WEIGHTED = [kind for kind, weight in KINDS.items() for _ in range(weight)]


def sequences(most: int = 70) -> st.SearchStrategy[list[Step]]:
    """Sequences of steps."""
    step = st.tuples(st.sampled_from(_WEIGHTED), st.integers(0, 2**32 - 1))
    return st.integers(most // 2, most).flatmap(lambda n: st.lists(step, min_size=n, max_size=n))


@dataclass
class Tally:
    """What sequences have seen, all together."""

    sequences: int = 0
    steps: int = 0
    events: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    commands: Counter[str] = field(default_factory=Counter)
    """By verb, those that led to something."""
    timers: Counter[str] = field(default_factory=Counter)
    moves: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By aggregate's kind, status before and event."""
    waited: int = 0
    """Events that came before their cause."""
    dead: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """What others have seen too."""
        self.sequences += other.sequences
        self.steps += other.steps
        self.waited += other.waited
        for name in ("events", "refusals", "commands", "timers", "moves", "dead"):
            getattr(self, name).update(getattr(other, name))


class Walk:
    """Takes one sequence through a fresh town and looks whether everything holds."""

    def __init__(self, tally: Tally | None = None) -> None:
        self.tally = tally or Tally()
        self.story: list[str] = []
        self._submitted: list[bytes] = []
        self._begin(town.opened())

    def _begin(self, there: PaperTown) -> None:
        self.town = there
        self._maker = Maker(self.town, town.pathways())
        self._verbs = [
            verb
            for desk in self.town.desks.values()
            for verb in desk.service.commands
            if not verb.VERB.startswith("read_") and verb.VERB not in APART
        ]
        self._weights = [_weight(verb) for verb in self._verbs]

    def take(self, steps: Sequence[Step]) -> None:
        """All steps, then rest, then everything once more. Raises `holds.Broken`.

        The first step decides where it begins: in a town without referrals, or in one where work is underway.
        """
        if steps and steps[0][1] % 5 < 3:
            self._begin(town.underway())
        try:
            with town.counted_ids(self.town):
                self._take(steps)
        except Exception as error:
            error.add_note("What happened:\n  " + "\n  ".join(self.story))
            raise
        self.tally.sequences += 1
        self.tally.steps += len(steps)
        self.tally.waited += self.town.waited
        for desk in self.town.desks.values():
            self.tally.events.update(f"{e.fact.NOUN}.{e.fact.FACT}" for e in desk.log)
            self.tally.timers.update(
                f"{desk.name}: {e.cause.name}" for e in desk.log if e.cause.way == "timer"
            )
            self.tally.dead.update(f"{desk.name}: {code}" for _, code, _ in desk.dead)

    def _take(self, steps: Sequence[Step]) -> None:
        for number, (kind, seed) in enumerate(steps):
            if number == 0 and seed % 5 < 3:
                continue  # what was begun before goes on
            self.step("submit" if number == 0 else kind, Random(seed))
            holds.while_things_go_on(self.town)
        chance = Random(len(steps))
        town.settle(self.town, chance)
        holds.at_rest(self.town, self.tally.moves)
        holds.everything_once_more_changes_nothing(self.town, chance)

    def step(self, kind: str, chance: Random) -> None:
        """One step."""
        at = len(self.town.desks["navigator"].log)
        match kind:
            case "submit":
                self._submit(chance)
            case "command":
                self._command(chance)
            case "deliver":
                for _ in range(chance.randint(1, 6)):
                    self.town.deliver(chance)
            case "quiet":
                while self.town.deliver(chance) or self.town.try_parked():
                    pass
            case "timer":
                self.town.fire(chance)
            case "courier":
                town.carry(self.town, chance)
            case "fetch":
                town.fetch(self.town, chance)
            case "parked":
                self.town.try_parked()
            case "again":
                self.town.deliver_again(chance)
            case "minutes":
                self.town.clock.move(timedelta(minutes=chance.randint(1, 600)))
            case "days":
                self.town.clock.move(timedelta(hours=chance.randint(12, 24 * 8)))
            case "weeks":
                self.town.clock.move(timedelta(days=chance.randint(7, 60)))
        if kind != "command" and kind != "nothing":
            self.story.append(
                f"{kind} ({len(self.town.desks['navigator'].log) - at} events at the navigator)"
            )

    def _submit(self, chance: Random) -> None:
        if self._submitted and chance.random() < 0.15:
            raw = chance.choice(self._submitted)  # sent once more, since no receipt was seen
        else:
            kind = town.taking_back if self._submitted and chance.random() < 0.08 else town.submission
            raw = kind(chance, len(self._submitted), list(self.town.seen.get("referral_id", ())))
            self._submitted.append(raw)
        before, known = holds.picture(self.town), town.is_taken_on(self.town, raw)
        town.submit(self.town, raw)
        if known:
            holds.unchanged(self.town, before, "the same submission again")
        for _ in range(chance.randint(0, 4)):
            self.town.deliver(chance)

    def _command(self, chance: Random) -> None:
        for _ in range(TRIES):
            (verb,) = chance.choices(self._verbs, self._weights)
            command = self._maker.command(verb, chance)
            if command is None:
                continue
            answer = self._carried_out(command, chance)
            if answer.ok and answer.events:
                for _ in range(chance.randint(0, 5)):
                    self.town.deliver(chance)
                return

    def _carried_out(self, command: Command, chance: Random) -> Answer:
        before = holds.picture(self.town)
        self.town.commands.add(command.command_id)
        desk = self.town.desks[command.OWNER]
        answer = desk.carry_out(command)
        if answer.refused:
            self.tally.refusals[f"{command.OWNER}: {answer.refused.code}"] += 1
            holds.refused(self.town, command, answer, before)
        elif answer.events:
            self.tally.commands[f"{command.OWNER}.{command.VERB}"] += 1
            said = ", ".join(f"{e.fact.NOUN}.{e.fact.FACT}" for e in desk.log[-len(answer.events) :])
            values = command.model_dump(mode="json", exclude={"command_id", "expected_sequence"})
            values.pop("definition", None)
            self.story.append(f"{command.VERB} {values} -> {said}")
        if chance.random() < 0.15:
            between = holds.picture(self.town)
            again = desk.carry_out(command)
            if answer.ok and again != answer:
                raise holds.Broken("I1", f"{command.VERB} sent again was answered otherwise")
            if answer.ok:
                holds.unchanged(self.town, between, f"{command.VERB} sent again")
        return answer


def _weight(verb: type[Command]) -> int:
    """About people more often than about the registry; what ends something seldom."""
    seldom = any(word in verb.VERB for word in SELDOM)
    if verb.KEY_FIELD == "referral_id" and verb.VERB != "keep_words":
        return 6 if seldom else 60 if verb.VERB in ONWARD else 24
    return 1 if seldom else 2
