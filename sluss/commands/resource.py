"""`sluss resource …`: the library of books, guides, podcasts, self-help and methods."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, by, console
from sluss.commands.cataloguing.listing import in_words
from sluss.commands.cataloguing.sending import AsRole, Who, Why, send
from sluss.reach import Reached
from sluss_contracts.command import Command
from sluss_contracts.commands.catalogue import PublishResource, ReadResources, WithdrawResource
from sluss_contracts.offering import Interest
from sluss_contracts.resource import ForWhom, ResourceKind
from sluss_contracts.vocabulary import Need, Role

app = typer.Typer(name="resource", help="The library: books, guides, methods.", no_args_is_help=True)

Resource = Annotated[str, typer.Argument(help="Its id in the library.")]


@app.command("list")
def list_resources(
    who: Who,
    kind: Annotated[ResourceKind | None, typer.Option(help="Only this sort.")] = None,
    need: Annotated[Need | None, typer.Option(help="Only what helps with this.")] = None,
    interest: Annotated[Interest | None, typer.Option(help="Only what is about this.")] = None,
    language: Annotated[str | None, typer.Option(help="Only what is in this language, as `ar`.")] = None,
    role: AsRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """What is in the library, by title; methods for those who guide are shown to them alone."""

    async def show(there: Reached) -> None:
        asked = ReadResources(**by(who, role), kind=kind, need=need, interest=interest, language=language)
        table = Table(box=None, pad_edge=False)
        for column in ("resource", "kind", "for", "languages", "author", "title"):
            table.add_column(column)
        for each in (await there.ask(asked)).result["resources"]:
            shown = (each["languages"], each["author"] or "", each["title"])
            table.add_row(each["resource"], each["kind"], each["for_whom"], *map(in_words, shown))
        console.print(table if table.row_count else "Nothing there.")

    ask(data_dir, show)


@app.command()
def publish(
    resource: Resource,
    kind: ResourceKind,
    title: Annotated[str, typer.Argument(help="What it is called.")],
    who: Who,
    about: Annotated[str | None, typer.Option(help="A few sentences for whoever might use it.")] = None,
    languages: Annotated[list[str] | None, typer.Option("--language", help="As `sv`.")] = None,
    needs: Annotated[list[Need] | None, typer.Option("--need", help="What it helps with.")] = None,
    author: Annotated[str | None, typer.Option(help="Who made it.")] = None,
    source: Annotated[str | None, typer.Option(help="Who publishes or keeps it.")] = None,
    page: Annotated[str | None, typer.Option(help="Where it is, as https://…")] = None,
    for_whom: Annotated[ForWhom, typer.Option("--for", help="On whose shelf.")] = ForWhom.EVERYBODY,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """A coordinator puts something in the library, or corrects it. A registry file takes more of it."""

    def command(there: Reached) -> Command:
        return PublishResource(
            **by(who, Role.COORDINATOR),
            resource=resource,
            kind=kind,
            title=title,
            about=about,
            languages=tuple(languages or ("sv",)),
            needs=tuple(needs or ()),
            author=author,
            source=source,
            page=page,
            for_whom=for_whom,
        )

    send(data_dir, f"{resource} is in the library", command)


@app.command()
def withdraw(resource: Resource, why: Why, who: Who, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """A coordinator takes something out of the library."""
    send(
        data_dir,
        f"{resource} taken out",
        lambda there: WithdrawResource(**by(who, Role.COORDINATOR), resource=resource, why=why),
    )
