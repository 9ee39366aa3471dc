"""What there is, who vouches for it, and what is said of one thing."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from services.provider.domain.activity import Activity as State
from services.provider.domain.reviewing import changes
from sluss.catalogue import Catalogue, catalogue_of, standing
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, console
from sluss.commands.cataloguing.sending import Activity
from sluss.reach import Reached, UnknownId

_ORDER = ("suggested", "published", "to be verified", "hidden", "withdrawn")
_COLUMNS = ("activity", "status", "verified", "by", "next", "provider", "places", "area", "title")


def list_activities(
    all_: Annotated[bool, typer.Option("--all", help="Also what is withdrawn.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """What there is, and what has become of it; what nobody vouches for comes last.

    `verified` and `by` tell who last said that it is right, `next` when whoever runs it is asked, or, where
    they are asked already, when it is hidden.
    """

    async def show(there: Reached) -> None:
        console.print(listed(await catalogue_of(there.ledger), withdrawn=all_))

    ask(data_dir, show)


def listed(catalogue: Catalogue, *, withdrawn: bool) -> Table | str:
    """The catalogue as a table."""
    table = Table(box=None, pad_edge=False)
    for column in _COLUMNS:  # an id is there to be typed again: it is never cut
        table.add_column(column, no_wrap=column == "activity")
    ranked = sorted(
        catalogue.activities.values(), key=lambda each: (_ORDER.index(standing(each)), each.activity)
    )
    for each in ranked:
        if withdrawn or each.status != "withdrawn":
            what = (each.provider, str(each.capacity), each.area, escape(each.title))
            table.add_row(each.activity, standing(each), *_vouched(each), _next(each), *what)
    return table if table.row_count else "Nothing is on offer."


def show(activity: Activity, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """All that is said of one activity, who vouches for it, and what a coordinator has not seen of it."""

    async def tell(there: Reached) -> None:
        known = (await catalogue_of(there.ledger)).activities.get(activity)
        if known is None:
            raise UnknownId(f"there is no activity {activity}", remedy="see `sluss activity list`")
        console.print(shown(known))

    ask(data_dir, tell)


def shown(known: State) -> Table:
    """One activity, field by field."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim")
    table.add_column()
    for field, _, value in changes(None, known.offer):
        table.add_row(field, in_words(value))
    table.add_section()
    verified, by = _vouched(known)
    table.add_row("status", standing(known))
    table.add_row("verified", f"{verified} by {by}" if by else "nobody has said when")
    table.add_row("hidden" if known.hides else "asked next", _next(known) or "–")
    if known.review:
        before = known.review.before
        differs = changes(before, known.offer) if before else []
        table.add_row("unseen", ", ".join(each.field for each in differs) or "all of it is new")
    return table


def in_words(value: object) -> str:
    """A value as somebody would read it; what others wrote is never taken for the console's own markup."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return escape(", ".join(map(str, value)))
        case _:
            return escape(str(value))


def _vouched(known: State) -> tuple[str, str]:
    vouched = known.vouched
    if vouched is None or vouched.by is None:
        return "", ""
    return _day(vouched.at), vouched.provider or vouched.by.value


def _next(known: State) -> str:
    return f"hidden {_day(known.hides)}" if known.hides else _day(known.ask_again)


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else ""
