"""Staff note that they showed somebody an activity. No case is opened, and nobody is named."""

from __future__ import annotations

from uuid import UUID, uuid4

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import RedirectResponse, Response

from services.provider.web.calendar_codes import AGE_GROUPS
from services.provider.web.calendar_query import LIST
from services.provider.web.calendar_seeing import STAFF, KeptChoices, show_activity, shown_activity
from services.runtime.calls import Network
from services.runtime.decision import Transient
from services.runtime.web import Pages, mark, visitor_of
from sluss_contracts.commands.referral import RecordSignposting
from sluss_contracts.offering import Described, Interest

_NOT_NOW = mark("It could not be noted just now. Your choices are still here: note it again in a while.")
_NOT_TAKEN = mark("It was not noted: in your role you cannot note this.")


def signpost_pages(engine: AsyncEngine, network: Network, choices: KeptChoices) -> Pages:
    """One thing to do, on an activity's page."""
    pages = Pages("calendar signposts")

    @pages.post(LIST + "/{activity}/visat", roles=STAFF)
    async def note(request: Request, activity: str) -> Response:
        """Noting the same form twice notes it once."""
        shown = await shown_activity(engine, request, activity)
        given = await request.form()
        chosen = {name: str(given.get(name, "")) for name in ("once", "interest", "age_group")}

        async def again(status: int, trouble: str) -> Response:
            there = await choices.now()
            return show_activity(request, shown, there, status=status, trouble=trouble, chosen=chosen)

        try:
            answer = await network.ask(_command(request, shown.told, chosen))
        except Transient:
            return await again(503, _NOT_NOW)
        if not answer.ok:
            return await again(409, _NOT_TAKEN)
        return RedirectResponse(f"{LIST}/{activity}?noted=1#noted", status_code=303)

    return pages


def _command(request: Request, told: Described, chosen: dict[str, str]) -> RecordSignposting:
    identity = visitor_of(request).identity
    assert identity is not None, "the route is for staff"
    interest, age_group = chosen["interest"], chosen["age_group"]
    return RecordSignposting(
        command_id=_id(chosen["once"]),
        actor=identity.actor,
        organisation=identity.actor.organisation,
        area=told.area,
        activity=told.activity,
        interests=(Interest(interest),) if interest in set(Interest) else (),
        age_group=age_group if age_group in AGE_GROUPS else None,
    )


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid4()
