"""Questions to the vault for pages that show several people at once: a list, and a search."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from sluss_contracts.command import Command
from sluss_contracts.vocabulary import Code, Key, Look

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
