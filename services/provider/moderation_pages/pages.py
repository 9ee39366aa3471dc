"""The queue as a page. Every decision is one of the commands there are, sent as the coordinator."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi import Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import RedirectResponse, Response

from services.provider.domain.activity import Activity, Status
from services.provider.domain.reviewing import changes
from services.provider.moderation_pages import words
from services.provider.moderation_pages.merging import corrected_by, merged
from services.runtime.decision import Transient
from services.runtime.web import NothingHere, Pages, site_of
from services.runtime.web.forms import SentForm, read_form
from services.runtime.web.pages import actor_of
from services.runtime.web.sending import NotDone, send
from sluss_contracts.command import Command
from sluss_contracts.commands.catalogue import (
    ReadModeration,
    RegisterProposal,
    ReviewActivity,
    SendBackActivity,
    TurnDownProposal,
    TurnDownProvider,
)
from sluss_contracts.commands.provider import PublishActivity, PublishProposal
from sluss_contracts.vocabulary import Role

QUEUE = "/coordinator/moderation"
MERGED = "merged"
_COORDINATOR = frozenset({Role.COORDINATOR})
_SHOWN = 30
_ACTIVITY = text("select state from aggregate where key = :id and kind = 'activity' and id = :id")
_APPROVE: Mapping[tuple[str, str], type[Command]] = {
    ("activity", "suggestion"): PublishProposal,
    ("activity", "new"): ReviewActivity,
    ("activity", "change"): ReviewActivity,
    ("provider", "suggestion"): RegisterProposal,
}
_REFUSE: Mapping[tuple[str, str], type[Command]] = {
    ("activity", "suggestion"): TurnDownProposal,
    ("activity", "new"): SendBackActivity,
    ("activity", "change"): SendBackActivity,
    ("provider", "suggestion"): TurnDownProvider,
}


def moderation_pages(engine: AsyncEngine) -> Pages:
    """The page, reading through this engine what a tip may correct; the queue is asked for."""
    pages = Pages("moderation")

    @pages.get(QUEUE, roles=_COORDINATOR)
    async def queue(request: Request, done: str = "") -> Response:
        """What waits, the longest wait first."""
        return await _show(request, done=done)

    @pages.post(f"{QUEUE}/{{kind}}/{{id}}", roles=_COORDINATOR)
    async def decide(request: Request, kind: str, id: str) -> Response:
        """Approve, turn down, or put into what there is."""
        form = await read_form(request)
        name, choice = (kind, form.one("what")), form.one("decide")
        if name not in _APPROVE:
            raise NothingHere
        try:
            match choice:
                case "approve":
                    await send(request, _APPROVE[name], form, **{kind: id})
                case "refuse" if form.one("why") in words.WHY:
                    await send(request, _REFUSE[name], form, **{kind: id}, why=form.one("why"))
                case "merge" if name == ("activity", "suggestion"):
                    await _merge(request, id, form)
                case _:
                    return await _show(request, missing=id, status=422)
        except NotDone as no:
            return await _show(request, refusal=no, status=no.status)
        return RedirectResponse(f"{QUEUE}?done={choice}", status_code=303)

    async def _merge(request: Request, id: str, form: SentForm) -> None:
        """The activity there is says what the tip said; then the tip is done with. Raises `NotDone`."""
        tip, there = await _activity(id), await _activity(corrected_by(id) or "")
        if tip is None or tip.status is not Status.PROPOSED or there is None:
            raise NothingHere
        unseen = SentForm({name: value for name, value in form.items() if name != "sequence"})
        await send(request, PublishActivity, unseen, **merged(there, tip.offer.model_dump(mode="json")))
        await send(request, TurnDownProposal, form, activity=id, why=MERGED)

    async def _activity(id: str) -> Activity | None:
        async with engine.connect() as connection:
            state = (await connection.execute(_ACTIVITY, {"id": id})).scalar_one_or_none()
        return Activity.model_validate(state) if state else None

    async def _show(
        request: Request, *, done: str = "", missing: str = "", status: int = 200, refusal: Any = None
    ) -> Response:
        question = ReadModeration(command_id=uuid4(), actor=actor_of(request), most=_SHOWN)
        try:
            answer = await site_of(request).network.ask(question)
        except Transient:
            answer = None
        told = answer.result if answer is not None and answer.ok else None
        items = [await _item(each) for each in told["items"]] if told else []
        return site_of(request).page(
            request,
            "moderation.html",
            status=status,
            told=told,
            items=items,
            done=words.DONE.get(done, ""),
            missing=missing,
            refusal=refusal,
            words=words,
            base=QUEUE,
        )

    async def _item(item: dict[str, Any]) -> dict[str, Any]:
        """One thing, with what it would change of the activity it corrects."""
        called = item["said"].get("title") or item["said"].get("name")
        since = datetime.fromisoformat(item["since"])
        shown = item | {"called": called, "since": since, "corrects": None}
        if (item["kind"], item["what"]) != ("activity", "suggestion"):
            return shown
        there = await _activity(corrected_by(item["id"]) or "")
        if there is None or there.status not in (Status.PUBLISHED, Status.HIDDEN):
            return shown
        new = PublishActivity.model_validate(
            {
                "command_id": uuid4(),
                "actor": {"id": "-", "role": "coordinator"},
                **merged(there, item["said"]),
            }
        )
        fields = set(type(there.offer).model_fields)
        offer = type(there.offer).model_validate(new.model_dump(include=fields))
        differs = [each._asdict() for each in changes(there.offer, offer)]
        return shown | {"corrects": there.title, "what_changes": differs}

    return pages
