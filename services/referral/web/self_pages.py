"""Asking for help: for oneself or for somebody close, by whoever comes, without an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import asyncpg
from fastapi import Request
from starlette.responses import RedirectResponse, Response

from services.referral.domain.minors import OF_AGE, age_by_year
from services.referral.web import self_form
from services.referral.web.choices import Choices, language_names
from services.referral.web.drafts import Drafts
from services.referral.web.fields import COMMON_LANGUAGES, Fields, Said
from services.referral.web.handing_in import Counter, submission
from services.referral.web.screens import CLOSED, Form, Refused, Screen, Screens
from services.referral.web.self_form import ELSEWHERE, OWN_DOOR, RELATIVE
from services.runtime.web import ANYONE, Pages, mark, sender_of, site_of, visitor_of
from services.runtime.web.need_words import NEEDS, in_words
from services.runtime.web.pace import Pace
from services.runtime.web.people import short_id
from sluss_contracts.command import Actor
from sluss_contracts.commands.referral import RegisterOrganisation
from sluss_contracts.receipt import ReceiptIssued
from sluss_contracts.vocabulary import Channel, OrganisationKind, Role

ASK = "/sok-hjalp"
NEUTRAL = "/aktiviteter"
"""Where whoever leaves in a hurry goes: what is on in town, which anybody may look at."""
KEPT = timedelta(hours=1)
TRAP = "website"
"""A field no person sees. Unlike a tip, this is not thanked and forgotten: a browser that fills in forms by
itself may have filled it in for somebody who needs help, so it is said, emptied, and may be sent again."""

_TOO_MANY = mark(
    "Much has been sent from where you are. What you wrote is still here: wait an hour and send it again, or "
    "call the link workers."
)
_ANYBODY = Actor(id="anybody", role=Role.PERSON)
_UNIT, _RELATIVE = "Egen anmälan", "Närstående"
"""How those who come by themselves are called where staff read who referred, in the network's language."""
_DOOR = "Egen anmälan"


class AskForm(Form):
    base = ASK
    roles = ANYONE
    templates = "ask"
    texts = ("reason", "must_not_know")

    def __init__(self, choices: Choices, counter: Counter) -> None:
        self._choices, self._counter = choices, counter
        self._pace = Pace(each=5, all_=100)
        who = Fields((*self_form.WHO.lines, TRAP), self_form.WHO.texts, self_form.WHO.several)
        self.screens = (
            Screen("", "who.html", who, _who_wrong),
            Screen("need", "need.html", self_form.WHAT, self_form.what_wrong),
        )

    async def begin(self, request: Request) -> Said:
        return {"language": visitor_of(request).language.code}

    async def context(self, request: Request, said: Said) -> dict[str, Any]:
        areas = await self._choices.areas()
        language = visitor_of(request).language
        tongues = dict.fromkeys([*COMMON_LANGUAGES, said.get("language") or "sv"])
        born, today = said.get("born"), site_of(request).now().date()
        return {
            "needs": NEEDS,
            "areas": areas,
            "elsewhere": ELSEWHERE,
            "languages": language_names(tongues, language.code),
            "needs_said": in_words(said.get("needs", ()), language),
            "trap": TRAP,
            "for_another": said.get("whom") == RELATIVE,
            "is_minor": bool(born and born.isdecimal() and age_by_year(int(born), today).years < OF_AGE),
            "short_id": short_id,
        }

    async def hand_in(self, request: Request, form: str, said: Said) -> ReceiptIssued:
        channel = Channel.RELATIVE if said["whom"] == RELATIVE else Channel.WEB
        pathway = next(iter(await self._choices.pathways(channel)), None)
        if pathway is None:
            raise Refused(CLOSED)
        if not self._pace.allows(sender_of(request)):
            raise Refused(_TOO_MANY, status=429)
        content = self_form.request(said, _UNIT, _RELATIVE) | {"pathway": pathway}
        opening = RegisterOrganisation(
            command_id=uuid5(NAMESPACE_URL, OWN_DOOR),
            actor=_ANYBODY,
            organisation=OWN_DOOR,
            name=_DOOR,
            kind=OrganisationKind.OTHER,
            area=next(iter(await self._choices.areas()), ELSEWHERE),
        )
        return await self._counter.hand_in(OWN_DOOR, submission(OWN_DOOR, form, content), opening=opening)


def self_pages(pool: asyncpg.Pool, choices: Choices, counter: Counter) -> Pages:
    """The route table of asking for help."""
    pages = Pages("asking for help")
    drafts = Drafts(pool, ASK, KEPT)

    @pages.get(ASK, roles=ANYONE)
    async def what_it_is(request: Request) -> Response:
        """What this is, what it is not, and what happens with what one writes."""
        return site_of(request).page(request, "ask_begin.html", leave_at=f"{ASK}/leave")

    @pages.get(f"{ASK}/leave", roles=ANYONE)
    async def leave(request: Request) -> Response:
        """Away from here at once: what was written can be read by nobody any more, on this machine either."""
        answer = RedirectResponse(NEUTRAL, status_code=303)
        drafts.leave(answer)
        return answer

    Screens(AskForm(choices, counter), drafts).add_to(pages, new_at=f"{ASK}/new")
    return pages


def _who_wrong(said: Said, today: Any) -> dict[str, str]:
    faults = self_form.who_wrong(said, today)
    if said[TRAP]:
        said[TRAP] = ""
        faults[TRAP] = mark("Something nobody sees was filled in, perhaps by your browser. Go on once more.")
    return faults
