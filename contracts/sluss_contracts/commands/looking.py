"""Questions to the vault for pages that show several people at once: a list, and a search."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from sluss_contracts.command import Command
from sluss_contracts.vocabulary import Code, Key, Look, Moment, Slug

Wanted = Annotated[str, StringConstraints(min_length=2, max_length=120, strip_whitespace=True)]


class ReadPersons(Command, owner="referral", verb="read_persons"):
    """Who are these referrals about, for a list? Each is answered or withheld by itself, by role and consent,
    and each stands in the access log. Nobody with protected identity is named in a list. A referrer is told
    the name that its own organisation gave.

    Result: `persons` {referral_id: {name, language}}, and `withheld` {referral_id: code of the rule}.
    """

    referral_ids: tuple[Key, ...] = Field(min_length=1, max_length=200)
    purpose: Code
    action: Look = Look.LISTED


class SearchPersons(Command, owner="referral", verb="read_search"):
    """Which of these referrals are about somebody of this name, identity number or telephone number? Whoever
    asks gives those that their visitor may see, and hears of no other. Somebody with protected identity is
    never a hit: the answer is the same as of somebody who is not there. Each hit stands in the access log.

    Result: `hits` [{referral_id, name, language}], at most 50, and `more` where there are others.
    """

    wanted: Wanted
    among: tuple[Key, ...] = Field(max_length=5000)
    purpose: Code
    action: Literal[Look.SEARCH_HIT] = Look.SEARCH_HIT


class ReadAccessLog(Command, owner="referral", verb="read_access_log"):
    """Who has looked at this person's record, or tried to: all their referrals, the latest first. Asked by
    the coordinator or operator whom the person asks; asking stands in the log itself.

    Result: `entries` [{number, at, actor, role, unit, action, purpose, allowed, why_not, referral_id}], at
    most 500; `more` where there are others, asked for with `before` the last one's number.
    """

    referral_id: Key
    """Any of the person's."""
    purpose: Code = "persons_extract"
    before: int | None = Field(default=None, ge=1)


class ReadSpotCheck(Command, owner="referral", verb="read_spot_check"):
    """Some looks of each unit in a period, drawn at random, for somebody to ask about. The same seed draws
    the same. Asked by a coordinator or operator; it names referrals, and nobody they are about.

    Result: `entries`, as of `read_access_log`, and `counts` {unit: how many looks there were}; `seed`.
    """

    since: Moment
    until: Moment
    unit: Slug | None = None
    """One unit alone; left out, each."""
    most: int = Field(default=10, ge=1, le=100)
    """Of each unit."""
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
