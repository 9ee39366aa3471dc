"""`sluss enrolment …`: answers to an offer, as commands to the provider service."""

from __future__ import annotations

from typing import Annotated

import typer

from sluss.commands.asking import DEFAULT_DATA_DIR, ActingAs, DataDir, ask, by, done, link, moment
from sluss.reach import Reached
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    AgreeToTime,
    DeclineEnrolment,
    EndEnrolment,
    ReadEnrolmentLink,
    SuggestAnotherTime,
)
from sluss_contracts.vocabulary import Role, Whose

app = typer.Typer(name="enrolment", help="Answers to an offer, and its end.", no_args_is_help=True)

Referral = Annotated[str, typer.Argument(help="The referral's id, or the beginning of it.")]
Enrolment = Annotated[str, typer.Argument(help="The enrolment's id, or the beginning of it.")]
ProviderId = Annotated[str, typer.Option("--as", help="The provider who answers.")]


@app.command()
def accept(
    referral: Referral,
    enrolment: Enrolment,
    who: ProviderId,
    host: Annotated[str | None, typer.Option(help="Who meets the newcomer.")] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Welcome the person."""

    async def answer(there: Reached) -> None:
        place = await place_of(there, referral, enrolment)
        command = AcceptEnrolment(**by(who, Role.PROVIDER), **place, provider=who, host=host)
        done("Welcome sent", await there.ask(command))

    ask(data_dir, answer)


@app.command()
def decline(
    referral: Referral,
    enrolment: Enrolment,
    reason: Annotated[str, typer.Argument(help="A code: group_is_full, wrong_level, not_this_term …")],
    who: ProviderId,
    whose: Annotated[Whose, typer.Option(help="Whose reason it is.")] = Whose.PROVIDER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Say no, and whose reason it is."""

    async def answer(there: Reached) -> None:
        place = await place_of(there, referral, enrolment)
        command = DeclineEnrolment(
            **by(who, Role.PROVIDER), **place, provider=who, whose=whose, reason=reason
        )
        done("Answer sent", await there.ask(command))

    ask(data_dir, answer)


@app.command()
def suggest(
    referral: Referral,
    enrolment: Enrolment,
    starts: Annotated[str, typer.Argument(help="When instead, as 2027-01-12T14:00.")],
    who: ProviderId,
    host: Annotated[str | None, typer.Option(help="Who meets the newcomer.")] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Welcome, but another time. The place is held while the link worker asks the person."""

    async def answer(there: Reached) -> None:
        place = await place_of(there, referral, enrolment)
        at = moment(starts)
        command = SuggestAnotherTime(**by(who, Role.PROVIDER), **place, provider=who, starts=at, host=host)
        done("Another time suggested", await there.ask(command))

    ask(data_dir, answer)


@app.command()
def agree(
    referral: Referral, enrolment: Enrolment, who: ActingAs, data_dir: DataDir = DEFAULT_DATA_DIR
) -> None:
    """A link worker says that the person agrees to the time the provider suggested."""

    async def answer(there: Reached) -> None:
        place = await place_of(there, referral, enrolment)
        done("Time agreed", await there.ask(AgreeToTime(**by(who, Role.LINK_WORKER), **place)))

    ask(data_dir, answer)


@app.command()
def end(
    referral: Referral,
    enrolment: Enrolment,
    reason: Annotated[str, typer.Argument(help="A code: self_sustaining, person_stopped …")],
    who: Annotated[str, typer.Option("--as", help="Who says so.")],
    whose: Annotated[Whose, typer.Option(help="Whose reason it is.")] = Whose.PERSON,
    role: Annotated[Role, typer.Option(help="In which role.")] = Role.PROVIDER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The person no longer takes part; the place is free."""

    async def answer(there: Reached) -> None:
        place = await place_of(there, referral, enrolment)
        command = EndEnrolment(**by(who, role), **place, whose=whose, reason=reason)
        done("Place freed", await there.ask(command))

    ask(data_dir, answer)


@app.command("link")
def show_link(
    referral: Referral,
    enrolment: Enrolment,
    who: Annotated[str, typer.Option("--as", help="The coordinator who gives it to the provider.")],
    role: Annotated[Role, typer.Option(help="coordinator or operator.")] = Role.COORDINATOR,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Show a link by which the provider answers this offer without an account."""

    async def show(there: Reached) -> None:
        place = await place_of(there, referral, enrolment)
        link(await there.ask(ReadEnrolmentLink(**by(who, role), **place)), there.clock)

    ask(data_dir, show)


async def place_of(there: Reached, referral: str, enrolment: str) -> dict[str, str]:
    """The ids a command about an enrolment carries, from what a person writes."""
    id = await there.referral(referral)
    found = await there.one_of("enrolment", enrolment, id)
    return {"referral_id": id, "enrolment_id": str(found["enrolment_id"])}
