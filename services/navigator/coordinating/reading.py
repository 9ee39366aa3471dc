"""What a coordinator looks at, read from the board and the desk's tables: numbers, and ids of what waits.

Numbers of people below `FEWEST` are not told where they would say something of somebody: what a few people in
one area need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

FEWEST = 5
"""As in `services.notify.domain.series`: fewer people than this are not told as a number."""
A_YEAR = timedelta(days=365)
A_QUARTER = timedelta(days=91)
SILENT_AFTER = timedelta(days=60)
"""An organisation that used to refer and has not for so long has gone silent."""
LISTED = 20

_LOADS = text("""
select w.worker, coalesce(p.name, w.worker) as name, w.team, w.volunteer, w.capacity, w.load,
  exists (select from leave l where l.worker = w.worker and :today between l.starts and l.ends) as away
from link_worker w left join board_party p on p.kind = 'worker' and p.id = w.worker
order by w.team, name, w.worker
""")
_TEAMS = text("""
select t.team, coalesce(p.name, t.team) as name, coalesce(q.waiting, 0) as waiting, q.oldest
from (select distinct team from team_area union select distinct team from link_worker) t
left join board_party p on p.kind = 'team' and p.id = t.team
left join (select team, count(*) as waiting, min(since) as oldest from case_file
           where worker is null and closed is null group by team) q on q.team = t.team
order by name
""")
_WAITS = text("""
with came as (select referral, received from board where received >= :since),
firsts as (
  select c.received,
    (select min(s.time) from board_step s where s.referral = c.referral
       and s.step in ('case.assigned', 'case.claimed')) as given,
    (select min(s.time) from board_step s where s.referral = c.referral and s.step = 'meeting.held') as met
  from came c)
select count(*) as came, count(given) as given, count(met) as met,
  percentile_cont(0.5) within group (order by given - received) as half_given,
  percentile_cont(0.9) within group (order by given - received) as most_given,
  percentile_cont(0.5) within group (order by met - received) as half_met,
  percentile_cont(0.9) within group (order by met - received) as most_met,
  count(*) filter (where met - received <= interval '7 days') as week,
  count(*) filter (where met - received > interval '7 days' and met - received <= interval '14 days') as two,
  count(*) filter (where met - received > interval '14 days'
                   and met - received <= interval '28 days') as four,
  count(*) filter (where met - received > interval '28 days') as longer
from firsts
""")
_UNMET = text("""
select u.area, u.need, count(distinct u.referral_id) as people from unmet_need u
group by u.area, u.need order by people desc, u.area, u.need
""")
_INFLOW = text("""
with b as (select referral, organisation, outcome, received from board
           where received is not null and organisation is not null),
took as (
  select b.referral,
    bool_or(s.step = 'referral.accepted') as accepted, bool_or(s.step = 'meeting.held') as met,
    bool_or(s.step = 'plan.agreed') as planned, bool_or(s.step = 'enrolment.accepted') as welcomed
  from b join board_step s on s.referral = b.referral where b.received >= :since group by b.referral)
select b.organisation, coalesce(p.name, b.organisation) as name, max(b.received) as last,
  count(t.referral) as came, count(*) filter (where t.accepted) as accepted,
  count(*) filter (where t.met) as met, count(*) filter (where t.planned) as planned,
  count(*) filter (where t.welcomed) as welcomed,
  count(*) filter (where b.outcome = 'completed' and t.referral is not null) as completed
from b left join took t on t.referral = b.referral
left join board_party p on p.kind = 'organisation' and p.id = b.organisation
group by b.organisation, p.name order by came desc, name
""")
_UNTOLD = text("""
select o.referral, o.time as since from board_step o where o.step = 'feedback.overdue'
and not exists (select from board_step s where s.referral = o.referral and s.step = 'feedback.sent'
  and s.time >= o.time and s.told ->> 'point' = o.told ->> 'point')
order by o.time limit :most
""")
_UNANSWERED = text("""
select e.referral_id as referral, e.answer_by as since, coalesce(p.name, e.activity) as what
from enrolment e left join board_party p on p.kind = 'activity' and p.id = e.activity
where e.status = 'offered' and e.answer_by < :now order by e.answer_by limit :most
""")


@dataclass(frozen=True, slots=True)
class Team:
    """A team: who is in it, what waits in its inbox, and since when."""

    team: str
    name: str
    waiting: int
    oldest: datetime | None
    workers: Sequence[Any]

    @property
    def load(self) -> int:
        """Open cases of all its link workers."""
        return sum(each.load for each in self.workers)

    @property
    def capacity(self) -> int:
        """Cases they can have together."""
        return sum(each.capacity for each in self.workers)


@dataclass(frozen=True, slots=True)
class Loop:
    """Something that has waited past its time."""

    referral: str
    since: datetime
    what: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the page, as it was at one moment."""

    at: datetime
    teams: Sequence[Team]
    waits: Any
    unmet: Sequence[Any]
    inflow: Sequence[Any]
    untold: Sequence[Loop]
    unanswered: Sequence[Loop]

    @property
    def silent(self) -> Sequence[Any]:
        """Organisations that have referred before, and not for long."""
        return [each for each in self.inflow if each.last < self.at - SILENT_AFTER]


async def overview(db: AsyncEngine, now: datetime, today: Any) -> Overview:
    """Read it all."""
    async with db.connect() as connection:

        async def rows(statement: Any, **given: Any) -> Sequence[Any]:
            return (await connection.execute(statement, given)).all()

        workers = await rows(_LOADS, today=today)
        teams = [
            Team(each.team, each.name, each.waiting, each.oldest, [w for w in workers if w.team == each.team])
            for each in await rows(_TEAMS)
        ]
        return Overview(
            now,
            teams,
            (await rows(_WAITS, since=now - A_QUARTER))[0],
            await rows(_UNMET),
            await rows(_INFLOW, since=now - A_YEAR),
            [Loop(each.referral, each.since) for each in await rows(_UNTOLD, most=LISTED)],
            [
                Loop(each.referral, each.since, each.what)
                for each in await rows(_UNANSWERED, now=now, most=LISTED)
            ],
        )
