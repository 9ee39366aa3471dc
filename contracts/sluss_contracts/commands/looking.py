"""Questions to the vault for pages that show several people at once, and for whoever sees what is masked
elsewhere."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

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


Place = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.\[\]]{1,200}$")]
"""Where in an event's payload something stands: `needs`, `goals[0].words`."""


class ReadMasked(Command, owner="referral", verb="read_masked"):
    """An operator is about to see what is masked in an event about a person: the access log is to know.
    It is not the vault's to give; the console shows nothing before this is answered. Result: `noted`,
    true."""

    referral_id: Key | None = None
    person: Key | None = None
    """The pseudonym, where the event names it."""
    fields: tuple[Place, ...] = Field(min_length=1, max_length=20)
    purpose: Code

    @model_validator(mode="after")
    def _about_somebody(self) -> Self:
        if self.referral_id is None and self.person is None:
            raise ValueError("say whom it is about: referral_id or person")
        return self
