"""One activity beside the person: why, what may be in the way, whom to turn to, and asking for a place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

from fastapi import Request
from starlette.responses import Response

from services.navigator.desk.opened import OPENS_CASES, OpenedCase
from services.navigator.domain.case import Case
from services.navigator.planning import words
from services.navigator.planning.filled import Filled, filled_in
from services.navigator.planning.instruments import goals_in_words
from services.navigator.planning.match_form import DOTTED, REQUEST_LABELS, asked_for
from services.navigator.planning.matching import PATH as MATCHING
from services.navigator.planning.matching import ask_for_matches
from services.navigator.planning.reading import Activity
from services.navigator.planning.shell import Shell, go_on
from services.navigator.store.heard import OVER
from services.runtime.decision import Transient
from services.runtime.web import NothingHere, Pages, actor_of, site_of, visitor_of
from services.runtime.web.sending import NotDone, send
from sluss_contracts.case import CaseEnrolmentRequested
from sluss_contracts.command import Command
from sluss_contracts.commands.catalogue import ReadActivityContact
from sluss_contracts.commands.navigator import RequestEnrolment
from sluss_contracts.commands.planning import AgreeSupport, IssuePrescription
from sluss_contracts.matching import Match
from sluss_contracts.pathway import Mark, PartOfCase
from sluss_contracts.vocabulary import Role, SupportKind

PATH: Final = MATCHING + "/{activity}"
_ASKS_CONTACT: Final = frozenset({Role.LINK_WORKER, Role.COORDINATOR})


def asking_pages(shell: Shell) -> Pages:
    """The activity's page within the case."""
    pages = Pages("navigator asking for a place")

    @pages.get(PATH, roles=OPENS_CASES)
    async def show(request: Request, case_id: str, activity: str) -> Response:
        """What is known of it, and the form that asks."""
        opened, case = await shell.open(request, case_id, PartOfCase.ENROLMENTS)
        return await _show(request, opened, case, await _activity(activity), _begun(opened, case))

    @pages.post(PATH, roles=OPENS_CASES)
    async def ask(request: Request, case_id: str, activity: str) -> Response:
        """Ask for a place, with the help to get started and the recept that go with it."""
        opened, case = await shell.open(request, case_id, PartOfCase.ENROLMENTS)
        there = await _activity(activity)
        filled = await filled_in(request)
        try:
            named = asked_for(filled, case.goal_ids, protected=case.protected)
            filled.must_be_clear()
            for command, said in _before(filled):
                await send(request, command, filled, referral_id=case_id, **said)
            answer = await send(
                request, RequestEnrolment, filled, referral_id=case_id, activity=activity, **named
            )
            enrolment = str(answer.result["enrolment_id"])
            for command, said in _after(filled, enrolment, activity, named["goal_id"], actor_of(request).id):
                await send(request, command, filled, referral_id=case_id, **said)
        except NotDone as refusal:
            return await _show(request, opened, case, there, filled, refusal)
        return go_on(opened, "taking-part", "requested")

    async def _activity(name: str) -> Activity:
        found = (await shell.reading.activities([name])).get(name) if "\0" not in name else None
        if found is None:
            raise NothingHere
        return found

    async def _show(
        request: Request,
        opened: OpenedCase,
        case: Case,
        activity: Activity,
        filled: Filled,
        refusal: NotDone | None = None,
    ) -> Response:
        language = visitor_of(request).language
        answer = await ask_for_matches(request, opened.referral_id, activities=(activity.activity,))
        judged = [Match.model_validate(row) for row in answer.result.get("matches", ())]
        places = await shell.reading.places(opened.referral_id)
        held = [
            place["status"]
            for place in places
            if place["activity"] == activity.activity and place["status"] not in OVER
        ]
        goals = await goals_in_words(request, case)
        because = DOTTED.join(judged[0].because) if judged else ""
        return await shell.show(
            request,
            opened,
            "asking.html",
            refusal=refusal,
            labels={name: language.say(text) for name, text in REQUEST_LABELS.items()},
            filled=filled,
            activity=activity,
            match=judged[0] if judged else None,
            contact=await _contact(request, activity.activity),
            held=words.called(held[0], language, words.PLACES) if held else None,
            goals=list(goals.items()),
            because=filled.one("because") or because,
            may_give=Mark.MAY_GIVE in opened.pathway.marks,
            wants_host=case.wants_host,
            may=opened.may(CaseEnrolmentRequested) and bool(case.plan_version),
            step=opened.may(CaseEnrolmentRequested),
            unknown=words.UNKNOWN,
        )

    async def _contact(request: Request, activity: str) -> dict[str, Any] | None:
        """Whom to turn to at the provider; None for whoever may not ask, and where nobody is named."""
        actor = actor_of(request)
        if actor.role not in _ASKS_CONTACT:
            return None
        try:
            question = ReadActivityContact(command_id=uuid4(), actor=actor, activity=activity)
            answer = await site_of(request).network.ask(question, timeout=2.0)
        except Transient:
            return None
        found: dict[str, Any] | None = answer.result.get("contact") if answer.ok else None
        return found

    return pages


def _begun(opened: OpenedCase, case: Case) -> Filled:
    """The form as it is shown first: the only goal there is, and trial where the pathway tries first."""
    given = {"goal": (case.goal_ids[0],)} if len(case.goal_ids) == 1 else {}
    if Mark.TRIAL in opened.pathway.marks:
        given["trial"] = ("yes",)
    return Filled(given)


def _before(filled: Filled) -> Sequence[tuple[type[Command], dict[str, Any]]]:
    """What the request itself is to carry: whether somebody there is wanted."""
    return [(AgreeSupport, {"kind": SupportKind.HOST})] if filled.has("host") else []


def _after(
    filled: Filled, enrolment: str, activity: str, goal: str | None, me: str
) -> Sequence[tuple[type[Command], dict[str, Any]]]:
    """What belongs to a place once it is asked for."""
    commands: list[tuple[type[Command], dict[str, Any]]] = []
    if filled.has("accompany"):
        along = {"kind": SupportKind.ACCOMPANIMENT, "by": me, "enrolment_id": enrolment}
        commands.append((AgreeSupport, along))
    if filled.has("recept") and goal is not None:
        recept = {
            "goal_id": goal,
            "activity": activity,
            "trial": filled.has("trial"),
            "giver": filled.has("giver"),
        }
        commands.append((IssuePrescription, recept))
    return commands
