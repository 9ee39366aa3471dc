"""`sluss enrolment …` and `sluss attendance …`: what providers say, as commands to their service."""

from __future__ import annotations

from typing import Annotated

import typer

from sluss.commands.asking import (
    DEFAULT_DATA_DIR,
    DataDir,
    Failure,
    Reached,
    ask,
    by,
    console,
    done,
    picture_of,
)
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    DeclineEnrolment,
    EndEnrolment,
    RecordAttendance,
)
from sluss_contracts.vocabulary import Attendance, Role, Whose

app = typer.Typer(name="enrolment", help="A provider's answers to an offer.", no_args_is_help=True)
attendance = typer.Typer(name="attendance", help="Who came.", no_args_is_help=True)

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
        place = await _place(there, referral, enrolment)
        command = AcceptEnrolment(**by(who, Role.PROVIDER), **place, provider=who, host=host)
        done("Welcome sent", await there.ask(command))

    ask(data_dir, answer)


@app.command()
def decline(
    referral: Referral,
    enrolment: Enrolment,
    reason: Annotated[str, typer.Argument(help="A code: group_full, wrong_level, not_this_term …")],
    who: ProviderId,
    whose: Annotated[Whose, typer.Option(help="Whose reason it is.")] = Whose.PROVIDER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Say no, and whose reason it is."""

    async def answer(there: Reached) -> None:
        place = await _place(there, referral, enrolment)
        command = DeclineEnrolment(
            **by(who, Role.PROVIDER), **place, provider=who, whose=whose, reason=reason
        )
        done("Answer sent", await there.ask(command))

    ask(data_dir, answer)


@app.command()
def end(
    referral: Referral,
    enrolment: Enrolment,
    reason: Annotated[str, typer.Argument(help="A code: self_sustaining, person_stopped …")],
    who: ProviderId,
    whose: Annotated[Whose, typer.Option(help="Whose reason it is.")] = Whose.PERSON,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The person no longer takes part; the place is free."""

    async def answer(there: Reached) -> None:
        place = await _place(there, referral, enrolment)
        command = EndEnrolment(**by(who, Role.PROVIDER), **place, whose=whose, reason=reason)
        done("Place freed", await there.ask(command))

    ask(data_dir, answer)


@attendance.command()
def record(
    referral: Referral,
    enrolment: Enrolment,
    session: Annotated[str, typer.Argument(help="The session's id.")],
    outcome: Annotated[Attendance, typer.Argument(help="Whether they came.")],
    who: Annotated[str, typer.Option("--as", help="Who reports.")],
    role: Annotated[Role, typer.Option(help="In which role.")] = Role.PROVIDER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Say whether the person came to a session. Saying otherwise later is a correction."""

    async def report(there: Reached) -> None:
        place = await _place(there, referral, enrolment)
        command = RecordAttendance(**by(who, role), **place, session_id=session, outcome=outcome)
        done("Attendance recorded", await there.ask(command))

    ask(data_dir, report)


@attendance.command("sessions")
def sessions(
    activity: Annotated[str, typer.Argument(help="The activity's id.")],
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The sessions of an activity, with their ids."""

    async def show(there: Reached) -> None:
        picture = await picture_of(there)
        if activity not in picture.activities:
            known = ", ".join(sorted(picture.activities)) or "none yet"
            raise Failure(f"there is no activity {activity!r}", remedy=f"these are: {known}")
        for id, starts in sorted(picture.sessions[activity].items(), key=lambda item: item[1]):
            console.print(f"{starts:%Y-%m-%d %H:%M}  {id}")

    ask(data_dir, show)


async def _place(there: Reached, referral: str, enrolment: str) -> dict[str, str]:
    id = await there.referral(referral)
    found = await there.one_of("enrolment", enrolment, id)
    return {"referral_id": id, "enrolment_id": str(found["enrolment_id"])}
