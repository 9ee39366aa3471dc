"""Referring: a professional who has signed in, in three screens and about a minute."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
from fastapi import Request

from services.referral.web import refer_form
from services.referral.web.choices import Choices, language_names
from services.referral.web.drafts import Drafts
from services.referral.web.fields import COMMON_LANGUAGES, Said
from services.referral.web.handing_in import Counter, submission
from services.referral.web.refer_form import GUARDIAN_RULES
from services.referral.web.screens import Form, Screen, Screens
from services.runtime.web import NothingHere, Pages, visitor_of
from services.runtime.web.area_words import area_in_words
from services.runtime.web.need_words import NEEDS, in_words
from services.runtime.web.people import short_id
from sluss_contracts.command import Actor
from sluss_contracts.receipt import ReceiptIssued
from sluss_contracts.vocabulary import Channel, Role

REFER = "/refer"
KEPT = timedelta(hours=12)
"""As long as a session lasts at most."""


class ReferForm(Form):
    base = REFER
    roles = frozenset({Role.REFERRER})
    templates = "refer"
    screens = (
        Screen("", "who.html", refer_form.WHO, refer_form.who_wrong),
        Screen("need", "need.html", refer_form.WHAT, refer_form.what_wrong),
    )
    texts = ("reason", "must_not_know")

    def __init__(self, choices: Choices, counter: Counter) -> None:
        self._choices, self._counter = choices, counter

    def owner(self, request: Request) -> str:
        actor = _actor(request)
        return f"{actor.organisation}/{actor.id}"

    async def begin(self, request: Request) -> Said:
        """Whoever has signed in refers; their unit is their organisation's name until they say another."""
        identity = visitor_of(request).identity
        assert identity is not None
        named = identity.name if identity.actor.id != identity.actor.organisation else ""
        own = await self._choices.organisation(identity.actor.organisation or "")
        return {"person": named, "unit": own.name if own else "", "language": "sv"}

    async def context(self, request: Request, said: Said) -> dict[str, Any]:
        own = await self._choices.organisation(_actor(request).organisation or "")
        if own is None:
            raise NothingHere  # signed in for an organisation that takes no part
        areas, ways = await self._choices.areas(), await self._choices.pathways(Channel.STAFF)
        language = visitor_of(request).language
        tongues = dict.fromkeys([*COMMON_LANGUAGES, said.get("language") or "sv"])
        return {
            "needs": NEEDS,
            "organisation": own,
            "areas": areas if own.area in areas else {own.area: area_in_words(own.area), **areas},
            "languages": language_names(tongues, language.code),
            "pathways": [(slug, getattr(name, language.code)) for slug, name in ways.items()],
            "guardian_rules": GUARDIAN_RULES,
            "guardian_options": [(rule, language.say(words)) for rule, words in GUARDIAN_RULES.items()],
            "needs_said": in_words(said.get("needs", ()), language),
            "short_id": short_id,
        }

    async def hand_in(self, request: Request, form: str, said: Said) -> ReceiptIssued:
        by = _actor(request).organisation or ""
        return await self._counter.hand_in(by, submission(by, form, refer_form.request(said)))


def refer_pages(pool: asyncpg.Pool, choices: Choices, counter: Counter) -> Pages:
    """The route table of referring."""
    pages = Pages("referring")
    Screens(ReferForm(choices, counter), Drafts(pool, REFER, KEPT)).add_to(pages, new_at=REFER)
    return pages


def _actor(request: Request) -> Actor:
    identity = visitor_of(request).identity
    if identity is None or identity.actor.organisation is None:
        raise NothingHere
    return identity.actor
