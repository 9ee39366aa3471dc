"""`sluss partner …`: which organisations may talk to the broker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.table import Table

from sluss.commands.asking import console
from sluss.machine.errors import MachineError
from sluss.machine.folder import DEFAULT
from sluss.machine.run_file import running

if TYPE_CHECKING:
    from sluss.partners.accounts import Partners

app = typer.Typer(
    name="partner",
    help="Give organisations access to the broker, and take it away.",
    no_args_is_help=True,
)

Organisation = Annotated[str, typer.Argument(help="The organisation's id, e.g. varby-vardcentral.")]
DataDir = Annotated[Path, typer.Option(help="The folder of the running network.")]
T = TypeVar("T")

_REGISTER = "run sluss registry import FILE, where the file has its id, name, kind and area"


class BrokerDown(MachineError):
    """The network runs but its broker does not answer."""

    code = "broker_down"


@dataclass(frozen=True)
class Deployment:
    """A network on containers, which has no `run.json`: where its keys and its broker are."""

    folder: Path | None
    nats_url: str
    replicas: int


@app.callback()
def elsewhere(
    context: typer.Context,
    deployment: Annotated[
        Path | None,
        typer.Option(envvar="SLUSS_DEPLOYMENT", help="The folder of a deployment, instead of --data-dir."),
    ] = None,
    nats_url: Annotated[
        str, typer.Option(envvar="SLUSS_NATS_URL", help="The deployment's NATS servers, commas between.")
    ] = "nats://nats-1:4222",
    stream_replicas: Annotated[
        int,
        typer.Option(envvar="SLUSS_STREAM_REPLICAS", min=1, max=5, help="Copies of each stream there."),
    ] = 1,
) -> None:
    """Give organisations access to the broker, and take it away."""
    context.obj = Deployment(deployment, nats_url, stream_replicas)


@app.command()
def add(context: typer.Context, organisation: Organisation, data_dir: DataDir = DEFAULT) -> None:
    """Give an organisation credentials, a stream for its submissions and one for its feedback.

    Adding again shows the same credentials.
    """
    from sluss.partners.accounts import inbox_prefix
    from sluss_contracts.subjects import SUBMIT, outgoing_stream

    _check(organisation)
    partners = _partners(context, data_dir)
    credentials = _carry_out(partners, lambda: partners.add(organisation))
    _write_down(context, data_dir, "partner_added", organisation)
    print(f"{organisation} may talk to {partners.broker_url}")
    print(f"  credentials   {credentials}  (a secret: hand it over safely)")
    print(f"  inbox prefix  {inbox_prefix(organisation)}")
    print(f"  submits on    {SUBMIT}")
    print(f"  fetches from  stream {outgoing_stream(organisation)}, consumer partner")
    if context.obj.folder is None:
        if first := _before_it_may_refer(organisation, data_dir):
            print(first)
        print(f"Try it: sluss submit FILE --as {organisation} --data-dir {data_dir}")


@app.command()
def rotate(context: typer.Context, organisation: Organisation, data_dir: DataDir = DEFAULT) -> None:
    """Issue new credentials; the old ones stop working at once, open connections included."""
    partners = _partners(context, data_dir)
    credentials = _carry_out(partners, lambda: partners.rotate(organisation))
    _write_down(context, data_dir, "partner_rotated", organisation)
    print(f"{organisation} has new credentials: {credentials}")
    print("Whoever was connected with the old ones has been disconnected.")


@app.command()
def revoke(context: typer.Context, organisation: Organisation, data_dir: DataDir = DEFAULT) -> None:
    """End an organisation's access at once. What it submitted, and its feedback, stay."""
    partners = _partners(context, data_dir)
    _carry_out(partners, lambda: partners.revoke(organisation))
    _write_down(context, data_dir, "partner_revoked", organisation)
    print(f"{organisation} no longer has access.")
    print(f"It stays registered; if it is to refer no more: sluss registry revoke {organisation} --why CODE")


@app.command()
def republish(context: typer.Context, data_dir: DataDir = DEFAULT) -> None:
    """Tell the broker about every organisation again, after its disk was lost. Credentials stay the same.

    On one machine `sluss up` does this by itself.
    """
    partners = _partners(context, data_dir)
    _carry_out(partners, partners.republish)
    _write_down(context, data_dir, "partners_republished", "all")
    print(f"The broker knows all {len(partners.all())} organisations again, and their streams are there.")


@app.command("list")
def show(context: typer.Context, data_dir: DataDir = DEFAULT) -> None:
    """Show every organisation that has or had access."""
    table = Table("organisation", "access", "since", box=None, pad_edge=False)
    for partner in _partners(context, data_dir).all():
        access = "yes" if partner.active else f"revoked {_day(partner.revoked or 0)}"
        table.add_row(partner.organisation, access, _day(partner.since))
    if table.row_count:
        console.print(table)
    else:
        print("No organisation has access yet. Give one access with: sluss partner add ORGANISATION")


def _before_it_may_refer(organisation: str, data_dir: Path) -> str:
    from sluss.commands.asking import ask

    try:
        story = ask(data_dir, lambda there: there.ledger.story(organisation))
    except MachineError:
        return f"If it is not registered yet, do that first: {_REGISTER}"
    return standing(organisation, [entry.name for entry in story])


def standing(organisation: str, said: Sequence[str]) -> str:
    """What keeps an organisation from referring, by what has been said of it; empty when nothing does."""
    if "organisation.revoked" in said:
        return f"{organisation} was revoked: what it submits is refused."
    if "organisation.registered" not in said:
        return f"{organisation} is not registered: what it submits is refused until you {_REGISTER}"
    return ""


def _partners(context: typer.Context, data_dir: Path) -> Partners:
    from sluss.partners.accounts import Partners
    from sluss.partners.authority import Authority

    there: Deployment = context.obj
    if there.folder is not None:
        return Partners(Authority(there.folder / "keys"), there.nats_url, replicas=there.replicas)
    run = running(data_dir)
    return Partners(Authority(run.keys), run.nats.url)


def _carry_out(partners: Partners, change: Callable[[], Awaitable[T]]) -> T:
    import nats.errors

    async def carried_out() -> T:
        return await change()

    try:
        return asyncio.run(carried_out())
    except (nats.errors.Error, OSError, TimeoutError) as failure:
        raise BrokerDown(
            f"the broker at {partners.broker_url} does not answer ({failure or type(failure).__name__})",
            remedy="the network starts it again by itself; try once more, or see `sluss doctor`",
        ) from failure


def _write_down(context: typer.Context, data_dir: Path, what: str, organisation: str) -> None:
    """After it is done, for the broker's accounts and the audit log are in no one transaction."""
    from sluss.deeds import written_down

    folder: Path | None = context.obj.folder
    try:
        database = (
            (folder / "keys" / "admin_url").read_text().strip()
            if folder
            else running(data_dir).postgres.url()
        )
        noted = asyncio.run(written_down(database, what, about=organisation))
    except OSError:
        noted = False
    if not noted:
        print("The network's database does not answer, so this is not in the audit log: note it elsewhere.")


def _check(organisation: str) -> None:
    from pydantic import TypeAdapter, ValidationError

    from sluss_contracts.vocabulary import Slug

    try:
        TypeAdapter(Slug).validate_python(organisation)
    except ValidationError:
        raise typer.BadParameter(
            f"{organisation!r}: small letters, digits and '-', at most 63", param_hint="ORGANISATION"
        ) from None


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()
