"""The plan: goals in the person's own words, agreed with them; how far they have come; and thinking again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import Request
from starlette.responses import Response

from services.navigator.desk.opened import OPENS_CASES, OpenedCase
from services.navigator.domain.case import Case
from services.navigator.planning import words
from services.navigator.planning.filled import BEFORE, Filled, filled_in
from services.navigator.planning.onward import VERSION, send_onward
from services.navigator.planning.plan_form import (
    GOAL,
    KIND,
    LABELS,
    MORE,
    PROGRESS_LABEL,
    agreed_by,
    filled_from,
    rows_of,
)
from services.navigator.planning.shell import PURPOSE, Shell, go_on
from services.runtime.web import Language, Pages, mark, visitor_of
from services.runtime.web.drafting import draft_of, sent
from services.runtime.web.people import words_of
from services.runtime.web.sending import NotDone, send
from sluss_contracts.command import Answer
from sluss_contracts.commands.planning import AgreePlan, RecordProgress
from sluss_contracts.event import Event
from sluss_contracts.pathway import PartOfCase
from sluss_contracts.plan import GoalProgressed, PlanAgreed, PlanRevised

PATH: Final = "/cases/{case_id}/plan"
HOW_FAR: Final = "how_far"
_WORDS: Final = mark("Goal %(number)s, in the person's own words")
_KIND: Final = mark("Kind of goal %(number)s")


@dataclass(frozen=True, slots=True)
class Aim:
    """A goal of a plan as a page shows it."""

    goal_id: str
    words: str | None
    """None for whoever is not shown the person's own words."""
    kind: str
    how_far: int | None


@dataclass(frozen=True, slots=True)
class Version:
    """One plan as it was agreed."""

    number: int
    when: datetime
    goals: list[Aim]


def plan_pages(shell: Shell) -> Pages:
    """The plan with every version there has been."""
    pages = Pages("navigator plan")

    @pages.get(PATH, roles=OPENS_CASES)
    async def show(request: Request, case_id: str) -> Response:
        """The goals as they are, and the form to agree on others."""
        opened, case = await shell.open(request, case_id, PartOfCase.PLAN)
        return await _show(request, opened, case)

    @pages.post(PATH, roles=OPENS_CASES)
    async def agree(request: Request, case_id: str) -> Response:
        """The person agrees; or more rows are wanted."""
        opened, case = await shell.open(request, case_id, PartOfCase.PLAN)
        filled = await filled_in(request)
        if filled.has(MORE):
            return await _show(request, opened, case, filled)
        try:
            answer = await _agree(request, opened, case, filled)
        except NotDone as refusal:
            return await _show(request, opened, case, filled, refusal)
        await sent(request)
        return go_on(opened, "plan", "plan" if answer.events else "unchanged", answer)

    @pages.post(PATH + "/progress", roles=OPENS_CASES)
    async def progress(request: Request, case_id: str) -> Response:
        """How far the person says they have come towards one goal."""
        opened, case = await shell.open(request, case_id, PartOfCase.PLAN)
        filled = await filled_in(request)
        try:
            goal = filled.choice("goal", case.goal_ids, needed=True)
            how_far = filled.number(HOW_FAR, 0, 10, needed=True)
            filled.must_be_clear(of=filled.one("goal"))
            named = {"referral_id": case_id, "goal_id": goal, "how_far": how_far}
            answer = await send(request, RecordProgress, filled, **named)
        except NotDone as refusal:
            return await _show(request, opened, case, filled_from(case), refusal)
        return go_on(opened, "plan", "progress" if answer.events else "unchanged")

    async def _agree(request: Request, opened: OpenedCase, case: Case, filled: Filled) -> Answer:
        said = agreed_by(filled, case)
        filled.must_be_clear()
        return await send_onward(request, opened, AgreePlan, filled, of=case.plan_version, **said)

    async def _show(
        request: Request,
        opened: OpenedCase,
        case: Case,
        filled: Filled | None = None,
        refusal: NotDone | None = None,
    ) -> Response:
        language = visitor_of(request).language
        said = await shell.reading.said(opened.referral_id, PlanAgreed, PlanRevised)
        refs = [goal.words for event in said for goal in event.data.goals]
        told = await words_of(request, refs, purpose=PURPOSE)
        versions = [_version_of(event, told or {}, case, language) for event in said]
        step = PlanRevised if case.plan_version else PlanAgreed
        draft = await draft_of(request) if filled is None and opened.may(step) else None
        begun = Filled(draft.form) if draft else filled
        shown = begun or filled_from(case)
        rows = rows_of(shown)
        version = case.plan_version if refusal or begun is None else begun.one(VERSION)
        return await shell.show(
            request,
            opened,
            "plan.html",
            refusal=refusal,
            labels={**LABELS, **_labels(language, len(rows), case)},
            filled=shown,
            rows=rows,
            names=(GOAL, KIND),
            goals=versions[-1].goals if versions else [],
            versions=list(reversed(versions)),
            draft=draft,
            version=version,
            # A draft that was begun before somebody else's plan has not seen it: that is shown first.
            seen=BEFORE if draft and version != str(case.plan_version) else opened.sequence,
            kinds=[(code, language.say(text)) for code, text in words.KINDS.items()],
            may=refusal is not None or (opened.may(step) and (case.reached or case.met)),
            may_progress=opened.may(GoalProgressed),
            not_met=opened.may(step) and not (case.reached or case.met),
            numbers=range(11),
        )

    return pages


def _labels(language: Language, rows: int, case: Case) -> dict[str, str]:
    named = {}
    for number in range(1, rows + 1):
        named[f"{GOAL}{number}"] = language.say(_WORDS, number=number)
        named[f"{KIND}{number}"] = language.say(_KIND, number=number)
    return named | {f"{HOW_FAR}-{goal}": PROGRESS_LABEL for goal in case.goal_ids}


def _version_of(
    event: Event[PlanAgreed] | Event[PlanRevised], told: Mapping[str, str], case: Case, language: Language
) -> Version:
    goals = [
        Aim(
            goal.goal_id,
            told.get(goal.words),
            words.called(goal.kind.value, language, words.KINDS),
            case.progress.get(goal.goal_id),
        )
        for goal in event.data.goals
    ]
    return Version(event.data.version, event.time, goals)
