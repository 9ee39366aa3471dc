"""Whom to turn to about an activity, and where the network's messages to a provider go."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, by, console
from sluss.commands.cataloguing.sending import Activity, AsRole, Provider, Who, send
from sluss.reach import Failure, Reached
from sluss_contracts.command import Command
from sluss_contracts.commands.catalogue import GiveActivityContact, GiveProviderContact, ReadActivityContact
from sluss_contracts.vocabulary import Role

Name = Annotated[str | None, typer.Option(help="A person or a desk.")]
Phone = Annotated[str | None, typer.Option(help="As it is dialled.")]
Email = Annotated[str | None, typer.Option(help="One address.")]
Note = Annotated[str | None, typer.Option(help="When to call, whom to ask for.")]
Nobody = Annotated[bool, typer.Option("--nobody", help="Take away what was given before.")]


def read_of_activity(
    activity: Activity, who: Who, role: AsRole = Role.LINK_WORKER, data_dir: DataDir = DEFAULT_DATA_DIR
) -> None:
    """Whom to turn to about it: for link workers, coordinators and the provider itself."""

    async def show(there: Reached) -> None:
        answer = await there.ask(ReadActivityContact(**by(who, role), activity=activity))
        contact = answer.result["contact"] or {}
        told = [f"{name}  {escape(value)}" for name, value in contact.items() if value]
        console.print("\n".join(told) or "Nobody is named.")

    ask(data_dir, show)


def give_of_activity(
    activity: Activity,
    who: Who,
    name: Name = None,
    phone: Phone = None,
    email: Email = None,
    note: Note = None,
    nobody: Nobody = False,
    role: AsRole = Role.PROVIDER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Say whom link workers turn to. Never shown to the public, or to the person who is referred."""
    said = _said(name=name, phone=phone, email=email, note=note, nobody=nobody)

    def command(there: Reached) -> Command:
        return GiveActivityContact(**by(who, role), activity=activity, **said)

    send(data_dir, f"Whom to turn to about {activity} is told", command)


def give_of_provider(
    provider: Provider,
    who: Who,
    name: Name = None,
    phone: Phone = None,
    email: Email = None,
    note: Note = None,
    nobody: Nobody = False,
    language: Annotated[str, typer.Option(help="What they are written to in.")] = "sv",
    role: AsRole = Role.PROVIDER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Say where the network's own messages to a provider go."""
    said = _said(name=name, phone=phone, email=email, note=note, nobody=nobody)

    def command(there: Reached) -> Command:
        return GiveProviderContact(**by(who, role), provider=provider, language=language, **said)

    send(data_dir, f"Where messages to {provider} go is told", command)


def _said(*, nobody: bool, **ways: str | None) -> dict[str, Any]:
    """What is given. Raises `Failure` for nothing at all, unless that is what is meant."""
    if nobody == any(ways.values()):
        raise Failure(
            "say either a way to reach somebody, or that there is nobody",
            remedy="--name, --phone, --email or --note; or --nobody alone",
        )
    return ways
