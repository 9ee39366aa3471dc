"""What may suit the person: the navigator's list, and what to do when there is none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.padding import Padding

from sluss.commands.asking import DEFAULT_DATA_DIR, ActingAs, DataDir, ask, by, console
from sluss.commands.casework.step import InRole, Referral
from sluss.reach import Failure, Reached
from sluss.telling import LOCAL_TIME
from sluss_contracts.commands.matching import ReadMatches
from sluss_contracts.matching import Ground, Match, Position, Unanswered, Weekday
from sluss_contracts.offering import Mode
from sluss_contracts.vocabulary import Gender, Role

Listed = list[str] | None


class In(StrEnum):
    """The languages a list can be read in."""

    SV = "sv"
    EN = "en"


def match(
    referral: Referral,
    who: ActingAs,
    need: Annotated[Listed, typer.Option(help="Instead of those the case holds; several times.")] = None,
    interest: Annotated[Listed, typer.Option(help="Instead of the mapping's; several times.")] = None,
    barrier: Annotated[Listed, typer.Option(help="Instead of the mapping's; several times.")] = None,
    language: Annotated[str | None, typer.Option(help="Instead of the referral's, as ar.")] = None,
    language_required: Annotated[
        bool | None,
        typer.Option("--only-in-language/--any-language", help="Left out: where language is a barrier."),
    ] = None,
    area: Annotated[str | None, typer.Option(help="Instead of the referral's.")] = None,
    also_area: Annotated[Listed, typer.Option(help="Where the person can get to as well.")] = None,
    near: Annotated[
        str | None, typer.Option(help="LATITUDE,LONGITUDE to measure from; kept nowhere.")
    ] = None,
    within_km: Annotated[int | None, typer.Option(help="How far from there at most.")] = None,
    day: Annotated[list[Weekday] | None, typer.Option(help="A day that suits; several times.")] = None,
    at_most: Annotated[int | None, typer.Option(help="Kronor a month; 0: only free of charge.")] = None,
    mode: Annotated[str | None, typer.Option(help="on_site or digital.")] = None,
    age: Annotated[int | None, typer.Option(help="Where the person says it; kept nowhere.")] = None,
    gender: Annotated[Gender | None, typer.Option(help="Where the person says it; kept nowhere.")] = None,
    never: Annotated[Listed, typer.Option(help="A provider that must not be asked.")] = None,
    activity: Annotated[Listed, typer.Option(help="Judge this one, whatever rules it out.")] = None,
    most: Annotated[int, typer.Option(help="How many to show.")] = 10,
    read_in: Annotated[In, typer.Option("--in", help="The language of the list.")] = In.EN,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """What may suit the person, each with why and with what may be in the way. Nothing is written down."""

    async def show(there: Reached) -> None:
        id = await there.referral(referral)
        question = ReadMatches(
            **by(who, role),
            referral_id=id,
            needs=_or_none(need),
            interests=_or_none(interest),
            barriers=_or_none(barrier),
            language=language,
            language_required=language_required,
            area=area,
            also_areas=tuple(also_area or ()),
            near=position_of(near),
            within_km=within_km,
            days=tuple(day or ()),
            at_most=at_most,
            mode=Mode(mode) if mode else None,
            age=age,
            gender=gender,
            never=tuple(never or ()),
            activities=tuple(activity or ()),
            most=most,
        )
        result = (await there.ask(question)).result
        matches = [Match.model_validate(row) for row in result["matches"]]
        for number, row in enumerate(matches, 1):
            tell(number, row, read_in)
        if not matches:
            console.print("Nothing suits.")
        for each in result["unmet"]:
            offer_to_record(Unanswered.model_validate(each), id, who)

    ask(data_dir, show)


def tell(number: int, row: Match, read_in: In) -> None:
    """One row of the list, in words."""
    title = f"[bold]{number}. {escape(row.title)}[/bold]"
    console.print(f"{title}  {row.activity}, {escape(row.provider_name or row.provider)}  ({row.points})")
    for line in (when_and_where(row), *_sentences("+", row.fits, read_in)):
        console.print(Padding(line, (0, 0, 0, 3), expand=False))
    for sign, grounds in (("!", row.in_the_way), ("x", row.ruled_out)):
        for line in _sentences(sign, grounds, read_in):
            console.print(Padding(line, (0, 0, 0, 3), expand=False), style="yellow" if sign == "!" else "red")


def when_and_where(row: Match) -> str:
    """`Gamla torget, hageby; next Tuesday 3 March 14:00`, as far as it is known."""
    where = ", ".join(escape(part) for part in (row.venue, row.area) if part)
    return f"{where}; {_next(row.starts)}"


def _next(starts: datetime | None) -> str:
    return f"next {starts.astimezone(LOCAL_TIME):%A %-d %B %H:%M}" if starts else "no session known"


def _sentences(sign: str, grounds: Sequence[Ground], read_in: In) -> list[str]:
    return [f"{sign} {escape(getattr(ground, read_in.value) or ground.code)}" for ground in grounds]


def offer_to_record(unmet: Unanswered, referral: str, who: str) -> None:
    """How to say that nothing meets a need, for whoever looked and agrees."""
    console.print(f"Nothing here meets the need {unmet.need} with room to spare. To record it as unmet:")
    console.print(f"   sluss case unmet {referral} {unmet.need} {unmet.why} --as {who}")


def position_of(text: str | None) -> Position | None:
    """`58.59,16.18` as a position. Raises `Failure` with how to write it."""
    if text is None:
        return None
    latitude, _, longitude = text.partition(",")
    try:
        return Position(latitude=float(latitude), longitude=float(longitude))
    except ValueError:
        raise Failure("this is no position", remedy="write LATITUDE,LONGITUDE, as 58.59,16.18") from None


def _or_none(given: Listed) -> Any:
    return tuple(given) if given else None
