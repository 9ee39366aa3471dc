"""My referrals: the list, one of them with what was told of it, and taking it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import RedirectResponse, Response

from services.navigator.referrers import words
from services.navigator.referrers.reading import PAGE, Which, listed
from services.navigator.sights import Sight, Story, story
from services.navigator.steps import Lane
from services.navigator.web.words import say_details, say_step
from services.runtime.decision import Transient
from services.runtime.web import NothingHere, Pages, site_of, visitor_of
from services.runtime.web.forms import read_form
from services.runtime.web.pages import actor_of
from services.runtime.web.people import people_of, short_id
from services.runtime.web.sending import NotDone, send
from sluss_contracts.commands.notify import ReadFeedback
from sluss_contracts.commands.referral import CancelReferral, EnterInError
from sluss_contracts.vocabulary import Look, Role

MINE = "/my-referrals"
PURPOSE = "follow_referral"
_REFERRER = frozenset({Role.REFERRER})


def referrer_pages(engine: AsyncEngine) -> Pages:
    """The pages, reading through this engine."""
    pages = Pages("my referrals")

    @pages.get(MINE, roles=_REFERRER)
    async def mine(request: Request, which: str = "open", page: int = 1) -> Response:
        """Every referral of the visitor's organisation, by what it was told last."""
        chosen = Which(which) if which in set(Which) else Which.OPEN
        number = min(max(page, 1), 10_000)
        found = await listed(engine, _organisation(request), chosen, number)
        people = await people_of(request, [row.referral for row in found.rows], purpose=PURPOSE)
        return site_of(request).page(
            request,
            "my_referrals.html",
            found=found,
            people=people,
            which=chosen,
            whiches=words.WHICH,
            page=number,
            last=max(1, -(-found.total // PAGE)),
            standing=words.STANDING,
            short_id=short_id,
            base=MINE,
        )

    @pages.get(f"{MINE}/{{referral_id}}", roles=_REFERRER)
    async def one(request: Request, referral_id: str, done: str = "") -> Response:
        """One of them: what was told of it, step by step."""
        return await _show(request, referral_id, done=done)

    @pages.post(f"{MINE}/{{referral_id}}/take-back", roles=_REFERRER)
    async def take_back(request: Request, referral_id: str) -> Response:
        """No longer needed, or never meant: by the same command as an organisation's own systems send."""
        await _mine(request, referral_id)
        form = await read_form(request)
        why = form.one("why")
        if why not in words.REASONS | words.ERRORS:
            return await _show(request, referral_id, missing=True, status=422)
        command = EnterInError if why in words.ERRORS else CancelReferral
        try:
            await send(request, command, form, referral_id=referral_id, why=why)
        except NotDone as no:
            return await _show(request, referral_id, refusal=no, status=no.status)
        return RedirectResponse(f"{MINE}/{referral_id}?done={why}", status_code=303)

    async def _mine(request: Request, referral_id: str) -> Story:
        sight = Sight("organisation", _organisation(request))
        told = await story(engine, referral_id, sight) if "\0" not in referral_id else None
        if told is None:
            raise NothingHere  # unknown, or another's: the same page
        return told

    async def _show(
        request: Request, referral_id: str, *, done: str = "", status: int = 200, **more: Any
    ) -> Response:
        told = await _mine(request, referral_id)
        language = visitor_of(request).language
        people = await people_of(request, [referral_id], purpose=PURPOSE, action=Look.OPENED)
        return site_of(request).page(
            request,
            "my_referral.html",
            status=status,
            story=told,
            steps=[
                (one, say_step(one, told.names, language), say_details(one, language)) for one in told.steps
            ],
            people=people,
            feedback=await _feedback(request, referral_id),
            over=told.card.lane is Lane.CLOSED,
            void=told.outcome == "entered_in_error",
            reasons=words.REASONS,
            errors=words.ERRORS,
            points=words.TOLD,
            outcomes=words.OUTCOMES,
            done=words.DONE.get("error" if done in words.ERRORS else "cancel") if done else "",
            base=MINE,
            **({"refusal": None, "missing": False} | more),
        )

    return pages


def _organisation(request: Request) -> str:
    """Whom the visitor refers for. Raises `NothingHere`."""
    identity = visitor_of(request).identity
    if identity is None or identity.actor.organisation is None:
        raise NothingHere
    return identity.actor.organisation


async def _feedback(request: Request, referral_id: str) -> list[dict[str, Any]] | None:
    """What was told, the earliest first; None when nobody answers just now."""
    question = ReadFeedback(command_id=uuid4(), actor=actor_of(request), referral_id=referral_id)
    try:
        answer = await site_of(request).network.ask(question, timeout=2.0)
    except Transient:
        return None
    if not answer.ok:
        return None
    return [each | {"when": datetime.fromisoformat(each["at"])} for each in answer.result["feedback"]]
