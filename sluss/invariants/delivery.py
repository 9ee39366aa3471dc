"""What holds of any services on the runtime, whatever they are about (I7 to I10, I14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg
from pydantic import BaseModel

from services.runtime.service import Aggregate, Service
from sluss.invariants.invariant import NAMED, Check, Invariant, all_said, query
from sluss_contracts.event import FACTS, read_event


def _numbered(services: Iterable[str]) -> str:
    heads = " union all ".join(
        f"select '{name}' as service, lane, last from {name}.head" for name in services
    )
    return f"""
select format('%s: the events of %s %s are not numbered 1 to n', service, kind, aggregate_id)
from said group by service, key, kind, aggregate_id
having min(sequence) <> 1 or max(sequence) <> count(*)
union all
select format('%s: the numbers of lane %s have a gap', service, lane)
from said group by service, lane having min(number) <> 1 or max(number) <> count(*)
union all
select format('%s: lane %s counts to %s but holds %s', h.service, h.lane, h.last, coalesce(e.last, 0))
from ({heads}) h
left join (select service, lane, max(number) as last from said group by service, lane) e using (service, lane)
where h.last <> coalesce(e.last, 0)
"""


_I9 = """
select format('%s said %s of %s %s %s times because of %s',
              service, type, kind, aggregate_id, count(*), cause)
from (select service, type, kind, aggregate_id, convert_from(body, 'UTF8')::jsonb ->> 'causationid' as cause,
             -- answers come together, and are told instrument by instrument
             convert_from(body, 'UTF8')::jsonb #>> '{data,instrument}' as instrument from said) e
where cause is not null group by service, type, kind, aggregate_id, cause, instrument having count(*) > 1
"""


def _ordered(services: Iterable[str]) -> str:
    """What an event first led to at each reader; dead letters are dealt with when somebody does.

    Numbers have an order within a lane alone: what was addressed to a partner has one of its own, and leads
    to something here when the partner has fetched it.
    """
    buried = " union all ".join(
        f"select '{name}' as service, event_id from {name}.dead_letter" for name in services
    )
    return f""", effects as (
  select s.service, s.lane, s.key, c.service as said_by, c.lane as said_in, c.number as cause,
         min(s.number) as effect
  from (select service, lane, key, number, convert_from(body, 'UTF8')::jsonb ->> 'causationid' as cause
        from said) s
  join said c on c.id::text = s.cause and c.key = s.key and c.service <> s.service
  where not exists (select 1 from ({buried}) d where d.service = s.service and d.event_id = c.id)
  group by s.service, s.lane, s.key, c.service, c.lane, c.number
)
select format('%s acted on event %s of %s about %s before event %s', service, before, said_by, key, cause)
from (select *, lag(cause) over (partition by service, lane, key, said_by, said_in order by effect) as before
      from effects) e
where before > cause
"""


def _refolded(services: Mapping[str, Service]) -> Check:
    async def compare(connection: asyncpg.Connection) -> list[str]:
        wrong: list[str] = []
        for name, service in services.items():
            stored = {
                (row["key"], row["kind"], row["id"]): (row["sequence"], row["state"])
                for row in await connection.fetch(
                    f"select key, kind, id, sequence, state::text as state from {name}.aggregate"
                )
            }
            folded: dict[tuple[str, str, str], tuple[int, BaseModel]] = {}
            async with connection.transaction():
                async for row in connection.cursor(
                    f"select key, kind, aggregate_id, sequence, type, body from {name}.event "
                    "order by key, kind, aggregate_id, sequence"
                ):
                    _fold(service, folded, row)
            for place in stored.keys() | folded.keys():
                if place not in stored or place not in folded:
                    missing = "state" if place not in stored else "events"
                    wrong.append(f"{name}: {place[1]} {place[2]} has no {missing}")
                    continue
                sequence, state = stored[place]
                aggregate: Aggregate[Any] = service.aggregates[place[1]]
                if (sequence, aggregate.state.model_validate_json(state)) != folded[place]:
                    wrong.append(f"{name}: {place[1]} {place[2]} is not what its events say")
        return wrong[:NAMED]

    return compare


def _fold(
    service: Service, folded: dict[tuple[str, str, str], tuple[int, BaseModel]], row: asyncpg.Record
) -> None:
    aggregate = service.aggregates[row["kind"]]
    if not aggregate.keep:
        return
    place = row["key"], row["kind"], row["aggregate_id"]
    before = folded.get(place)
    fact = read_event(FACTS[row["type"]], row["body"]).data
    folded[place] = (row["sequence"], aggregate.evolve(before[1] if before else None, fact))


def _accounted(services: Mapping[str, Service]) -> Check:
    async def ask(connection: asyncpg.Connection) -> list[str]:
        missing: list[str] = []
        for name, service in services.items():
            types = [fact.TYPE for fact in service.reads()]
            rows = await connection.fetch(
                f"""with said as ({all_said(services)})
                    select format('%s has neither applied, parked nor buried %s %s',
                                  $2::text, said.type, said.id)
                    from said
                    where said.type = any($1::text[])
                      and not exists (select 1 from {name}.inbox i where i.event_id = said.id)
                      and not exists (select 1 from {name}.parked p where p.event_id = said.id)
                      and not exists (select 1 from {name}.dead_letter d where d.event_id = said.id)
                    limit {NAMED}""",
                types,
                name,
            )
            missing += [row[0] for row in rows]
        return missing

    return ask


def delivery(services: Mapping[str, Service]) -> list[Invariant]:
    """What holds of any services on the runtime, whatever they are about."""
    return [
        Invariant(
            "I7",
            "numbers run without a gap in every aggregate and lane",
            query(_numbered(services), services),
        ),
        Invariant("I8", "state is the fold of its events, row for row", _refolded(services)),
        Invariant("I9", "one effect for each event a service reads", query(_I9, services)),
        Invariant(
            "I10", "every event said is applied, parked or a dead letter at each reader", _accounted(services)
        ),
        Invariant(
            "I14",
            "what a service says about one thing is acted on in the order in which it was said",
            query(_ordered(services), services),
        ),
    ]
