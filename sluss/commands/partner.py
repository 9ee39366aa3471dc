"""`sluss partner …`: which organisations may talk to the broker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from sluss.machine.errors import MachineError
from sluss.machine.folder import DEFAULT
from sluss.machine.run_file import RunFile, running

app = typer.Typer(name="partner", help="Give organisations access to the broker, and take it away.")

Organisation = Annotated[str, typer.Argument(help="The organisation's id, e.g. varby-vardcentral.")]
DataDir = Annotated[Path, typer.Option(help="The folder of the running network.")]
T = TypeVar("T")


class BrokerDown(MachineError):
    """The network runs but its broker does not answer."""

    code = "broker-down"


@app.command()
def add(organisation: Organisation, data_dir: DataDir = DEFAULT) -> None:
    """Give an organisation credentials, a stream for its submissions and one for its feedback.

    Adding again shows the same credentials.
    """
    from sluss.partners.accounts import SUBMIT, inbox_prefix
    from sluss_contracts.subjects import outgoing_stream

    run = running(data_dir)
    _check(organisation)
    credentials = _with(run, lambda partners: partners.add(organisation))
    print(f"{organisation} may talk to {run.nats.url}")
    print(f"  credentials   {credentials}  (a secret: hand it over safely)")
    print(f"  inbox prefix  {inbox_prefix(organisation)}")
    print(f"  submits on    {SUBMIT}")
    print(f"  fetches from  stream {outgoing_stream(organisation)}, consumer partner")
    print("Try it:")
    print(f"  sluss submit FILE --as {organisation} --data-dir {data_dir}")


@app.command()
def rotate(organisation: Organisation, data_dir: DataDir = DEFAULT) -> None:
    """Issue new credentials; the old ones stop working at once, open connections included."""
    run = running(data_dir)
    credentials = _with(run, lambda partners: partners.rotate(organisation))
    print(f"{organisation} has new credentials: {credentials}")
    print("Whoever was connected with the old ones has been disconnected.")


@app.command()
def revoke(organisation: Organisation, data_dir: DataDir = DEFAULT) -> None:
    """End an organisation's access at once. What it submitted, and its feedback, stay."""
    run = running(data_dir)
    _with(run, lambda partners: partners.revoke(organisation))
    print(f"{organisation} no longer has access.")


@app.command("list")
def show(data_dir: DataDir = DEFAULT) -> None:
    """Show every organisation that has or had access."""
    from sluss.partners.accounts import Partners
    from sluss.partners.authority import Authority

    run = running(data_dir)
    table = Table("organisation", "access", "since", box=None, pad_edge=False)
    for partner in Partners(Authority(run.keys), run.nats.url).all():
        access = "yes" if partner.active else f"revoked {_day(partner.revoked or 0)}"
        table.add_row(partner.organisation, access, _day(partner.since))
    if table.row_count:
        Console(highlight=False).print(table)
    else:
        print("No organisation has access yet. Give one access with: sluss partner add ORGANISATION")


def _with(run: RunFile, change: Callable[..., Awaitable[T]]) -> T:
    import nats.errors

    from sluss.partners.accounts import Partners
    from sluss.partners.authority import Authority

    async def carry_out() -> T:
        return await change(Partners(Authority(run.keys), run.nats.url))

    try:
        return asyncio.run(carry_out())
    except (nats.errors.Error, OSError, TimeoutError) as failure:
        raise BrokerDown(
            f"the broker at {run.nats.url} does not answer ({failure or type(failure).__name__})",
            remedy="the network starts it again by itself; try once more, or see `sluss doctor`",
        ) from failure


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
