"""Organisations whose submissions are refused, and those that send more than they ever did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

WINDOW: Final = timedelta(minutes=15)
FEW: Final = 3
"""Refusals that may be somebody's slip."""
_NAMED: Final = 5

_REFUSED: Final = """
select data ->> 'organisation' as organisation, data ->> 'code' as code, count(*) as count,
       max(recorded) as last
from (select convert_from(body, 'UTF8')::jsonb -> 'data' as data, recorded from referral.event
      where recorded > clock_timestamp() - $1::interval and type = 'sluss.receipt.issued.v1') r
where data ->> 'status' = 'refused'
group by 1, 2 having count(*) >= $2 order by count(*) desc limit $3
"""


@dataclass(frozen=True, slots=True)
class Refusals:
    """What one organisation was told lately, again and again."""

    organisation: str
    code: str
    count: int


async def refusals(connection: Any) -> list[Refusals]:
    """Of the last quarter of an hour, the most frequent first."""
    rows = await connection.fetch(_REFUSED, WINDOW, FEW, _NAMED)
    return [Refusals(row["organisation"], row["code"], row["count"]) for row in rows]
