"""Whatever people, organisations, time and the bus do, in whatever order: what must hold, holds."""

from __future__ import annotations

from random import Random

from hypothesis import HealthCheck, Phase, given, settings

from services.runtime.service import Handler
from sluss.lifecycles.found import services
from tests.properties.tables import ANSWERS
from tests.properties.walk import _WEIGHTED, Step, Tally, Walk, sequences

QUICK = settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


@QUICK
@given(sequences())
def test_what_must_hold_holds_after_any_sequence(steps: list[Step]) -> None:
    Walk().take(steps)


def some_steps(seed: int, count: int = 60) -> list[Step]:
    chance = Random(seed)
    return [(chance.choice(_WEIGHTED), chance.getrandbits(32)) for _ in range(count)]


def test_the_same_steps_make_the_same_story() -> None:
    one, other = Walk(), Walk()
    one.take(some_steps(7))
    other.take(some_steps(7))
    assert one.story == other.story
    for name, desk in one.town.desks.items():
        assert [e.said.id for e in desk.log] == [e.said.id for e in other.town.desks[name].log]


def test_every_lookup_is_answered_on_paper() -> None:
    """A new lookup needs a function of its name in `tables`, or sequences would not tell anything of it."""
    asked = {
        f"{name}.{handler.look_up.__name__}"
        for name, service in services().items()
        for handler in _deciding(service.handlers, service.timers, service.commands)
        if handler.look_up is not None
    }
    answered = set(ANSWERS.lookups) | ANSWERS.real
    assert asked - answered == set(), "lookups that no paper answers"
    assert answered - asked == set(), "answers to lookups that are no more"


def test_every_projection_left_out_is_one() -> None:
    there = {
        f"{name}.{write.__name__}"
        for name, service in services().items()
        for _, write in (*service.projections, *service.absorbers)
    }
    assert there >= ANSWERS.left_out


def test_sequences_reach_far() -> None:
    """Chance is set so that a few sequences see whole stories, not refusals only."""
    tally = Tally()
    for seed in range(40):
        Walk(tally).take(some_steps(seed))
    for event in ("case.assigned", "case.claimed", "plan.agreed", "enrolment.accepted", "referral.closed"):
        assert tally.events[event], f"no sequence came to {event}"


def _deciding(*registries: dict[type, Handler] | dict[str, Handler]) -> list[Handler]:
    return [
        handler
        for registry in registries
        for what, handler in registry.items()
        if not (isinstance(what, type) and getattr(what, "VERB", "").startswith("read_"))
    ]
