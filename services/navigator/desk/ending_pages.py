"""The end of a case, with what the referrer is told; and needs that nothing met."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from fastapi import Request
from starlette.responses import Response

from services.navigator.desk.frame import ROOT, Frame
from services.navigator.desk.opened import OpenedCase
from services.navigator.desk.taking import STEPS_IN_CASES, Step, language_of
from services.navigator.domain.ending import DECIDED_BY_THE_REFERRAL
from services.navigator.web.match_words import NEEDS
from services.navigator.web.words import CODES
from services.runtime.decision import Transient
from services.runtime.web import Language, Pages, mark, site_of
from services.runtime.web.forms import SentForm, read_form
from services.runtime.web.pages import actor_of
from sluss_contracts.blue_circle import NeedUnmet
from sluss_contracts.case import CaseClosed
from sluss_contracts.commands.navigator import CloseCase, RecordUnmetNeed
from sluss_contracts.commands.referral import ReadReferrers
from sluss_contracts.vocabulary import CaseOutcome, Need

OUTCOMES: Final = {
    CaseOutcome.COMPLETED: mark("It is done: the person goes on by themselves"),
    CaseOutcome.PERSON_DECLINED: mark("The person does not want to go on"),
    CaseOutcome.UNREACHABLE: mark("The person could not be reached"),
    CaseOutcome.MOVED: mark("The person has moved"),
    CaseOutcome.FAILED: mark("It did not succeed"),
    CaseOutcome.DECEASED: mark("The person has died"),
}
"""What a link worker may say; the other outcomes follow from the referral."""
WHY: Final = {
    "nothing_offered": mark("Nothing of the kind is offered here"),
    "full": mark("Everything is full"),
    "too_far": mark("It is too far away"),
    "too_costly": mark("It costs too much"),
    "language": mark("It is not in the person's language"),
    "not_accessible": mark("One cannot get in"),
    "did_not_suit": mark("What there is does not suit the person"),
}
assert not set(OUTCOMES) & set(DECIDED_BY_THE_REFERRAL)


def ending_pages(frame: Frame) -> Pages:
    """The forms and what they send."""
    pages = Pages("navigator ending")

    @pages.get(ROOT + "/close", roles=STEPS_IN_CASES)
    async def closing(request: Request, case_id: str) -> Response:
        return await _close("closed").page(frame, request, await frame.open(request, case_id))

    @pages.post(ROOT + "/close", roles=STEPS_IN_CASES)
    async def close(request: Request, case_id: str) -> Response:
        told = bool((await read_form(request)).one("feedback"))
        return await _close("told" if told else "closed").take(frame, request, case_id)

    unmet = Step(RecordUnmetNeed, "step_unmet.html", "unmet", NeedUnmet, _missing, _what_is_missing)

    @pages.get(ROOT + "/unmet", roles=STEPS_IN_CASES)
    async def missing(request: Request, case_id: str) -> Response:
        return await unmet.page(frame, request, await frame.open(request, case_id))

    @pages.post(ROOT + "/unmet", roles=STEPS_IN_CASES)
    async def note_missing(request: Request, case_id: str) -> Response:
        return await unmet.take(frame, request, case_id)

    return pages


def _close(done: str) -> Step:
    async def given(request: Request, opened: OpenedCase, _: SentForm) -> Mapping[str, Any]:
        language = language_of(request)
        return {
            "outcomes": [(each.value, language.say(said)) for each, said in OUTCOMES.items()],
            "reader": await reader_of(request, opened),
            "unmet": [need_in_words(each.need, language) for each in opened.case.unmet]
            if opened.case
            else [],
        }

    return Step(
        CloseCase,
        "step_close.html",
        done,
        CaseClosed,
        lambda form, _: {"outcome": form.one("outcome"), "feedback": form.some("feedback")},
        given,
    )


async def reader_of(request: Request, opened: OpenedCase) -> str:
    """Who reads the words to the referrer: the organisation, and the unit and person who referred."""
    case = opened.case
    named = opened.called("organisation", case.organisation) if case else ""
    question = ReadReferrers(command_id=uuid4(), actor=actor_of(request), referral_ids=(opened.referral_id,))
    try:
        answer = await site_of(request).network.ask(question, timeout=2.0)
    except Transient:
        return named
    found = answer.result.get("referrers", {}).get(opened.referral_id, {}) if answer.ok else {}
    return ", ".join(dict.fromkeys(each for each in (named, found.get("unit"), found.get("person")) if each))


def _missing(form: SentForm, _: OpenedCase) -> dict[str, Any]:
    return {"need": form.one("need"), "why": form.one("why")}


async def _what_is_missing(request: Request, opened: OpenedCase, _: SentForm) -> Mapping[str, Any]:
    language = language_of(request)
    asked = opened.referral.get("needs") or ()
    needs = [*asked, *(need for need in Need if need not in asked)]
    return {
        "needs": [(str(need), need_in_words(str(need), language)) for need in needs],
        "why": [(code, language.say(said)) for code, said in WHY.items()],
    }


def need_in_words(need: str, language: Language) -> str:
    """What the person needs, as one says it."""
    for words in (NEEDS, CODES):
        if need in words:
            return language.say(words[need])
    return need.replace("_", " ")
