"""`sluss instrument …`: what one measures with, and an organisation's own packs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markdown import Markdown
from rich.table import Table

from sluss.commands.asking import DEFAULT_DATA_DIR, ActingAs, DataDir, ask, by, console, done
from sluss.reach import Failure, Reached
from sluss_contracts.commands.navigator import PublishInstrument
from sluss_contracts.instruments import Pack, built_in, pack_of
from sluss_contracts.instruments.pages import page
from sluss_contracts.instruments.reading import NotAPack, load_pack
from sluss_contracts.instruments.shelf import must_score_alike
from sluss_contracts.vocabulary import Role

app = typer.Typer(name="instrument", help="What one measures with.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="A pack, as TOML; docs/instruments tells its form.")]


class NotSound(Failure):
    """The file is no sound pack; the message lists every fault with its line."""

    code = "not_a_pack"


@app.command("list")
def list_instruments() -> None:
    """The instruments that come with Sluss. Nothing need run."""
    table = Table(box=None, pad_edge=False)
    for column in ("instrument", "version", "items", "wording", "name"):
        table.add_column(column)
    for pack in built_in():
        wording = ", ".join(pack.languages) or "keys"
        table.add_row(pack.instrument, str(pack.version), str(len(pack.items)), wording, pack.name.en)
    console.print(table)


@app.command()
def show(
    instrument: Annotated[str, typer.Argument(help="The instrument's id, or a pack file.")],
    version: Annotated[int | None, typer.Option(help="Otherwise the newest.")] = None,
) -> None:
    """What is asked, how it is scored, and on what terms."""
    file = Path(instrument)
    pack = _sound(file) if file.suffix == ".toml" else pack_of(instrument, version)
    console.print(Markdown(page(pack).partition("\n")[2]))


@app.command()
def check(file: File) -> None:
    """Check a pack of your own without sending it. Nothing need run."""
    pack = _sound(file)
    must_score_alike(pack)
    console.print(f"{file.name} is a sound pack: {pack.instrument} version {pack.version}")


@app.command()
def publish(file: File, who: ActingAs, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Let the network measure with it."""
    pack = _sound(file)
    must_score_alike(pack)

    async def send(there: Reached) -> None:
        named = by(who, Role.COORDINATOR)
        command = PublishInstrument(**named, instrument=pack.instrument, definition=pack)
        done(f"{pack.instrument} version {pack.version} published", await there.ask(command))

    ask(data_dir, send)


def _sound(file: Path) -> Pack:
    try:
        return load_pack(file)
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}") from None
    except NotAPack as faulty:
        raise NotSound(
            str(faulty), remedy="docs/instruments/README.md tells what a pack looks like"
        ) from None
