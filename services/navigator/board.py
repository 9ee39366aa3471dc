"""The board: where every referral is, and each step it has taken. A read model of all services' events.

`follow` and `learn_names` write it, from the navigator's own events (as projections) and from others' (as
absorbers); the pages read it. It owns nothing: deleting its rows and reading the events again rebuilds it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from typing import Any

import orjson
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    MetaData,
    Table,
    Text,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from services.navigator.steps import KEPT, Card, Lane, Mark, advance, kept, place_in_line
from services.runtime.rows import new_row, upsert
from services.runtime.tx import Tx, sql
from sluss_contracts import activity, linkworker, organisation
from sluss_contracts.event import Event, Fact
from sluss_contracts.vocabulary import Engagement

metadata = MetaData()

board = Table(
    "board",
    metadata,
    Column("referral", Text, primary_key=True),
    Column("organisation", Text),
    Column("team", Text),
    Column("worker", Text),
    Column("lane", Text, nullable=False, server_default=Lane.RECEIVED.value),
    Column("mark", Text),
    Column("outcome", Text),
    Column("received", DateTime(timezone=True)),
    Column("step", Text, nullable=False, server_default=""),
    Column("stepped", DateTime(timezone=True)),
    Column("latest", Text, nullable=False, server_default=""),
    Column("placed", DateTime(timezone=True)),
    Column("placed_by", Text, nullable=False, server_default=""),
    Column("marked", DateTime(timezone=True)),
    Column("marked_by", Text, nullable=False, server_default=""),
)
"""One row for each referral: the fields of `Card`."""
Index("board_lane", board.c.lane, board.c.stepped.desc(), board.c.referral)
Index("board_organisation", board.c.organisation, board.c.lane, board.c.stepped.desc())
Index("board_team", board.c.team, board.c.lane, board.c.stepped.desc())
Index("board_worker", board.c.worker, board.c.lane)

step = Table(
    "board_step",
    metadata,
    Column("referral", Text, primary_key=True),
    Column("time", DateTime(timezone=True), primary_key=True),
    Column("event", Text, primary_key=True),
    Column("step", Text, nullable=False),
    Column("told", JSONB, nullable=False),
)
"""Each step of each referral, with the fields `KEPT` names."""

party = Table(
    "board_party",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("team", Text),
    Column("volunteer", Boolean, nullable=False, server_default="false"),
)
"""What organisations, teams, link workers, providers and activities are called."""

FOLLOWED: tuple[type[Fact], ...] = tuple(KEPT)
"""The events to hand to `follow`."""
NAMING: tuple[type[Fact], ...] = (
    organisation.OrganisationRegistered,
    organisation.OrganisationAmended,
    linkworker.TeamRegistered,
    linkworker.TeamAmended,
    linkworker.LinkWorkerRegistered,
    linkworker.LinkWorkerAmended,
    activity.ProviderRegistered,
    activity.ProviderAmended,
    activity.ActivityPublished,
    activity.ActivityAmended,
)
"""The events to hand to `learn_names`."""


def spoken_by(service: str, facts: Iterable[type[Fact]]) -> list[type[Fact]]:
    """Those of the facts that one service says: its own it projects, the others' it absorbs."""
    return [fact for fact in facts if service == fact.SAID_BY]


def not_spoken_by(service: str, facts: Iterable[type[Fact]]) -> list[type[Fact]]:
    """Those of the facts that other services say."""
    return [fact for fact in facts if service != fact.SAID_BY]


_CARD_FIELDS = [field.name for field in fields(Card)]
_TIMES = {"received", "stepped", "placed", "marked"}


def _unnested(name: str, type_: Any = Text) -> Any:
    return func.unnest(bindparam(name, type_=ARRAY(type_)))


_columns = [_unnested(name, DateTime(timezone=True) if name in _TIMES else Text) for name in _CARD_FIELDS]
# The rows are locked in one order by everybody, so that two batches never wait for each other.
_HELD = sql(
    select(board)
    .where(board.c.referral == func.any(bindparam("referrals", type_=ARRAY(Text))))
    .order_by(board.c.referral)
    .with_for_update()
)
_new = insert(board).from_select(_CARD_FIELDS, select(*_columns))
_WRITE = sql(upsert(_new, *(name for name in _CARD_FIELDS if name != "referral")))
_BEGIN = sql(_new.on_conflict_do_nothing().returning(board.c.referral))
_STEPS = sql(
    insert(step)
    .from_select(
        ["referral", "time", "event", "step", "told"],
        select(
            _unnested("referral"),
            _unnested("time", DateTime(timezone=True)),
            _unnested("event"),
            _unnested("step"),
            cast(_unnested("told"), JSONB),
        ),
    )
    .on_conflict_do_nothing()
)
_NAME = sql(upsert(new_row(party, "kind", "id", "name", "team", "volunteer"), "name", "team", "volunteer"))


async def follow(tx: Tx, events: Sequence[Event[Any]]) -> None:
    """Write the steps of a batch and move the cards they move. The same events again change nothing."""
    if not events:
        return
    places = [place_in_line(event) for event in events]
    await _move_cards(tx, list(zip(events, places, strict=True)))
    await tx.execute(
        _STEPS,
        referral=[event.data.referral_id for event in events],
        time=[event.time for event in events],
        event=places,
        step=[f"{event.data.NOUN}.{event.data.FACT}" for event in events],
        told=[orjson.dumps(kept(event.data)).decode() for event in events],
    )


async def _move_cards(tx: Tx, steps: Sequence[tuple[Event[Any], str]]) -> None:
    referrals = sorted({event.data.referral_id for event, _ in steps})
    held = {row["referral"]: _card(row) for row in await tx.fetch(_HELD, referrals=referrals)}
    new = {referral: Card(referral) for referral in referrals if referral not in held}
    cards = held | new
    for event, place in steps:
        advance(cards[event.data.referral_id], event, place)
    if held:
        await tx.execute(_WRITE, **_columns_of(held.values()))
    if new:
        begun = {row["referral"] for row in await tx.fetch(_BEGIN, **_columns_of(new.values()))}
        if overtaken := new.keys() - begun:
            # Another transaction has begun these since we looked: theirs are carried on.
            await _move_cards(tx, [step for step in steps if step[0].data.referral_id in overtaken])


def _columns_of(cards: Collection[Card]) -> dict[str, list[Any]]:
    return {name: [getattr(card, name) for card in cards] for name in _CARD_FIELDS}


def _card(row: Any) -> Card:
    given = {name: row[name] for name in _CARD_FIELDS}
    given["lane"] = Lane(given["lane"])
    given["mark"] = Mark(given["mark"]) if given["mark"] else None
    return Card(**given)


async def learn_names(tx: Tx, events: Sequence[Event[Any]]) -> None:
    """Remember what organisations, teams, link workers, providers and activities are called."""
    await tx.execute_many(_NAME, [_named_by(event.data) for event in events])


def _named_by(fact: Fact) -> dict[str, Any]:
    kind, id, name, team, volunteer = "", "", "", None, False
    match fact:
        case organisation.OrganisationRegistered():
            kind, id, name = "organisation", fact.organisation, fact.name
        case linkworker.TeamRegistered():
            kind, id, name = "team", fact.team, fact.name
        case linkworker.LinkWorkerRegistered():
            kind, id, name, team = "worker", fact.worker, fact.name, fact.team
            volunteer = fact.engagement is Engagement.VOLUNTEER
        case activity.ProviderRegistered():
            kind, id, name = "provider", fact.provider, fact.name
        case activity.ActivityPublished():
            kind, id, name = "activity", fact.activity, fact.title
        case _:
            raise TypeError(f"{fact.TYPE} names nobody")
    return {"kind": kind, "id": id, "name": name, "team": team, "volunteer": volunteer}
