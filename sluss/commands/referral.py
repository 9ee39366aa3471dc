"""`sluss referral …`: how a referral ends before its work is done, as commands to the referral service."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

import typer

from sluss.account import acting
from sluss.commands.asking import DEFAULT_DATA_DIR, ActingAs, DataDir, ask, by, done
from sluss.reach import Failure, Reached
from sluss_contracts.commands.referral import (
    CancelReferral,
    DecideGuardian,
    DeclineReferral,
    EnterInError,
    RedirectReferral,
)
from sluss_contracts.vocabulary import GuardianRule, Role, Whose

app = typer.Typer(
    name="referral",
    help="Take a referral back, decline it, or send it on to whoever is right for it.",
    no_args_is_help=True,
)

Referral = Annotated[str, typer.Argument(help="The referral's id, or the beginning of it.")]
Organisation = Annotated[str, typer.Option("--as", help="The organisation that referred.")]


@app.command()
def cancel(
    referral: Referral,
    why: Annotated[str, typer.Argument(help="A code: person_asked, no_longer_needed, found_other_help …")],
    who: Organisation,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The organisation that referred takes it back. What has been done stays done."""

    async def send(there: Reached) -> None:
        id = await there.referral(referral)
        answer = await there.ask(CancelReferral(**_at(who), referral_id=id, why=why))
        done("Referral taken back", answer)

    ask(data_dir, send)


@app.command()
def error(
    referral: Referral,
    why: Annotated[str, typer.Argument(help="A code: wrong_person, sent_twice …")],
    who: Organisation,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """It should never have been: void, whatever came of it. Erases nothing: see `sluss person erase`."""

    async def send(there: Reached) -> None:
        id = await there.referral(referral)
        answer = await there.ask(EnterInError(**_at(who), referral_id=id, why=why))
        done("Referral void", answer)

    ask(data_dir, send)


@app.command()
def decline(
    referral: Referral,
    why: Annotated[str, typer.Argument(help="A code: outside_remit, social_phobia, needs_care_first …")],
    who: ActingAs,
    whose: Annotated[Whose, typer.Option(help="Whose reason it is.")] = Whose.NETWORK,
    screened_out: Annotated[
        bool, typer.Option("--screened-out", help="Something else than this network helps better.")
    ] = False,
    turn_to: Annotated[
        str | None, typer.Option(help="Where they are better helped, in words for the referrer.")
    ] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The network does not take it on, or goes no further; the referrer is told why and where to turn."""

    async def send(there: Reached) -> None:
        command = DeclineReferral(
            **by(who, Role.LINK_WORKER),
            referral_id=await there.referral(referral),
            whose=whose,
            why=why,
            screened_out=screened_out,
            turn_to=turn_to,
        )
        done("Referral declined", await there.ask(command))

    ask(data_dir, send)


@app.command()
def redirect(
    referral: Referral,
    why: Annotated[str, typer.Argument(help="A code: moved, lives_there, debt, job_coaching …")],
    who: ActingAs,
    to_area: Annotated[str | None, typer.Option(help="Another team: the area it serves.")] = None,
    to_organisation: Annotated[
        str | None, typer.Option(help="Another organisation, which the person's consent must name.")
    ] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Somebody else is right for it, and the person agrees: another area's team, or another organisation."""
    if (to_area is None) == (to_organisation is None):
        raise Failure("it goes to one place", remedy="add --to-area or --to-organisation, and not both")

    async def send(there: Reached) -> None:
        command = RedirectReferral(
            **by(who, Role.LINK_WORKER),
            referral_id=await there.referral(referral),
            why=why,
            to_area=to_area,
            to_organisation=to_organisation,
        )
        done("Referral sent on", await there.ask(command))

    ask(data_dir, send)


@app.command()
def guardian(
    referral: Referral,
    rule: Annotated[GuardianRule, typer.Argument(help="What holds for this minor's guardian.")],
    who: ActingAs,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Decide whether a minor's guardian consents, is told, or is rightly left out."""

    async def send(there: Reached) -> None:
        id = await there.referral(referral)
        command = DecideGuardian(**by(who, Role.LINK_WORKER), referral_id=id, rule=rule)
        done("Decided", await there.ask(command))

    ask(data_dir, send)


def _at(organisation: str) -> dict[str, Any]:
    actor = acting(organisation, Role.REFERRER, organisation)
    return {"command_id": uuid4(), "actor": actor}
