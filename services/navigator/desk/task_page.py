"""A task that no form of its own ends: what it asks, what to do, and that it is done."""

from __future__ import annotations

from typing import Final

from fastapi import Request
from starlette.responses import Response

from services.navigator.desk import task_words
from services.navigator.desk.frame import ROOT, Frame
from services.navigator.desk.taking import STEPS_IN_CASES, Step, language_of
from services.navigator.domain.agenda import ENDED_BY
from services.navigator.domain.task import Task
from services.runtime.web import NothingHere, Pages, mark
from sluss_contracts.commands.navigator import CompleteTask
from sluss_contracts.commands.referral import ConfirmWithdrawal
from sluss_contracts.vocabulary import TaskKind

HELP: Final = {
    TaskKind.ACUTE_RISK: mark(
        "Somebody has written words of suicide or violence about this person. Read the reason now, and "
        "speak with the person or whoever wrote it today. In danger call 112; 1177 can advise. The network "
        "is no emergency service."
    ),
    TaskKind.CHECK_MESSAGE: mark(
        "A message may not have arrived. It is never sent again blindly: call instead, or write by "
        "another way."
    ),
    TaskKind.CHASE_DEADLINE: mark(
        "Something was to happen by now and has not. Find out why, do what is needed, and note that you have."
    ),
    TaskKind.CONFIRM_WITHDRAWAL: mark(
        "The person took back a consent. See that the receiver has removed what it was given."
    ),
    TaskKind.PROTECTED_PERSON: mark(
        "Nothing is done automatically for this person. Agree with them how they may be reached, and "
        "what may be said to whom."
    ),
}


def task_pages(frame: Frame) -> Pages:
    """The task's page, and that it is done."""
    pages = Pages("navigator tasks")

    @pages.get(ROOT + "/tasks/{task_id}", roles=STEPS_IN_CASES)
    async def look(request: Request, case_id: str, task_id: str) -> Response:
        opened = await frame.open(request, case_id)
        task = next((each for each in opened.waiting if each.task_id == task_id), None)
        if task is None:
            raise NothingHere
        return await _step(task).page(frame, request, opened)

    @pages.post(ROOT + "/tasks/{task_id}", roles=STEPS_IN_CASES)
    async def done(request: Request, case_id: str, task_id: str) -> Response:
        opened = await frame.open(request, case_id)
        task = next((each for each in opened.waiting if each.task_id == task_id), None)
        if task is None:
            raise NothingHere
        return await _step(task).take(frame, request, case_id)

    return pages


def _step(task: Task) -> Step:
    async def given(request: Request, _: object, __: object) -> dict[str, object]:
        language = language_of(request)
        return {
            "task": task,
            "what": task_words.what(task.kind, task.about, language),
            "why": task_words.why(task.why, language),
            "help": HELP.get(task.kind),
            "by_hand": task.kind not in ENDED_BY,
        }

    if task.kind == TaskKind.CONFIRM_WITHDRAWAL:
        receiver = {"receiver": task.about, "expected_sequence": None}
        return Step(ConfirmWithdrawal, "step_task.html", "task", said=lambda form, _: receiver, given=given)
    return Step(
        CompleteTask, "step_task.html", "task", said=lambda form, _: {"task_id": task.task_id}, given=given
    )
