"""Bringing a service what left the bus before it was read: out of the tables of those who said it.

The bus keeps events for some days (`MAX_AGE`). A service that has not run, or not kept up, for longer has
missed some, says so (`FellBehind`) and reads nothing until they are brought. They are put where events wait
to be tried again, in the order they were said, and go through the service like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import asyncpg

from services.runtime.engine.retention import LONGEST_BEHIND
from services.runtime.service import Service
from services.runtime.topology import MAX_AGE

_BEHIND = (
    "select min(caught_up) from {reader}.position having min(caught_up) < now() - make_interval(secs => $1)"
)
# What was said up to so long before the bus was last read to its end may still have been unpublished then.
_MISSED = """
select e.lane, e.number, e.id, e.key, e.subject, e.body from {speaker}.event e
where e.type = any($1::text[]) and e.recorded >= $2::timestamptz - make_interval(secs => $3)
  and not exists (select 1 from {reader}.inbox i where i.event_id = e.id)
  and not exists (select 1 from {reader}.parked p where p.event_id = e.id)
  and not exists (select 1 from {reader}.dead_letter d where d.event_id = e.id)
"""
_BRING = f"""
with missed as ({_MISSED}), known as (
  insert into {{reader}}.inbox (event_id) select id from missed on conflict do nothing
)
insert into {{reader}}.parked (slot, key, event_id, source, subject, body, due, reason)
select lane::smallint, key, id, '/sluss/{{speaker}}', subject, body,
       case when row_number() over (partition by key order by number) = 1 then now() else 'infinity' end,
       'it left the bus before it was read'
from missed order by number
on conflict (event_id) do nothing
"""
_CAUGHT_UP = "update {reader}.position set caught_up = now()"


async def catch_up(
    admin: asyncpg.Connection, registries: Callable[[], Mapping[str, Service]], services: Mapping[str, object]
) -> dict[str, int]:
    """Bring each service that fell behind what it has missed. How many events, by service; those that did
    not fall behind are left out. `admin` may read every schema; `registries` are asked for only when needed.

    Run it while the service is stopped or says that it fell behind. Running it again brings nothing twice.
    """
    brought: dict[str, int] = {}
    for reader in services:
        since = await admin.fetchval(_BEHIND.format(reader=reader), LONGEST_BEHIND)
        if since is None:
            continue
        types = [fact.TYPE for fact in registries()[reader].reads()]
        async with admin.transaction():
            brought[reader] = 0
            for speaker in services:
                if speaker != reader:
                    done = await admin.execute(
                        _BRING.format(reader=reader, speaker=speaker), types, since, MAX_AGE
                    )
                    brought[reader] += int(done.rpartition(" ")[2])
            await admin.execute(_CAUGHT_UP.format(reader=reader))
    return brought
