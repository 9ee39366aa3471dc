"""Contact and meetings with the person, and pauses between them."""

from __future__ import annotations

from typing import Annotated

import typer

from sluss.commands.asking import DEFAULT_DATA_DIR, ActingAs, DataDir, ask, by, done, moment
from sluss.commands.casework.step import InRole, Referral, take
from sluss.reach import Reached, due_followup
from sluss_contracts.command import Command
from sluss_contracts.commands.meetings import BookMeeting, RecordMeeting
from sluss_contracts.commands.navigator import PauseCase, RecordContact, ResumeCase
from sluss_contracts.commands.notify import CompleteFollowUp
from sluss_contracts.vocabulary import ContactOutcome, ContactWay, MeetingKind, MeetingMode, Role


def contact(
    referral: Referral,
    outcome: Annotated[ContactOutcome, typer.Argument(help="What came of it.")],
    who: ActingAs,
    way: ContactWay = ContactWay.PHONE,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Somebody tried to reach the person."""

    def command(id: str, there: Reached) -> Command:
        return RecordContact(**by(who, role), referral_id=id, way=way, outcome=outcome)

    take(data_dir, referral, "Contact attempt recorded", command)


def book(
    referral: Referral,
    starts: Annotated[str, typer.Argument(help="When, as 2027-01-12T14:00.")],
    who: ActingAs,
    kind: MeetingKind = MeetingKind.FIRST,
    mode: Annotated[MeetingMode | None, typer.Option(help="Left out: as the pathway proposes.")] = None,
    minutes: Annotated[int | None, typer.Option(help="Left out: as the pathway proposes.")] = None,
    beside: Annotated[bool, typer.Option("--beside", help="Even if there is another meeting then.")] = False,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Agree a time with the person, which is not that of another meeting."""

    def command(id: str, there: Reached) -> Command:
        return BookMeeting(
            **by(who, role),
            referral_id=id,
            kind=kind,
            mode=mode,
            starts=moment(starts),
            minutes=minutes,
            only_if_free=not beside,
        )

    take(data_dir, referral, "Meeting booked", command)


def meeting(
    referral: Referral,
    meeting_id: Annotated[str, typer.Argument(help="The meeting's id, or the beginning of it.")],
    who: ActingAs,
    missed: Annotated[bool, typer.Option("--missed", help="The person did not come.")] = False,
    minutes: Annotated[int | None, typer.Option(help="How long it was; left out: as booked.")] = None,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The meeting was held, or the person did not come."""

    async def record(there: Reached) -> None:
        id = await there.referral(referral)
        found = await there.one_of("meeting", meeting_id, id)
        command = RecordMeeting(
            **by(who, role),
            referral_id=id,
            meeting_id=found["meeting_id"],
            held=not missed,
            minutes=minutes,
        )
        done("Meeting recorded", await there.ask(command))

    ask(data_dir, record)


def followup(
    referral: Referral,
    how_it_went: Annotated[str, typer.Argument(help="A code: going_well, needs_more, stopped …")],
    who: ActingAs,
    followup_id: Annotated[
        str, typer.Argument(help="The follow-up's id, or the beginning of it; otherwise the one due.")
    ] = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The person was asked how it went."""

    async def record(there: Reached) -> None:
        id = await there.referral(referral)
        if followup_id:
            found = await there.one_of("followup", followup_id, id)
        else:
            found = due_followup(await there.ledger.story(id))
        command = CompleteFollowUp(
            **by(who, Role.LINK_WORKER),
            referral_id=id,
            followup_id=found["followup_id"],
            how_it_went=how_it_went,
        )
        done("Followed up", await there.ask(command))

    ask(data_dir, record)


def pause(
    referral: Referral,
    until: Annotated[str, typer.Argument(help="The day the work goes on, as 2027-02-01.")],
    who: ActingAs,
    why: Annotated[str, typer.Option(help="A code: illness, travel …")] = "illness",
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Ask nothing of the person until a day."""

    def command(id: str, there: Reached) -> Command:
        day = moment(until).date()
        return PauseCase(**by(who, role), referral_id=id, why=why, until=day)

    take(data_dir, referral, f"The case rests until {until}", command)


def resume(
    referral: Referral,
    who: ActingAs,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Let the work go on."""

    def command(id: str, there: Reached) -> Command:
        return ResumeCase(**by(who, role), referral_id=id)

    take(data_dir, referral, "The work goes on", command)
