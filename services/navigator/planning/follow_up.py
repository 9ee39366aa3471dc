"""How did it go? Follow-ups as they come due, and the evaluation, also after the case is closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from services.navigator.desk.opened import OPENS_CASES, OpenedCase
from services.navigator.planning import words
from services.navigator.planning.filled import Filled, filled_in
from services.navigator.planning.instrument_form import (
    ANSWER,
    UNANSWERED,
    answers_of,
    labels_of,
)
from services.navigator.planning.reading import Told, newest_of
from services.navigator.planning.shell import Shell, go_on, said_in
from services.runtime.web import Language, NothingHere, Pages, mark, visitor_of
from services.runtime.web.drafting import draft_of, sent
from services.runtime.web.pages import NotForYou
from services.runtime.web.sending import NotDone, send
from sluss_contracts.commands.notify import CompleteFollowUp, InstrumentAnswered, RecordEvaluation
from sluss_contracts.evaluation import (
    EvaluationAnswered,
    EvaluationCancelled,
    EvaluationDue,
    EvaluationLapsed,
    EvaluationScheduled,
)
from sluss_contracts.followup import (
    FollowUpCancelled,
    FollowUpDone,
    FollowUpDue,
    FollowUpLapsed,
    FollowUpScheduled,
)
from sluss_contracts.instruments import Pack
from sluss_contracts.instruments.asking import Question, asked_in, questions_of
from sluss_contracts.pathway import Condition, Mark, PartOfCase
from sluss_contracts.vocabulary import Role

PATH: Final = "/cases/{case_id}/follow-up"
ONE: Final = PATH + "/{followup_id}"
EVALUATION: Final = "/cases/{case_id}/evaluation/{evaluation_id}"
LABELS: Final = {"how": mark("How it went"), "way": mark("How they answered")}
_WAYS: Final = {"phone": mark("By phone"), "paper": mark("On paper")}
_STATES: Final = {
    "scheduled": mark("To come"),
    "due": mark("Time to ask"),
    "done": mark("Asked"),
    "lapsed": mark("Nobody asked in time"),
    "cancelled": mark("Called off"),
    "answered": mark("Answered"),
}
_WRITE_DOWN: Final = frozenset({Role.LINK_WORKER, Role.COORDINATOR})


@dataclass(frozen=True, slots=True)
class Asked:
    """A follow-up or an evaluation as the page shows it."""

    id: str
    status: str
    state: str
    number: int
    due: datetime | None
    only_if_goals: bool
    """It takes place only while a goal is not reached."""
    how: str
    instruments: tuple[str, ...] = ()
    by_outside: bool = False

    @property
    def waits(self) -> bool:
        """Whether it may still be made."""
        return self.status in ("scheduled", "due")


def follow_up_pages(shell: Shell) -> Pages:
    """The list of both, the form of a follow-up, and the form of an evaluation."""
    pages = Pages("navigator follow-up")

    @pages.get(PATH, roles=OPENS_CASES)
    async def show(request: Request, case_id: str) -> Response:
        """What is to come, what is due, and what was said."""
        opened, _ = await shell.open(request, case_id, PartOfCase.PLAN)
        return await _show(request, opened, Filled())

    @pages.post(ONE, roles=OPENS_CASES)
    async def complete(request: Request, case_id: str, followup_id: str) -> Response:
        """The person was asked."""
        opened, _ = await shell.open(request, case_id, PartOfCase.PLAN)
        if followup_id not in {each.id for each in await _followups(opened, visitor_of(request).language)}:
            raise NothingHere
        filled = await filled_in(request)
        try:
            how = filled.choice("how", words.WENT, needed=True)
            filled.must_be_clear(of=followup_id)
            said = {"referral_id": case_id, "followup_id": followup_id, "how_it_went": how}
            answer = await send(request, CompleteFollowUp, filled, **said)
        except NotDone as refusal:
            return await _show(request, opened, filled, refusal, followup_id)
        return go_on(opened, "follow-up", "follow_up" if answer.events else "unchanged")

    @pages.get(EVALUATION, roles=OPENS_CASES)
    async def evaluate(request: Request, case_id: str, evaluation_id: str) -> Response:
        """What the evaluation asks, to be written down from paper or by phone."""
        opened, packs = await _evaluation(request, case_id, evaluation_id)
        return await _show_evaluation(request, opened, evaluation_id, packs)

    @pages.post(EVALUATION, roles=OPENS_CASES)
    async def record(request: Request, case_id: str, evaluation_id: str) -> Response:
        """Save what the person answered."""
        opened, packs = await _evaluation(request, case_id, evaluation_id)
        filled = await filled_in(request)
        try:
            how = filled.choice("way", _WAYS, needed=True)
            answers = tuple(
                InstrumentAnswered(
                    instrument=pack.instrument,
                    version=pack.version,
                    answers=answers_of(filled, pack, of=pack.instrument),
                )
                for pack in packs
            )
            filled.must_be_clear()
            said = {"referral_id": case_id, "evaluation_id": evaluation_id}
            answer = await send(request, RecordEvaluation, filled, **said, how=how, answers=answers)
        except NotDone as refusal:
            return await _show_evaluation(request, opened, evaluation_id, packs, filled, refusal)
        await sent(request)
        return go_on(opened, "follow-up", "evaluation" if answer.events else "unchanged")

    async def _followups(opened: OpenedCase, language: Language) -> list[Asked]:
        facts = (FollowUpScheduled, FollowUpDue, FollowUpDone, FollowUpCancelled, FollowUpLapsed)
        told = await shell.reading.told(opened.referral_id, *facts)
        return asked_of(told, "followup_id", language)

    async def _evaluations(opened: OpenedCase, language: Language) -> list[Asked]:
        facts = (
            EvaluationScheduled,
            EvaluationDue,
            EvaluationAnswered,
            EvaluationLapsed,
            EvaluationCancelled,
        )
        told = await shell.reading.told(opened.referral_id, *facts)
        return asked_of(told, "evaluation_id", language)

    async def _evaluation(
        request: Request, case_id: str, evaluation_id: str
    ) -> tuple[OpenedCase, Sequence[Pack]]:
        """The evaluation's instruments, for whoever may write answers down."""
        opened, _ = await shell.open(request, case_id, PartOfCase.MEASURES)
        identity = visitor_of(request).identity
        if identity is None or identity.role not in _WRITE_DOWN:
            raise NotForYou
        found = {each.id: each for each in await _evaluations(opened, visitor_of(request).language)}
        if evaluation_id not in found:
            raise NothingHere
        known = await shell.reading.packs()
        packs = [newest_of(known, name) for name in found[evaluation_id].instruments]
        return opened, [pack for pack in packs if pack is not None]

    async def _show(
        request: Request,
        opened: OpenedCase,
        filled: Filled,
        refusal: NotDone | None = None,
        about: str | None = None,
    ) -> Response:
        language = visitor_of(request).language
        followups = await _followups(opened, language)
        sees = opened.sees(PartOfCase.MEASURES)
        evaluations = await _evaluations(opened, language) if sees else []
        identity = visitor_of(request).identity
        said = said_in(language, LABELS)
        return await shell.show(
            request,
            opened,
            "follow_up.html",
            refusal=refusal,
            labels=said | {f"how-{each.id}": said["how"] for each in followups},
            filled=filled,
            about=about,
            followups=followups,
            evaluations=evaluations,
            went=[(code, language.say(text)) for code, text in words.WENT.items()],
            may=opened.mine and not opened.closed,
            may_evaluate=opened.mine and identity is not None and identity.role in _WRITE_DOWN,
            asks_spill_over=Mark.SPILL_OVER in opened.pathway.marks,
        )

    async def _show_evaluation(
        request: Request,
        opened: OpenedCase,
        evaluation_id: str,
        packs: Sequence[Pack],
        filled: Filled | None = None,
        refusal: NotDone | None = None,
    ) -> Response:
        language = visitor_of(request).language
        draft = await draft_of(request) if filled is None and opened.mine else None
        parts = [_part(pack, language) for pack in packs]
        labels = said_in(language, LABELS)
        for pack, _, questions, _ in parts:
            labels |= labels_of(questions, of=pack.instrument)
        return await shell.show(
            request,
            opened,
            "evaluation.html",
            refusal=refusal,
            labels=labels,
            filled=Filled(draft.form) if draft else filled or Filled(),
            draft=draft,
            evaluation_id=evaluation_id,
            parts_asked=parts,
            ways=[(code, language.say(text)) for code, text in _WAYS.items()],
            answer=ANSWER,
            unanswered=UNANSWERED,
            may=opened.mine,
        )

    return pages


def _part(pack: Pack, language: Language) -> tuple[Pack, str, list[Question], str]:
    asking = asked_in(pack, "", language.code)
    name = pack.name.sv if language.code == "sv" else pack.name.en
    return pack, name, questions_of(pack, asking), asking


def asked_of(told: Iterable[Told], named: str, language: Language) -> list[Asked]:
    """What became of each, in the order in which they were planned; what was said last of each holds."""
    found: dict[str, dict[str, Any]] = {}
    for each in told:
        id = each.told.get(named)
        if id is None:
            continue
        known: dict[str, Any] = found.setdefault(id, {"number": 1, "due": None, "how": "", "status": ""})
        known |= _more(each.told)
        known["status"] = each.step.partition(".")[2]
        if known["status"] == "due":
            known["due"] = each.time
    return [_asked(id, known, language) for id, known in found.items()]


def _more(told: Mapping[str, Any]) -> dict[str, Any]:
    more = {name: told[name] for name in ("number", "when", "sent_by") if name in told}
    if "due" in told:
        more["due"] = datetime.fromisoformat(told["due"])
    if "how_it_went" in told:
        more["how"] = told["how_it_went"]
    if "instruments" in told:
        more["instruments"] = tuple(told["instruments"])
    return more


def _asked(id: str, known: Mapping[str, Any], language: Language) -> Asked:
    return Asked(
        id=id,
        status=known["status"],
        state=words.called(known["status"], language, _STATES),
        number=known["number"],
        due=known["due"],
        only_if_goals=known.get("when") == Condition.GOALS_AHEAD,
        how=words.called(known["how"], language, words.WENT) if known["how"] else "",
        instruments=known.get("instruments", ()),
        by_outside=known.get("sent_by") == "outside",
    )
