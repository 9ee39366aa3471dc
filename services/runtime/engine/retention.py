"""Forgetting, no sooner than the bus can no longer repeat it."""

from __future__ import annotations

from typing import Any

from services.runtime.topology import MAX_AGE

KEPT = 2 * MAX_AGE + 24 * 3600.0
"""Seconds an inbox row is kept. An event almost as old as the stream's age may be published again when the
stream is rebuilt, and then stays for that age once more; a day is added for clocks and outages. Counted from
when the bus was last read to its end: what a service that fell behind has taken is what tells it from what
it has missed."""

LONGEST_BEHIND = MAX_AGE - 3600.0
"""Seconds without having read to the end of the bus, after which something may have left it unread."""

_STEP = 20_000
_PRUNE = """
delete from inbox where ctid = any(array(
  select ctid from inbox
  where taken < (select min(caught_up) from position) - make_interval(secs => $1) limit $2
))
"""


async def prune(connection: Any, *, kept: float = KEPT) -> int:
    """Delete inbox rows older than `kept` seconds, in small steps. How many."""
    pruned = 0
    while True:
        done = int((await connection.execute(_PRUNE, kept, _STEP)).rpartition(" ")[2])
        pruned += done
        if done < _STEP:
            return pruned
