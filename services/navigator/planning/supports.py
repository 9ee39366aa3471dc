"""Help to get started: somebody comes along, fetches, meets, or helps with what is in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from services.navigator.desk.opened import OPENS_CASES, OpenedCase
from services.navigator.domain.case import Case
from services.navigator.planning import words
from services.navigator.planning.filled import NEEDED, Filled, filled_in
from services.navigator.planning.shell import Shell, go_on, said_in
from services.navigator.store.heard import OVER
from services.navigator.web.match_words import BARRIERS, NEEDS
from services.runtime.web import Language, Pages, mark, visitor_of
from services.runtime.web.sending import NotDone, send
from sluss_contracts.commands.planning import AgreeSupport, RecordSupport
from sluss_contracts.pathway import PartOfCase
from sluss_contracts.plan import SupportAgreed, SupportGiven
from sluss_contracts.vocabulary import Barrier, SupportKind

PATH: Final = "/cases/{case_id}/help"
LABELS: Final = {
    "kind": mark("What help"),
    "by": mark("Who gives it"),
    "enrolment": mark("Where"),
    "barrier": mark("What is in the way"),
    "support": mark("Which help"),
}


@dataclass(frozen=True, slots=True)
class Help:
    """One help that was agreed."""

    support_id: str
    what: str
    where: str
    giver: str
    given: bool


def help_pages(shell: Shell) -> Pages:
    """What is agreed, what has been given, and the form for more."""
    pages = Pages("navigator help")

    @pages.get(PATH, roles=OPENS_CASES)
    async def show(request: Request, case_id: str) -> Response:
        """All help of the case."""
        opened, case = await shell.open(request, case_id, PartOfCase.ENROLMENTS)
        return await _show(request, opened, case, Filled())

    @pages.post(PATH, roles=OPENS_CASES)
    async def agree(request: Request, case_id: str) -> Response:
        """Agree on help."""
        opened, case = await shell.open(request, case_id, PartOfCase.ENROLMENTS)
        filled = await filled_in(request)
        try:
            guides = await shell.reading.guides(opened.team, opened.worker)
            said = _agreed(filled, case, [who for who, _ in guides])
            filled.must_be_clear()
            answer = await send(request, AgreeSupport, filled, referral_id=case_id, **said)
        except NotDone as refusal:
            return await _show(request, opened, case, filled, refusal)
        return go_on(opened, "help", "support" if answer.events else "unchanged")

    @pages.post(PATH + "/given", roles=OPENS_CASES)
    async def give(request: Request, case_id: str) -> Response:
        """It was given."""
        opened, case = await shell.open(request, case_id, PartOfCase.ENROLMENTS)
        filled = await filled_in(request)
        try:
            support = filled.choice("support", case.supports, needed=True)
            filled.must_be_clear()
            answer = await send(request, RecordSupport, filled, referral_id=case_id, support_id=support)
        except NotDone as refusal:
            return await _show(request, opened, case, Filled(), refusal)
        return go_on(opened, "help", "given" if answer.events else "unchanged")

    async def _show(
        request: Request,
        opened: OpenedCase,
        case: Case,
        filled: Filled,
        refusal: NotDone | None = None,
    ) -> Response:
        language = visitor_of(request).language
        known = await shell.reading.activities(list(case.enrolments.values()))
        titles = {id: known[name].title if name in known else name for id, name in case.enrolments.items()}
        places = await shell.reading.places(opened.referral_id)
        standing = [place["enrolment_id"] for place in places if place["status"] not in OVER]
        guides = await shell.reading.guides(opened.team, opened.worker)
        names = await shell.reading.names_of_workers(
            [who for who, _ in guides] + [each.by for each in case.supports.values() if each.by]
        )
        return await shell.show(
            request,
            opened,
            "help.html",
            refusal=refusal,
            labels=said_in(language, LABELS),
            filled=filled,
            agreed=_helps(case, titles, names, language),
            kinds=[(code, language.say(text)) for code, text in words.SUPPORTS.items()],
            guides=[(who, _called(who, volunteer, names, language)) for who, volunteer in guides],
            enrolments=[(id, titles[id]) for id in standing if id in titles],
            barriers=words.named(map(str, Barrier), {**NEEDS, **BARRIERS}, language),
            barrier_help=SupportKind.BARRIER_HELP.value,
            may=opened.may(SupportAgreed),
            may_give=opened.may(SupportGiven),
        )

    return pages


_VOLUNTEER: Final = mark("volunteer")


def _called(who: str, volunteer: bool, names: Mapping[str, str], language: Language) -> str:
    name = names.get(who, who)
    return f"{name} ({language.say(_VOLUNTEER)})" if volunteer else name


def _agreed(filled: Filled, case: Case, guides: list[str]) -> dict[str, Any]:
    """The fields of `agree_support`."""
    kind = filled.choice("kind", words.SUPPORTS, needed=True)
    barrier = filled.choice("barrier", Barrier)
    if kind == SupportKind.BARRIER_HELP and barrier is None:
        filled.fault("barrier", NEEDED)
    return {
        "kind": kind,
        "by": filled.choice("by", guides),
        "enrolment_id": filled.choice("enrolment", case.enrolments),
        "barrier": barrier,
    }


def _helps(case: Case, titles: dict[str, str], names: dict[str, str], language: Language) -> list[Help]:
    """What is agreed, the latest first."""
    found = []
    for id, each in reversed(case.supports.items()):
        what = words.called(each.kind.value, language, words.SUPPORTS)
        if each.barrier:
            what = f"{what}: {words.barrier(each.barrier.value, language)}"
        found.append(
            Help(
                id,
                what,
                titles.get(each.enrolment_id or "", ""),
                names.get(each.by, each.by) if each.by else "",
                id in case.supports_given,
            )
        )
    return found
