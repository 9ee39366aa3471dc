"""The team's inbox: one takes a case, and the others see who. What is the whole team's is here as well."""

from __future__ import annotations

from typing import Final

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from services.navigator.desk import task_words
from services.navigator.desk.ending_pages import need_in_words
from services.navigator.desk.frame import identity_of
from services.navigator.desk.inbox import inbox_for, teams_with_inboxes
from services.navigator.desk.today_page import names_for
from services.runtime.web import NothingHere, Pages, site_of, visitor_of
from sluss_contracts.vocabulary import Role

WITH_A_TEAM: Final = frozenset({Role.LINK_WORKER, Role.COORDINATOR})


def inbox_pages(engine: AsyncEngine) -> Pages:
    """A link worker's own team; for a coordinator, any."""
    pages = Pages("navigator inbox")

    @pages.get("/inbox", roles=WITH_A_TEAM)
    async def inbox(request: Request, team: str | None = None) -> Response:
        site, language, identity = site_of(request), visitor_of(request).language, identity_of(request)
        teams = await teams_with_inboxes(engine, identity)
        known = {id for id, _, _ in teams}
        if team is not None and team not in known | {identity.team}:
            raise NothingHere
        chosen = identity.team or team or next((id for id, _, count in teams if count), None)
        if chosen is None and teams:
            chosen = teams[0][0]
        found = await inbox_for(engine, chosen or "")
        cases = [each.referral_id for each in found.cases] + [each.referral_id for each in found.tasks]
        people = await names_for(request, cases)
        return site.page(
            request,
            "inbox.html",
            found=found,
            teams=teams,
            people=people,
            now=site.now(),
            needs={
                each.referral_id: ", ".join(need_in_words(need, language) for need in each.needs)
                for each in found.cases
            },
            tasks=[
                (
                    each,
                    task_words.what(each.kind, each.about, language),
                    task_words.why(each.why, language),
                    task_words.action(each.kind, each.about, each.referral_id, each.task_id),
                )
                for each in found.tasks
            ],
            may_take=identity.role is Role.LINK_WORKER,
            room=next((each for each in found.loads if each.worker == identity.actor.id), None),
        )

    return pages
