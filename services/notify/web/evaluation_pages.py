"""The pages behind the one-time link of an evaluation: the questions, a last look, and thanks.

Looking uses nothing up, for whatever previews links looks too; sending the answers does. Until then they are
kept nowhere but in the page itself.
"""

from __future__ import annotations

from typing import Any

from fastapi import Request
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from services.notify.domain.evaluation import EvaluationIsCancelled
from services.notify.domain.links import LinkExpired, LinkUsed, Standing, UnknownLink, hash_of
from services.notify.web import evaluation_form as forms
from services.notify.web.asked import NOTHING, Asked, Links, Part, parts_of
from services.notify.web.evaluation_words import NOTICES, OVER
from services.runtime.web import ANYONE, Pages, sender_of, site_of, visitor_of
from services.runtime.web.behind_links import BehindLinks, led_on
from services.runtime.web.forms import FilledIn, SentForm, read_form
from services.runtime.web.guessing import Guessing
from services.runtime.web.refusals import LATER
from services.runtime.web.sending import NotDone, send_as
from services.runtime.web.shared import in_language_asked_for
from sluss_contracts.command import Actor
from sluss_contracts.commands.notify import AnswerEvaluation, LinkToken
from sluss_contracts.vocabulary import Role

PATH = "/svara"
NEUTRAL = "/aktiviteter"
"""Where whoever leaves in a hurry goes: what is on in town, which anybody may look at."""
_PAGES = BehindLinks("evaluation")
STEP, CHANGE, SEND = "step", "change", "send"
_FORM = "questions"
_TOKEN: TypeAdapter[str] = TypeAdapter(LinkToken)
_OVER_BY = {
    LinkUsed.code: Standing.USED,
    LinkExpired.code: Standing.EXPIRED,
    UnknownLink.code: Standing.UNKNOWN,
    EvaluationIsCancelled.code: Standing.WITHDRAWN,
}


def evaluation_pages(engine: AsyncEngine) -> Pages:
    """The route table."""
    pages = Pages("evaluations")
    answering = _Answering(Links(engine))

    @pages.get(f"{PATH}/leave", roles=ANYONE)
    async def leave(request: Request) -> Response:
        """Away from here at once; what was chosen and not sent stands nowhere."""
        return led_on(NEUTRAL)

    @pages.get(f"{PATH}/thanks", roles=ANYONE)
    async def thanks(request: Request) -> Response:
        """What happens next. Holds nothing that leads back to the link."""
        return _PAGES.page(request, "thanks.html")

    @pages.get(PATH + "/{token}", roles=ANYONE)
    async def ask(request: Request, token: str) -> Response:
        """The questions."""
        return await answering.ask(request, token)

    @pages.post(PATH + "/{token}", roles=ANYONE)
    async def answer(request: Request, token: str) -> Response:
        """The answers: looked over, changed, sent, or shown again in another language."""
        return await in_language_asked_for(request, answering.take(request, token))

    return pages


class _Answering:
    def __init__(self, links: Links) -> None:
        self._links = links
        self._guessing = Guessing("evaluation_links_guessed")

    async def ask(self, request: Request, token: str) -> Response:
        asked = await self._asked(request, token)
        if asked.standing is not Standing.OPEN:
            return self._over(request, asked.standing)
        return _questions(request, token, _parts(request, asked))

    async def take(self, request: Request, token: str) -> Response:
        asked = await self._asked(request, token)
        form = await read_form(request)
        step = form.one(STEP)
        # What is sent twice gets the first one's answer, so that a link which is used may be the form's own.
        if asked.standing is not Standing.OPEN and (step, asked.standing) != (SEND, Standing.USED):
            return self._over(request, asked.standing)
        parts = _parts(request, asked)
        if not parts:
            return _questions(request, token, parts)
        if not forms.as_shown([part.pack for part in parts], form):
            return _questions(request, token, parts, form, notice="changed", status=409)
        read = forms.read(parts, form)
        if step == CHANGE:
            return _questions(request, token, parts, form)
        if read.faults:
            return _questions(request, token, parts, form, faults=read.faults, status=422)
        if step != SEND:
            return _check(request, token, parts, form, read)
        actor = Actor(id=f"link-{hash_of(token).hex()[:8]}", role=Role.PERSON)
        try:
            await send_as(actor, request, AnswerEvaluation, form, token=token, answers=tuple(read.answers))
        except NotDone as no:
            if no.code in _OVER_BY:
                return self._over(request, _OVER_BY[no.code])
            if no.code in LATER:
                return _check(request, token, parts, form, read, notice="later", status=no.status)
            return _questions(request, token, parts, form, notice="changed", status=no.status)
        return led_on(f"{PATH}/thanks")

    async def _asked(self, request: Request, token: str) -> Asked:
        try:
            _TOKEN.validate_python(token)
        except ValidationError:
            return NOTHING
        return await self._links.asked_by(token, site_of(request).now())

    def _over(self, request: Request, standing: Standing) -> Response:
        """Why nothing can be answered here. Of a link that nobody knows, too many are told to wait."""
        unknown = standing is Standing.UNKNOWN
        wait = unknown and self._guessing.missed(sender_of(request))
        heading, meaning, doing = OVER[standing]
        meant = {"heading": heading, "meaning": meaning, "doing": doing}
        return _PAGES.over(request, wait=wait, status=404 if unknown else 410, **meant)


def _parts(request: Request, asked: Asked) -> list[Part]:
    return parts_of(asked.packs(), visitor_of(request).language)


def _questions(
    request: Request,
    token: str,
    parts: list[Part],
    form: SentForm | None = None,
    *,
    faults: dict[str, str] | None = None,
    notice: str | None = None,
    status: int = 200,
) -> Response:
    if not parts:
        return _PAGES.page(request, "elsewhere.html")
    shown = {"faults": faults or {}, "notice": NOTICES.get(notice or ""), "filled": form or SentForm()}
    carried = FilledIn(_FORM, STEP, CHANGE)
    context = _of(token, parts) | shown
    return _PAGES.page(request, "questions.html", status=status, carried=carried, form=_FORM, **context)


def _check(
    request: Request,
    token: str,
    parts: list[Part],
    form: SentForm,
    read: forms.Read,
    *,
    notice: str | None = None,
    status: int = 200,
) -> Response:
    shown = {"uncounted": read.uncounted, "notice": NOTICES.get(notice or ""), "filled": form}
    carried = forms.carried(parts, form)
    return _PAGES.page(request, "check.html", status=status, carried=carried, **_of(token, parts), **shown)


def _of(token: str, parts: list[Part]) -> dict[str, Any]:
    return {
        "action": f"{PATH}/{token}",
        "parts": parts,
        "field_of": forms.field_of,
        "unanswered": forms.UNANSWERED,
        "version": forms.FROM,
        "step": STEP,
        "change": CHANGE,
        "send": SEND,
    }
