"""The mapping, what is measured, and what may be compared."""

from __future__ import annotations

from typing import Any

import pytest

from services.navigator.domain import instrument, mapping
from services.navigator.domain.rules import (
    GoalNotNamed,
    NoSuchGoal,
    NotComparable,
    NothingToCompare,
    ScoringDiffers,
    UnknownInstrument,
    WrongAnswers,
    WrongName,
)
from sluss_contracts.command import Actor
from sluss_contracts.commands.navigator import PublishInstrument
from sluss_contracts.commands.planning import ReadChange, RecordMapping, RecordMeasure
from sluss_contracts.instruments import InstrumentPublished, pack_of
from sluss_contracts.mapping import MappingRecorded, MeasureRecorded, Relation
from sluss_contracts.vocabulary import Barrier, LonelyFor, Need, RelationWish, Role
from tests.navigator.office import SIV, Office, accepted
from tests.navigator.spec import PLANNED, actor, assigned, given

SISTER = Relation(who="sister", wish=RelationWish.RESUME)
TOLD: dict[str, Any] = {
    "relations": (SISTER,),
    "interests": ("song",),
    "needs": (Need.COMPANY,),
    "barriers": (Barrier.GOING_ALONE,),
    "lonely_for": LonelyFor.YEARS,
}
MAPPED = MappingRecorded(referral_id="alva", version=1, **TOLD)
LONELY = {"companionship": 3, "left_out": 3, "isolated": 2}


def measured(measure_id: str = "q1", score: float | None = 8.0, **said: Any) -> MeasureRecorded:
    usual: dict[str, Any] = {
        "instrument": "ucla-3",
        "version": 1,
        "at": "baseline",
        "answers": {},
        "scores": {"total": score},
    }
    return MeasureRecorded(referral_id="alva", measure_id=measure_id, **{**usual, **said})


def answer(
    name: str = "ons-direct", answers: dict[str, int | None] | None = None, goal_id: str | None = None
) -> Any:
    pack = pack_of(name)
    given_ = {item.item: pack.values_of(item)[0] for item in pack.items} if answers is None else answers
    return lambda case, by: mapping.measure(
        case, by, "q1", pack, at="baseline", answers=given_, language="sv", goal_id=goal_id
    )


# --- mapping


def test_the_persons_life_is_mapped() -> None:
    given(assigned()).when(mapping.record, actor(), TOLD).then(MAPPED)


def test_a_later_mapping_is_the_next_version_and_the_same_one_is_quiet() -> None:
    mapped = given(assigned(), MAPPED)
    mapped.when(mapping.record, actor(), TOLD).then_nothing()
    (again,) = mapped.when(mapping.record, actor(), {**TOLD, "interests": ("walks",)}).answer
    assert (again.version, again.interests) == (2, ("walks",))


# --- measures


def test_the_score_follows_from_the_answers() -> None:
    ucla = pack_of("ucla-3")
    answers: dict[str, int | None] = {
        item.item: value for item, value in zip(ucla.items, LONELY.values(), strict=True)
    }
    _, (fact,) = given(assigned()).when(answer("ucla-3", answers), actor()).answer
    assert (fact.instrument, fact.version, list(fact.scores.values())) == ("ucla-3", ucla.version, [8.0])
    given(assigned(), fact).when(answer("ucla-3", answers), actor()).then_nothing()


def test_the_same_answers_after_others_are_a_new_measure() -> None:
    _, (fact,) = given(assigned()).when(answer(), actor()).answer
    other = fact.model_copy(update={"measure_id": "q2", "answers": {}, "scores": {}})
    _, said = given(assigned(), fact, other).when(answer(), actor()).answer
    assert len(said) == 1


def test_an_answer_the_instrument_does_not_have_is_refused_with_its_place() -> None:
    refused = given(assigned()).when(answer("ucla-3", {"made_up": 1}), actor())
    refused.then_refused(WrongAnswers)
    assert refused.refused is not None
    assert refused.refused.faults[0].path == "/answers"


def test_goal_attainment_names_its_goal_and_nothing_else_does() -> None:
    given(*PLANNED).when(answer("goal-attainment"), actor()).then_refused(GoalNotNamed)
    given(*PLANNED).when(answer("ons-direct", goal_id="goal-1"), actor()).then_refused(GoalNotNamed)
    given(*PLANNED).when(answer("goal-attainment", goal_id="g9"), actor()).then_refused(NoSuchGoal)
    _, (fact,) = given(*PLANNED).when(answer("goal-attainment", goal_id="goal-1"), actor()).answer
    assert fact.goal_id == "goal-1"


def test_an_instrument_the_network_lacks_is_refused_with_those_it_has() -> None:
    with pytest.raises(UnknownInstrument, match="ons-direct"):
        mapping.pack_of("mycaw", None, ())
    with pytest.raises(UnknownInstrument, match="version"):
        mapping.pack_of("ons-direct", 99, ())


# --- change


def change(earlier: str | None = None, later: str | None = None, goal_id: str | None = None) -> Any:
    return lambda case: mapping.change(case, "ucla-3", goal_id, earlier, later)


def test_change_is_from_the_first_to_the_latest_unless_others_are_named() -> None:
    case = given(assigned(), measured(), measured("q2", 7), measured("q3", 5))
    assert case.when(change()).answer[2] == {"total": -3.0}
    assert case.when(change("q2", "q3")).answer[2] == {"total": -2.0}


def test_a_void_score_gives_no_change() -> None:
    case = given(assigned(), measured(), measured("q2", None))
    assert case.when(change()).answer[2] == {"total": None}


def test_two_versions_are_never_compared() -> None:
    given(assigned(), measured(), measured("q2", 4, version=2)).when(change()).then_refused(
        NotComparable, saying="versions 1 and 2"
    )


@pytest.mark.parametrize("facts", [(), (measured(),), (measured(), measured("q2", instrument="djg-6"))])
def test_a_change_needs_two_measures_with_the_same_instrument(facts: tuple[Any, ...]) -> None:
    given(assigned(), *facts).when(change()).then_refused(NothingToCompare)


def test_a_measure_that_is_not_there_is_not_compared() -> None:
    given(assigned(), measured(), measured("q2")).when(change("q9")).then_refused(
        NothingToCompare, saying="q1"
    )


def test_one_goal_is_not_compared_with_another() -> None:
    one, other = measured(goal_id="g1"), measured("q2", goal_id="g2")
    given(assigned(), one, other).when(change(goal_id="g1")).then_refused(NothingToCompare)


# --- instruments of one's own

OWN = pack_of("ons4").model_copy(update={"instrument": "our-own", "version": 1})
PUBLISHED = InstrumentPublished(instrument="our-own", version=1, definition=OWN)


def test_an_own_instrument_is_published_once_and_its_wording_may_be_corrected() -> None:
    assert instrument.publish(None, "our-own", OWN) == [PUBLISHED]
    known = instrument.evolve(None, PUBLISHED)
    assert instrument.publish(known, "our-own", OWN) == []
    reworded = OWN.model_copy(update={"licence": "Used under licence."})
    assert [fact.version for fact in instrument.publish(known, "our-own", reworded)] == [1]


def test_a_version_that_scores_otherwise_is_refused() -> None:
    known = instrument.evolve(None, PUBLISHED)
    fewer = OWN.model_copy(update={"scales": OWN.scales[:1]})
    with pytest.raises(ScoringDiffers, match="version 2"):
        instrument.publish(known, "our-own", fewer)
    with pytest.raises(WrongName):
        instrument.publish(None, "another", OWN)


# --- on a real database


async def test_what_matters_stays_in_the_vault_and_an_own_instrument_is_scored(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.hear(accepted("r1"))
    words = "Kanariefågel vill sjunga igen"
    told = await office.do(RecordMapping, referral_id="r1", what_matters=words, interests=("song",))
    assert told == {"version": 1}
    assert list(office.vault.words.values()) == [words]
    bodies = await office.rows("select body from event")
    assert not [row for row in bodies if "Kanarie" in row["body"].decode()]
    published = await office.do(PublishInstrument, SIV, instrument="our-own", definition=OWN)
    assert published == {"version": 1}
    answers = {item.item: 7 for item in OWN.items}
    for value in (7, 3):
        made = await office.do(
            RecordMeasure,
            referral_id="r1",
            instrument="our-own",
            at="baseline",
            answers={**answers, OWN.items[0].item: value},
        )
    changed = await office.do(ReadChange, referral_id="r1", instrument="our-own")
    assert changed["later"] == made["measure_id"]
    assert changed["change"][OWN.scales[0].scale] == -4.0


async def test_a_volunteer_does_not_publish_instruments(office: Office) -> None:
    answer_ = await office.ask(
        PublishInstrument, Actor(id="vera", role=Role.VOLUNTEER), instrument="our-own", definition=OWN
    )
    assert answer_.refused is not None
    assert answer_.refused.code == "not_allowed"
