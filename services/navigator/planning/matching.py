"""What may suit the person: the list with its reasons, what was said of it, and needs that nothing meets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from fastapi import Request
from starlette.responses import Response

from services.navigator.desk.opened import OPENS_CASES, OpenedCase
from services.navigator.domain.case import Case
from services.navigator.planning import words
from services.navigator.planning.filled import Filled, filled_in
from services.navigator.planning.match_form import (
    DOTTED,
    FITS,
    LABELS,
    VERDICT,
    WHY,
    looked_at,
    looked_for,
)
from services.navigator.planning.reading import Activity
from services.navigator.planning.shell import Shell, go_on
from services.navigator.web.match_words import BARRIERS, INTERESTS, NEEDS, OTHERS
from services.runtime.decision import Transient
from services.runtime.web import Language, Pages, actor_of, mark, site_of, visitor_of
from services.runtime.web.sending import NotDone, send
from sluss_contracts.blue_circle import NeedUnmet
from sluss_contracts.case import CaseEnrolmentRequested
from sluss_contracts.command import Answer, Refused
from sluss_contracts.commands.matching import ReadMatches
from sluss_contracts.commands.navigator import RecordUnmetNeed
from sluss_contracts.commands.planning import RecordAlternatives
from sluss_contracts.matching import Match, Mismatch, Unanswered, Weekday
from sluss_contracts.offering import Interest, Mode
from sluss_contracts.pathway import PartOfCase
from sluss_contracts.plan import AlternativesLookedAt
from sluss_contracts.vocabulary import Barrier, Gender, Need, Verdict

PATH: Final = "/cases/{case_id}/matching"
_NO_LIST: Final = ("try_again", "nothing_to_go_by")
_UNMET_LABELS: Final = {"need": mark("What nothing meets"), "why": mark("Why")}


@dataclass(frozen=True, slots=True)
class Spoken:
    """The last word on an activity that was looked at."""

    activity: Activity
    verdict: str
    said: str
    why: str
    asked: bool
    """Whether a place is asked for already, or held."""


def matching_pages(shell: Shell) -> Pages:
    """The list, narrowed down or not, and what is written down about it."""
    pages = Pages("navigator matching")

    @pages.get(PATH, roles=OPENS_CASES)
    async def show(request: Request, case_id: str) -> Response:
        """What may suit, by what is known of the person."""
        opened, case = await shell.open(request, case_id, PartOfCase.ENROLMENTS)
        return await _show(request, opened, case, Filled())

    @pages.post(PATH, roles=OPENS_CASES)
    async def narrow_down(request: Request, case_id: str) -> Response:
        """The same by what is wished for. It is sent and stands in no address, for it is about somebody."""
        opened, case = await shell.open(request, case_id, PartOfCase.ENROLMENTS)
        return await _show(request, opened, case, await filled_in(request))

    @pages.post(PATH + "/looked-at", roles=OPENS_CASES)
    async def write_down(request: Request, case_id: str) -> Response:
        """What the person said of each activity."""
        opened, case = await shell.open(request, case_id, PartOfCase.ENROLMENTS)
        filled = await filled_in(request)
        try:
            alternatives = looked_at(filled)
            goal = filled.choice("goal", case.goal_ids)
            filled.must_be_clear()
            answer = await send(
                request,
                RecordAlternatives,
                filled,
                referral_id=case_id,
                goal_id=goal,
                alternatives=alternatives,
            )
        except NotDone as refusal:
            return await _show(request, opened, case, filled, refusal)
        return go_on(opened, "matching", "looked_at" if answer.events else "unchanged")

    @pages.post(PATH + "/unmet", roles=OPENS_CASES)
    async def unmet(request: Request, case_id: str) -> Response:
        """Nothing in the network meets a need here."""
        opened, case = await shell.open(request, case_id, PartOfCase.ENROLMENTS)
        filled = await filled_in(request)
        try:
            need = filled.choice("need", Need, needed=True)
            why = filled.choice("why", words.WHY_UNMET, needed=True)
            area = filled.some("area")
            filled.must_be_clear()
            named = {"referral_id": case_id, "need": need, "why": why, "area": area}
            answer = await send(request, RecordUnmetNeed, filled, **named)
        except NotDone as refusal:
            return await _show(request, opened, case, filled, refusal)
        return go_on(opened, "matching", "unmet" if answer.events else "unchanged")

    async def _show(
        request: Request,
        opened: OpenedCase,
        case: Case,
        filled: Filled,
        refusal: NotDone | None = None,
    ) -> Response:
        language = visitor_of(request).language
        wanted = looked_for(filled)
        invalid = dict(filled.faults)
        answer = await ask_for_matches(request, opened.referral_id, **({} if invalid else wanted))
        matches = [Match.model_validate(row) for row in answer.result.get("matches", ())]
        told = answer.result.get("wanted", {})
        unmet = [Unanswered.model_validate(row) for row in answer.result.get("unmet", ())]
        spoken = await _spoken(case, language)
        return await shell.show(
            request,
            opened,
            "matching.html",
            refusal=refusal,
            labels=LABELS | _UNMET_LABELS | _of_rows(matches),
            filled=filled,
            faults=invalid,
            matches=matches,
            no_list=answer.refused.code if answer.refused else None,
            wanted=told,
            in_words=_in_words(told, language),
            unmet=[
                (each, words.need(each.need, language), words.called(each.why, language, words.WHY_UNMET))
                for each in unmet
            ],
            recorded=[
                (words.need(each.need, language), words.called(each.why, language, words.WHY_UNMET))
                for each in case.unmet
            ],
            spoken=spoken,
            verdicts=[(code, language.say(text)) for code, text in words.VERDICTS.items()],
            whys=words.named(map(str, Mismatch), OTHERS, language),
            goals=case.goals,
            choices=_choices(language),
            names=(VERDICT, WHY, FITS, DOTTED),
            unknown=words.UNKNOWN,
            may=opened.may(AlternativesLookedAt),
            may_ask=opened.may(CaseEnrolmentRequested),
            may_miss=opened.may(NeedUnmet),
        )

    async def _spoken(case: Case, language: Language) -> list[Spoken]:
        last = {each.activity: each for looked in case.looked_at for each in looked.alternatives}
        known = await shell.reading.activities(list(last))
        over = {"declined", "ended", "expired"}
        places = await shell.reading.places(case.referral_id)
        held = {place["activity"] for place in places if place["status"] not in over}
        return [
            Spoken(
                known[name],
                each.verdict.value,
                words.called(each.verdict.value, language, words.VERDICTS),
                words.called(each.why, language, OTHERS) if each.why else "",
                name in held,
            )
            for name, each in sorted(last.items(), key=lambda pair: _ORDER[pair[1].verdict])
            if name in known
        ]

    return pages


_ORDER: Final = {Verdict.CHOSEN: 0, Verdict.LATER: 1, Verdict.DECLINED: 2}


async def ask_for_matches(request: Request, referral_id: str, **said: Any) -> Answer:
    """The navigator's own answer to what may suit; one that says to try again where nobody answers."""
    question = ReadMatches(command_id=uuid4(), actor=actor_of(request), referral_id=referral_id, **said)
    try:
        return await site_of(request).network.ask(question)
    except Transient as trouble:
        return Answer(refused=Refused(code=_NO_LIST[0], message=str(trouble)))


def _of_rows(matches: Sequence[Match]) -> dict[str, str]:
    return {prefix + row.activity: row.title for row in matches for prefix in (VERDICT, WHY)}


def _in_words(wanted: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    """What was looked for, as the page tells it."""
    rows = [
        ("needs", [words.need(each, language) for each in wanted.get("needs", ())]),
        ("interests", [words.interest(each, language) for each in wanted.get("interests", ())]),
        ("barriers", [words.barrier(each, language) for each in wanted.get("barriers", ())]),
    ]
    return [(language.say(LABELS[name]), ", ".join(said)) for name, said in rows if said]


def _choices(language: Language) -> dict[str, list[tuple[str, str]]]:
    return {
        "needs": words.named(map(str, Need), NEEDS, language),
        "interests": words.named(map(str, Interest), {**NEEDS, **INTERESTS}, language),
        "barriers": words.named(map(str, Barrier), {**NEEDS, **BARRIERS}, language),
        "days": [(day.value, words.called(day.value, language, OTHERS)) for day in Weekday],
        "modes": [(str(mode), words.called(str(mode), language, OTHERS)) for mode in Mode],
        "genders": [(each.value, words.called(each.value, language, _GENDERS)) for each in Gender],
        "why": [(code, language.say(text)) for code, text in words.WHY_UNMET.items()],
    }


_GENDERS: Final = {"woman": mark("woman"), "man": mark("man"), "other": mark("another")}
