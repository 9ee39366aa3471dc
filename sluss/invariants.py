"""What must hold whatever happened, as queries over the services' tables: each returns its violations.

`docs/architecture/invariants.md` says what each is for. None of them changes anything. Those about other
moments than rest (I5, I6, I10) are to be asked when the network has had a minute to settle.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
from pydantic import BaseModel

from services.runtime.service import Aggregate, Service
from sluss.ledger import SERVICES
from sluss_contracts.event import FACTS, read_event

Check = Callable[[asyncpg.Connection], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that must be true, and how to look for where it is not."""

    id: str
    sentence: str
    violations: Check


def _said(services: Iterable[str]) -> str:
    """Services' events as one relation."""
    return " union all ".join(
        f"""select '{service}' as service, lane, number, id, key, kind, aggregate_id, sequence, type,
                   body, recorded from {service}.event"""
        for service in services
    )


def _query(sql: str, services: Iterable[str] = SERVICES) -> Check:
    said = _said(services)

    async def ask(connection: asyncpg.Connection) -> list[str]:
        rows = await connection.fetch(f"with said as ({said}) {sql} limit 20")
        return [str(row[0]) for row in rows]

    return ask


_ANSWERED = " union all ".join(
    f"select command_id, answer, '{service}' as service from {service}.answered_command"
    for service in SERVICES
)

_I1 = f"""
select format('%s answered command %s with event %s, which is not in its record',
              a.service, a.command_id, e.id)
from ({_ANSWERED}) a, jsonb_array_elements_text(a.answer -> 'events') e(id)
where not exists (select 1 from said where said.id = e.id::uuid and said.service = a.service)
union all
select format('receipt %s promises referral %s, which is not there', r.aggregate_id, r.referral)
from (select aggregate_id, convert_from(body, 'UTF8')::jsonb #>> '{{data,referral_id}}' as referral
      from said where type = 'sluss.receipt.issued.v1') r
where r.referral is not null
  and not exists (select 1 from referral.aggregate a where a.key = r.referral and a.kind = 'referral')
"""

_I2 = f"""
select format('%s %s of %s has no cause we know: %s', said.service, said.type, said.key, cause.id)
from said, lateral (select convert_from(body, 'UTF8')::jsonb ->> 'causationid' as id) cause
where cause.id is null or not (
  cause.id like 'timer/%'
  or (said.service = 'referral' and cause.id ~ '^[0-9a-f]{{64}}$')  -- the digest of a submission
  or cause.id in (select id::text from said)
  or cause.id in (select command_id::text from ({_ANSWERED}) a))
"""

_I3 = """
select format('case %s was given to somebody while it was with somebody else (step %s)', key, sequence)
from (select key, sequence, type, lag(type) over (partition by key order by sequence) as before
      from said where kind = 'case' and type in (
        'sluss.case.queued.v1', 'sluss.case.assigned.v1', 'sluss.case.claimed.v1',
        'sluss.case.unassigned.v1', 'sluss.case.reassigned.v1')) c
where type in ('sluss.case.assigned.v1', 'sluss.case.claimed.v1')
  and before in ('sluss.case.assigned.v1', 'sluss.case.claimed.v1', 'sluss.case.reassigned.v1')
   or type = 'sluss.case.reassigned.v1'
  and coalesce(before, 'sluss.case.queued.v1') = 'sluss.case.queued.v1'
"""

_I4 = """
select format('%s messages of template %s to one person for one cause %s', count(*), template, cause)
from (select q ->> 'cause' as cause, q ->> 'person' as person, q ->> 'template' as template
      from (select convert_from(body, 'UTF8')::jsonb -> 'data' as q
            from said where type = 'sluss.message.queued.v1') m) m
group by cause, person, template having count(*) > 1
union all
select format('message %s was sent %s times', aggregate_id, count(*))
from said where type = 'sluss.message.sent.v1' group by aggregate_id having count(*) > 1
union all
select format('nobody was asked to look into message %s, whose fate is unknown', f.aggregate_id)
from said f
where f.type = 'sluss.message.failed.v1'
  and convert_from(f.body, 'UTF8')::jsonb #>> '{data,why}' = 'outcome_unknown'
  and not exists (
    select 1 from said t where t.key = f.key and t.type = 'sluss.task.opened.v1'
      and convert_from(t.body, 'UTF8')::jsonb #>> '{data,kind}' = 'check_message')
  and not exists (select 1 from said c where c.key = f.key and c.type = 'sluss.case.closed.v1')
"""

_OVER = """(
  'sluss.referral.closed.v1', 'sluss.referral.declined.v1', 'sluss.referral.cancelled.v1',
  'sluss.referral.redirected.v1', 'sluss.referral.entered_in_error.v1')"""

_I5 = f"""
select format('referral %s is neither over nor has it an open task', r.key)
from (select distinct key from said where type in ('sluss.referral.accepted.v1', 'sluss.referral.held.v1')) r
where not exists (select 1 from said where key = r.key and type in {_OVER})
  and not exists (
    select 1 from said t, lateral (select convert_from(t.body, 'UTF8')::jsonb -> 'data' as task) opened
    where t.key = r.key and t.type = 'sluss.task.opened.v1'
      and coalesce(task ->> 'worker', task ->> 'team') is not null and task ->> 'due' is not null
      and not exists (select 1 from said d where d.key = t.key and d.aggregate_id = t.aggregate_id
                      and d.type in ('sluss.task.done.v1', 'sluss.task.lapsed.v1')))
"""

# What was entered in error is void: there is nothing to tell of it.
_I6 = f"""
select format('referral %s is over, but its closure feedback is not on the sender''s stream', r.key)
from (select distinct key from said
      where type in {_OVER} and type <> 'sluss.referral.entered_in_error.v1') r
where not exists (
  select 1 from said f join notify.head h on h.lane = f.lane
  where f.key = r.key and f.type = 'sluss.feedback.issued.v1' and f.number <= h.sent
    and convert_from(f.body, 'UTF8')::jsonb #>> '{{data,point}}' = 'closure')
"""


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
        return wrong[:20]

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
                f"""with said as ({_said(services)})
                    select format('%s has neither applied, parked nor buried %s %s',
                                  $2::text, said.type, said.id)
                    from said
                    where said.type = any($1::text[])
                      and not exists (select 1 from {name}.inbox i where i.event_id = said.id)
                      and not exists (select 1 from {name}.parked p where p.event_id = said.id)
                      and not exists (select 1 from {name}.dead_letter d where d.event_id = said.id)
                    limit 20""",
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
            _query(_numbered(services), services),
        ),
        Invariant("I8", "state is the fold of its events, row for row", _refolded(services)),
        Invariant("I9", "one effect for each event a service reads", _query(_I9, services)),
        Invariant(
            "I10", "every event said is applied, parked or a dead letter at each reader", _accounted(services)
        ),
        Invariant(
            "I14",
            "what a service says about one thing is acted on in the order in which it was said",
            _query(_ordered(services), services),
        ),
    ]


def invariants(services: Mapping[str, Service]) -> list[Invariant]:
    """All invariants that tables alone can answer. `services` are the registries, by name."""
    return [
        Invariant(
            "I1", "what was answered with success, or receipted, has its events and state", _query(_I1)
        ),
        Invariant("I2", "no event without a command, an event or a timer that caused it", _query(_I2)),
        Invariant("I3", "a case is in one link worker's hands at a time", _query(_I3)),
        Invariant("I4", "at most one message for each cause, person and template", _query(_I4)),
        Invariant("I5", "every referral taken on is over, or somebody has a task", _query(_I5)),
        Invariant(
            "I6", "the closure feedback of every referral that is over is on its sender's stream", _query(_I6)
        ),
        *delivery(services),
    ]


async def broken_after(
    look: Callable[[], Awaitable[dict[str, list[str]]]], *, within: float = 60.0
) -> dict[str, list[str]]:
    """What `look` still finds wrong once all is at rest, or after `within` seconds (wall clock).

    Returns at once when nothing is wrong, so a network that holds costs no waiting.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while (broken := await look()) and loop.time() < deadline:
        await asyncio.sleep(1)
    return broken


async def violations(connection: asyncpg.Connection, services: Mapping[str, Service]) -> dict[str, list[str]]:
    """The invariants that do not hold now, `I7 numbers run without a gap`, each with its violations."""
    found = {}
    for invariant in invariants(services):
        if rows := await invariant.violations(connection):
            found[f"{invariant.id} {invariant.sentence}"] = rows
    return found
