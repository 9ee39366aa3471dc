"""`sluss attendance …`: who came, as commands to the provider service."""

from __future__ import annotations

from typing import Annotated

import typer

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, by, console, done
from sluss.commands.enrolment import Enrolment, Referral, place_of
from sluss.reach import Reached, UnknownId, picture_of
from sluss.telling import LOCAL_TIME
from sluss_contracts.commands.provider import RecordAttendance
from sluss_contracts.vocabulary import Attendance, Role

app = typer.Typer(name="attendance", help="Who came.", no_args_is_help=True)


@app.command()
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
        place = await place_of(there, referral, enrolment)
        command = RecordAttendance(**by(who, role), **place, session_id=session, outcome=outcome)
        done("Attendance recorded", await there.ask(command))

    ask(data_dir, report)


@app.command("sessions")
def sessions(
    activity: Annotated[str, typer.Argument(help="The activity's id.")],
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The sessions of an activity, with their ids."""

    async def show(there: Reached) -> None:
        picture = await picture_of(there)
        if activity not in picture.activities:
            known = ", ".join(sorted(picture.activities)) or "none yet"
            raise UnknownId(f"there is no activity {activity!r}", remedy=f"these are: {known}")
        for id, starts in sorted(picture.sessions[activity].items(), key=lambda item: item[1]):
            console.print(f"{starts.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M}  {id}")

    ask(data_dir, show)
