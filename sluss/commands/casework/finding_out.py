"""What is found out with the person, and what is measured."""

from __future__ import annotations

from typing import Annotated

import typer

from sluss.commands.asking import DEFAULT_DATA_DIR, ActingAs, DataDir, ask, by, console
from sluss.commands.casework.step import InRole, Referral, take
from sluss.reach import Failure, Reached
from sluss_contracts.command import Command
from sluss_contracts.commands.planning import ReadChange, RecordMapping, RecordMeasure
from sluss_contracts.mapping import Relation
from sluss_contracts.vocabulary import LonelyFor, RelationWish, Role, SupportLevel, Timepoint

Listed = list[str] | None


def mapping(
    referral: Referral,
    who: ActingAs,
    relation: Annotated[
        Listed, typer.Option(help="WHO=WISH, as sister=resume; wishes: deepen, resume, keep, leave.")
    ] = None,
    interest: Annotated[Listed, typer.Option(help="A code; may be given several times.")] = None,
    need: Annotated[Listed, typer.Option(help="As company, debt, work …")] = None,
    barrier: Annotated[Listed, typer.Option(help="As transport, cost, going_alone …")] = None,
    lonely_for: LonelyFor = LonelyFor.UNKNOWN,
    support_level: SupportLevel = SupportLevel.USUAL,
    what_matters: Annotated[
        str | None, typer.Option(help="In the person's own words; kept in the vault alone.")
    ] = None,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """What the person tells of their life: network, interests, obstacles, what matters."""

    def command(id: str, there: Reached) -> Command:
        return RecordMapping(
            **by(who, role),
            referral_id=id,
            relations=tuple(relation_of(each) for each in relation or ()),
            interests=tuple(interest or ()),
            needs=tuple(need or ()),
            barriers=tuple(barrier or ()),
            lonely_for=lonely_for,
            support_level=support_level,
            what_matters=what_matters,
        )

    take(data_dir, referral, "Mapping recorded", command)


def measure(
    referral: Referral,
    instrument: Annotated[str, typer.Argument(help="As ons-direct; `sluss instrument list` shows them.")],
    answers: Annotated[list[str], typer.Argument(help="ITEM=ANSWER for each item; ITEM= for no answer.")],
    who: ActingAs,
    at: Annotated[str, typer.Option(help="baseline, follow_up or evaluation.")] = Timepoint.BASELINE.value,
    instrument_version: Annotated[int | None, typer.Option(help="Left out: the newest.")] = None,
    language: str = "sv",
    goal: Annotated[str | None, typer.Option(help="For goal-attainment: the goal's id.")] = None,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """An instrument was answered; the scores follow."""

    def command(id: str, there: Reached) -> Command:
        return RecordMeasure(
            **by(who, role),
            referral_id=id,
            instrument=instrument,
            version=instrument_version,
            at=at,
            answers=dict(answer_of(each) for each in answers),
            language=language,
            goal_id=goal,
        )

    take(data_dir, referral, "Measure recorded", command)


def change(
    referral: Referral,
    instrument: Annotated[str, typer.Argument(help="As ucla-3.")],
    who: ActingAs,
    goal: Annotated[str | None, typer.Option(help="For goal-attainment: the goal's id.")] = None,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """What has changed between the first and the latest measure with one instrument."""

    async def show(there: Reached) -> None:
        id = await there.referral(referral)
        answer = await there.ask(
            ReadChange(**by(who, role), referral_id=id, instrument=instrument, goal_id=goal)
        )
        for scale, difference in answer.result["change"].items():
            console.print(f"{scale}: {'void' if difference is None else f'{difference:+g}'}")

    ask(data_dir, show)


def relation_of(text: str) -> Relation:
    """`sister=resume` as a relation and a wish. Raises `Failure` with how to write it."""
    who, _, wish = text.partition("=")
    try:
        return Relation(who=who, wish=RelationWish(wish))
    except ValueError:
        wishes = ", ".join(RelationWish)
        raise Failure(
            f"{text!r} is no relation", remedy=f"write WHO=WISH, as sister=resume; wishes: {wishes}"
        ) from None


def answer_of(text: str) -> tuple[str, int | None]:
    """`satisfied=7`, or `satisfied=` where there is no answer. Raises `Failure` with how to write it."""
    item, written, value = text.partition("=")
    try:
        if not written:
            raise ValueError
        return item, int(value) if value else None
    except ValueError:
        raise Failure(
            f"{text!r} is no answer", remedy="write ITEM=NUMBER, or ITEM= where there is no answer"
        ) from None
