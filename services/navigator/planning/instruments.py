"""Measures: what the pathway asks now, an instrument on screen or on paper, and what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.responses import Response

from services.navigator.desk.opened import OPENS_CASES, OpenedCase
from services.navigator.domain.case import Case
from services.navigator.domain.mapping import GOAL_ATTAINMENT
from services.navigator.planning import words
from services.navigator.planning.change import HIGH, WIDE, rows_of
from services.navigator.planning.filled import Filled, filled_in
from services.navigator.planning.instrument_form import (
    ANSWER,
    AT,
    GOAL,
    UNANSWERED,
    answers_of,
    asked_at,
    labels_of,
    time_of,
)
from services.navigator.planning.reading import newest_of
from services.navigator.planning.shell import PURPOSE, Shell, go_on, said_in
from services.runtime.web import NothingHere, Pages, mark, site_of, visitor_of
from services.runtime.web.drafting import draft_of, sent
from services.runtime.web.people import words_of
from services.runtime.web.sending import NotDone, send
from sluss_contracts.commands.planning import RecordMeasure
from sluss_contracts.instruments import Pack
from sluss_contracts.instruments.asking import asked_in, questions_of
from sluss_contracts.mapping import MeasureRecorded
from sluss_contracts.pathway import PartOfCase
from sluss_contracts.vocabulary import Timepoint

PATH = "/cases/{case_id}/instruments"
ONE = PATH + "/{instrument}"
_GOAL = mark("Which goal it is about")
_PAPER = {
    "date": mark("Date"),
    "marked": mark("Marked by the link worker"),
    "keys": mark("The wording of these questions is licensed and is not held here: only keys stand below."),
    "free": mark("You need not answer everything. Nobody is helped less for what is left out."),
}


def instrument_pages(shell: Shell) -> Pages:
    """The list, each instrument to answer, and each as a paper form."""
    pages = Pages("navigator instruments")

    @pages.get(PATH, roles=OPENS_CASES)
    async def show(request: Request, case_id: str) -> Response:
        """What is asked now, what else there is, and everything that was measured."""
        opened, case = await shell.open(request, case_id, PartOfCase.MEASURES)
        language = visitor_of(request).language
        packs = await shell.reading.packs()
        said = await shell.reading.said(case_id, MeasureRecorded)
        measures = [(event.time, event.data) for event in said]
        goals = await goals_in_words(request, case)
        at = _wanted_time(request) or time_of(case, opened.pathway)
        asked = asked_at(opened.pathway).get(at, ())
        had = {each.instrument for each in case.measures.values() if each.at == at}
        return await shell.show(
            request,
            opened,
            "instruments.html",
            at=at,
            times=[(code, language.say(text)) for code, text in words.TIMEPOINTS.items()],
            asked=[(pack, pack.instrument in had) for pack in packs if pack.instrument in asked],
            others=[pack for pack in packs if pack.instrument not in asked],
            measured=[(pack, rows) for pack in packs if (rows := rows_of(pack, measures, language.code))],
            goals=goals,
            needs_goal=GOAL_ATTAINMENT,
            called=words.TIMEPOINTS,
            size=(WIDE, HIGH),
            may=opened.may(MeasureRecorded),
        )

    @pages.get(ONE, roles=OPENS_CASES)
    async def ask(request: Request, case_id: str, instrument: str) -> Response:
        """Its items, to be answered together or typed in from paper."""
        opened, case = await shell.open(request, case_id, PartOfCase.MEASURES)
        pack = await _pack(instrument)
        return await _show(request, opened, case, pack)

    @pages.post(ONE, roles=OPENS_CASES)
    async def record(request: Request, case_id: str, instrument: str) -> Response:
        """Save the answers; the service scores them."""
        opened, case = await shell.open(request, case_id, PartOfCase.MEASURES)
        pack = await _pack(instrument)
        filled = await filled_in(request)
        try:
            about = None
            if pack.instrument == GOAL_ATTAINMENT:
                about = filled.choice(GOAL, case.goal_ids, needed=True)
            at = filled.choice(AT, Timepoint, needed=True)
            answers = answers_of(filled, pack)
            filled.must_be_clear()
            answer = await send(
                request,
                RecordMeasure,
                filled,
                referral_id=case_id,
                instrument=pack.instrument,
                version=pack.version,
                at=at,
                answers=answers,
                language=asked_in(pack, filled.one("language"), visitor_of(request).language.code),
                goal_id=about,
            )
        except NotDone as refusal:
            return await _show(request, opened, case, pack, filled, refusal)
        await sent(request)
        return go_on(opened, "instruments", "measure" if answer.events else "unchanged", answer)

    @pages.get(ONE + "/paper", roles=OPENS_CASES)
    async def paper(request: Request, case_id: str, instrument: str) -> Response:
        """The same to fill in by hand. It says nothing of whose it is: a line to write on does."""
        await shell.open(request, case_id, PartOfCase.MEASURES)
        pack = await _pack(instrument)
        spoken = visitor_of(request).language.code
        language = asked_in(pack, request.query_params.get("language", ""), spoken)
        said = site_of(request).spoken.get(language, visitor_of(request).language)
        return site_of(request).page(
            request,
            "planning/paper.html",
            pack=pack,
            spoken=said.code,
            texts=said_in(said, _PAPER),
            name=pack.name.sv if said.code == "sv" else pack.name.en,
            ask=pack.ask.get(language, ""),
            questions=questions_of(pack, language),
            worded=bool(pack.languages),
            base=f"/cases/{case_id}",
        )

    async def _pack(instrument: str) -> Pack:
        pack = newest_of(await shell.reading.packs(), instrument)
        if pack is None:
            raise NothingHere
        return pack

    async def _show(
        request: Request,
        opened: OpenedCase,
        case: Case,
        pack: Pack,
        filled: Filled | None = None,
        refusal: NotDone | None = None,
    ) -> Response:
        spoken = visitor_of(request).language
        may = opened.may(MeasureRecorded)
        draft = await draft_of(request) if filled is None and may else None
        begun = Filled(draft.form) if draft else filled
        wanted = request.query_params.get("language", "") or (begun.one("language") if begun else "")
        language = asked_in(pack, wanted, spoken.code)
        questions = questions_of(pack, language)
        at = _wanted_time(request) or time_of(case, opened.pathway)
        goals = await goals_in_words(request, case) if pack.instrument == GOAL_ATTAINMENT else {}
        labels = {**labels_of(questions), GOAL: spoken.say(_GOAL)}
        shown: dict[str, Any] = {
            "pack": pack,
            "name": pack.name.sv if spoken.code == "sv" else pack.name.en,
            "about": pack.about.sv if spoken.code == "sv" else pack.about.en,
            "ask": pack.ask.get(language, ""),
            "asking": language,
            "questions": questions,
            "answer": ANSWER,
            "unanswered": UNANSWERED,
            "goals": list(goals.items()),
            "needs_goal": pack.instrument == GOAL_ATTAINMENT,
            "times": [(code, spoken.say(text)) for code, text in words.TIMEPOINTS.items()],
            "draft": draft,
            "filled": begun or Filled({AT: (at,)}),
            "may": refusal is not None or may,
        }
        return await shell.show(request, opened, "instrument.html", refusal=refusal, labels=labels, **shown)

    return pages


def _wanted_time(request: Request) -> str | None:
    at = request.query_params.get("at", "")
    return at if at in words.TIMEPOINTS else None


async def goals_in_words(request: Request, case: Case) -> Mapping[str, str]:
    """The goals of the plan as it is, in the person's own words; where those are not shown, by their kind."""
    told = await words_of(request, [goal.words for goal in case.goals], purpose=PURPOSE) or {}
    language = visitor_of(request).language
    return {
        goal.goal_id: told.get(goal.words) or words.called(goal.kind.value, language, words.KINDS)
        for goal in case.goals
    }
