"""Some time after the plan the person is asked once more: by link, on paper, by phone, or from outside."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.notify.channels import Channels, Folder
from services.notify.domain.links import hash_of
from services.notify.message_courier import MessageCourier
from sluss_contracts.command import Actor, Answer
from sluss_contracts.commands.notify import (
    AnswerEvaluation,
    ImportEvaluations,
    InstrumentAnswered,
    OutsideAnswer,
    ReadEvaluationExport,
    RecordEvaluation,
)
from sluss_contracts.evaluation import (
    EvaluationAnswered,
    EvaluationCancelled,
    EvaluationDue,
    EvaluationLapsed,
    EvaluationScheduled,
)
from sluss_contracts.followup import DeadlineMet, DeadlinePassed
from sluss_contracts.message import MessageQueued, MessageSuppressed
from sluss_contracts.pathway import SentBy
from sluss_contracts.person import PersonErased
from sluss_contracts.vocabulary import CaseOutcome, ConsentPurpose, MessageTemplate, Role
from tests.notify import story
from tests.notify.conftest import Post, Vault
from tests.notify.story import DAY, NOON, on
from tests.support.desk import Desk

EVALUATION = story.PATHWAY.evaluation
assert EVALUATION
OUTSIDE = story.changed(evaluation=EVALUATION.model_copy(update={"sent_by": SentBy.OUTSIDE}))
LONELY = InstrumentAnswered(instrument="ons-direct", version=1, answers={"lonely": 3})
COORDINATOR = Actor(id="mia", role=Role.COORDINATOR)
SOMEBODY = Actor(id="somebody", role=Role.PERSON)
KARIN = Actor(id=story.KARIN, role=Role.LINK_WORKER)


async def begin(here: Desk, *people: str, pathway: Any = story.PATHWAY) -> None:
    await here.hear(story.published(pathway))
    for who in people or ("alva",):
        await here.hear(on(story.accepted(who)), on(story.assigned(who)), on(story.plan(who=who)))


async def ask(here: Desk, kind: Any, by: Actor, **what: Any) -> Answer:
    return await here.ask(kind(command_id=uuid4(), actor=by, **what))


async def refused(answer: Answer) -> str | None:
    return answer.refused.code if answer.refused else None


async def link_in_letter(here: Desk, vault: Vault, post: Post) -> str:
    """The token in the newest letter that has one."""
    courier = MessageCourier(here.pool, vault, here.clock, Channels([Folder(post.folder)]))
    while await courier.round():
        pass
    found = [
        token for text in post.letters for token in re.findall(r"https://svar\.example/svara/(\S+)", text)
    ]
    return str(found[-1])


async def test_it_is_due_half_a_year_after_the_plan_whether_the_case_is_closed_or_not(notify: Desk) -> None:
    await begin(notify)
    await notify.hear(on(story.closed()))
    await notify.wait(180 * DAY - timedelta(seconds=1))
    assert await notify.said(EvaluationDue) == []
    await notify.wait(timedelta(seconds=1))
    (due,) = await notify.said(EvaluationDue)
    assert due.instruments == ("ons-direct", "ucla-3")
    assert MessageTemplate.EVALUATION in {fact.template for fact in await notify.said(MessageQueued)}


async def test_a_new_plan_changes_nothing_about_it(notify: Desk) -> None:
    await begin(notify)
    await notify.wait(30 * DAY)
    await notify.hear(story.revised())
    (scheduled,) = await notify.said(EvaluationScheduled)
    assert scheduled.due == NOON + 180 * DAY


async def test_a_link_is_answered_once_and_scored_here(notify: Desk, vault: Vault, post: Post) -> None:
    await begin(notify)
    await notify.wait(180 * DAY)
    token = await link_in_letter(notify, vault, post)
    answer = await ask(notify, AnswerEvaluation, SOMEBODY, token=token, answers=(LONELY,))
    assert answer.ok, answer
    (answered,) = await notify.said(EvaluationAnswered)
    assert (answered.how, answered.answers, answered.scores) == ("link", {"lonely": 3}, {"lonely": 3.0})
    assert "evaluation_answered" in {fact.kind for fact in await notify.said(DeadlineMet)}
    again = await ask(notify, AnswerEvaluation, SOMEBODY, token=token, answers=(LONELY,))
    assert await refused(again) == "link_used"


async def test_the_same_command_again_gets_the_same_answer(notify: Desk, vault: Vault, post: Post) -> None:
    await begin(notify)
    await notify.wait(180 * DAY)
    token = await link_in_letter(notify, vault, post)
    command = AnswerEvaluation(command_id=uuid4(), actor=SOMEBODY, token=token, answers=(LONELY,))
    assert await notify.ask(command) == await notify.ask(command)
    assert len(await notify.said(EvaluationAnswered)) == 1


async def test_nothing_kept_here_opens_the_door(notify: Desk, vault: Vault, post: Post) -> None:
    """The token is in the letter alone; the database has a hash that leads nowhere back."""
    await begin(notify)
    await notify.wait(180 * DAY)
    token = await link_in_letter(notify, vault, post)
    assert len(token) * 6 >= 128
    tables = await notify.pool.fetch("select tablename from pg_tables where schemaname = 'notify' order by 1")
    kept = "".join([str(await notify.pool.fetch(f'select * from "{row["tablename"]}"')) for row in tables])
    assert "evaluation_link" in str(tables)
    assert token not in kept
    assert await notify.pool.fetchval("select token_hash from evaluation_link") == hash_of(token)


async def test_a_link_expires(notify: Desk, vault: Vault, post: Post) -> None:
    await begin(notify)
    await notify.wait(180 * DAY)
    token = await link_in_letter(notify, vault, post)
    await notify.pool.execute("update evaluation_link set expires = $1", notify.clock.now())
    answer = await ask(notify, AnswerEvaluation, SOMEBODY, token=token, answers=(LONELY,))
    assert await refused(answer) == "link_expired"


async def test_a_link_nobody_sent_leads_nowhere(notify: Desk) -> None:
    answer = await ask(notify, AnswerEvaluation, SOMEBODY, token="A" * 32, answers=(LONELY,))
    assert await refused(answer) == "unknown_link"
    staff = await ask(notify, AnswerEvaluation, KARIN, token="A" * 32, answers=(LONELY,))
    assert await refused(staff) == "not_allowed"


async def test_what_the_person_says_on_paper_or_by_phone_is_written_down(notify: Desk) -> None:
    await begin(notify)
    await notify.wait(180 * DAY)
    (due,) = await notify.said(EvaluationDue)
    which = {"referral_id": "alva", "evaluation_id": due.evaluation_id}
    assert (await ask(notify, RecordEvaluation, KARIN, **which, how="phone", answers=(LONELY,))).ok
    three = InstrumentAnswered(
        instrument="ucla-3", version=1, answers={"lack_companionship": 2, "left_out": None, "isolated": 1}
    )
    assert (await ask(notify, RecordEvaluation, KARIN, **which, how="paper", answers=(three,))).ok
    said = await notify.said(EvaluationAnswered)
    assert [(fact.instrument, fact.how) for fact in said] == [("ons-direct", "phone"), ("ucla-3", "paper")]
    assert said[1].scores == {"total": None}, "an answer is missing, so the sum is void"
    same = await ask(notify, RecordEvaluation, KARIN, **which, how="paper", answers=(LONELY,))
    assert (same.ok, same.events) == (True, ())
    other = LONELY.model_copy(update={"answers": {"lonely": 1}})
    again = await ask(notify, RecordEvaluation, KARIN, **which, how="phone", answers=(other,))
    assert await refused(again) == "already_answered"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"instrument": "djg-6"}, "instrument_not_asked"),
        ({"version": 9}, "not_answerable"),
        ({"answers": {"lonely": 6}}, "not_answerable"),
        ({"answers": {"happy": 1}}, "not_answerable"),
    ],
)
async def test_answers_that_do_not_fit_are_refused_by_name(
    notify: Desk, given: dict[str, Any], code: str
) -> None:
    await begin(notify)
    await notify.wait(180 * DAY)
    (due,) = await notify.said(EvaluationDue)
    answers = (LONELY.model_copy(update=given),)
    which = {"referral_id": "alva", "evaluation_id": due.evaluation_id}
    answer = await ask(notify, RecordEvaluation, KARIN, **which, how="paper", answers=answers)
    assert await refused(answer) == code
    assert await notify.said(EvaluationAnswered) == []


async def test_it_is_not_answered_before_it_is_due_or_when_it_is_cancelled(notify: Desk) -> None:
    await begin(notify)
    (scheduled,) = await notify.said(EvaluationScheduled)
    what = {"referral_id": "alva", "evaluation_id": scheduled.evaluation_id, "answers": (LONELY,)}
    early = await ask(notify, RecordEvaluation, KARIN, **what, how="paper")
    assert await refused(early) == "evaluation_not_due"
    await notify.hear(on(story.closed(outcome=CaseOutcome.DECEASED)))
    late = await ask(notify, RecordEvaluation, KARIN, **what, how="paper")
    assert await refused(late) == "evaluation_is_cancelled"
    volunteer = Actor(id=story.KARIN, role=Role.VOLUNTEER)
    assert await refused(await ask(notify, RecordEvaluation, volunteer, **what, how="paper")) == "not_allowed"


async def test_one_nobody_answers_is_asked_about_and_lapses_once(notify: Desk) -> None:
    await begin(notify)
    await notify.hear(on(story.closed()))
    await notify.wait(180 * DAY)
    await notify.wait(19 * DAY)
    assert "evaluation_answered" in {fact.kind for fact in await notify.said(DeadlinePassed)}
    assert await notify.said(EvaluationLapsed) == []
    await notify.wait(21 * DAY)
    await notify.wait(100 * DAY)
    assert len(await notify.said(EvaluationLapsed)) == 1


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (on(story.closed(outcome=CaseOutcome.DECEASED)), "deceased"),
        (story.withdrawn(ConsentPurpose.REFERRAL), "withdrawn"),
        (PersonErased(person="p-alva", why="asked_by_person"), "erased"),
    ],
)
async def test_nobody_is_asked_after_death_withdrawal_or_erasure(notify: Desk, end: Any, why: str) -> None:
    await begin(notify, "alva", "bo")
    await notify.hear(end)
    await notify.settle()
    (cancelled,) = await notify.said(EvaluationCancelled)
    assert (cancelled.referral_id, cancelled.why) == ("alva", why)
    await notify.wait(180 * DAY)
    assert [fact.referral_id for fact in await notify.said(EvaluationDue)] == ["bo"]


@pytest.mark.parametrize("erased_first", [True, False])
async def test_taken_back_and_erased_at_once_an_evaluation_is_cancelled_once(
    notify: Desk, erased_first: bool
) -> None:
    """Both in one batch: neither is set aside, and nothing is said twice."""
    await begin(notify)
    both = [
        PersonErased(person="p-alva", why="asked_by_person"),
        story.withdrawn(ConsentPurpose.REFERRAL),
    ]
    await notify.hear(*(both if erased_first else reversed(both)))
    assert await notify.pool.fetchval("select count(*) from parked") == 0
    await notify.settle()
    assert len(await notify.said(EvaluationCancelled)) == 1


async def test_who_is_erased_while_a_link_waits_gets_no_letter(
    notify: Desk, vault: Vault, post: Post
) -> None:
    await begin(notify)
    await notify.wait(180 * DAY)
    await notify.hear(PersonErased(person="p-alva", why="asked_by_person"))
    await notify.settle()
    (cancelled,) = await notify.said(EvaluationCancelled)
    assert cancelled.why == "erased"
    met = {fact.kind for fact in await notify.said(DeadlineMet)}
    assert "evaluation_answered" in met, "nobody waits for an answer"
    waiting = {f.template: f.why for f in await notify.said(MessageSuppressed)}
    assert waiting[MessageTemplate.EVALUATION] == "erased"


# An outside distributor


async def exported(here: Desk) -> list[dict[str, Any]]:
    until = here.clock.now() + 30 * DAY
    answer = await ask(here, ReadEvaluationExport, COORDINATOR, until=until)
    rows: list[dict[str, Any]] = answer.result["rows"]
    return rows


def row(line: int, export_id: str, **changed: Any) -> OutsideAnswer:
    told = {"instrument": "ons-direct", "version": "1", "answers": {"lonely": "2", "left_out": ""}, **changed}
    return OutsideAnswer(line=line, export_id=export_id, **told)


async def test_a_distributor_is_told_an_id_the_instruments_and_the_day_and_nothing_else(
    notify: Desk,
) -> None:
    await begin(notify, "alva", "bo", pathway=OUTSIDE)
    assert await exported(notify) == []
    await notify.wait(160 * DAY)
    rows = await exported(notify)
    assert [set(each) for each in rows] == [{"export_id", "instruments", "due"}] * 2
    assert {each["due"] for each in rows} == {(NOON + 180 * DAY).date().isoformat()}
    said = b"".join(each["body"] for each in await notify.pool.fetch("select body from event")).decode()
    for each in rows:
        assert each["export_id"] not in said, "no event leads from the export id to anybody"
    for who in (story.KARIN, "volunteer"):
        denied = await ask(
            notify, ReadEvaluationExport, Actor(id=who, role=Role.LINK_WORKER), until=notify.clock.now()
        )
        assert await refused(denied) == "not_allowed"


async def test_nobody_here_writes_to_whom_a_distributor_asks(notify: Desk) -> None:
    await begin(notify, pathway=OUTSIDE)
    await notify.wait(180 * DAY)
    assert len(await notify.said(EvaluationDue)) == 1
    assert MessageTemplate.EVALUATION not in {fact.template for fact in await notify.said(MessageQueued)}


async def test_what_a_distributor_gives_back_is_taken_row_by_row(notify: Desk) -> None:
    await begin(notify, "alva", "bo", pathway=OUTSIDE)
    await notify.wait(180 * DAY)
    first, second = (each["export_id"] for each in await exported(notify))
    rows = (
        row(2, first),
        row(3, "nobody"),
        row(4, second, version="one"),
        row(5, second, instrument="mood-ring"),
        row(6, second, answers={"lonely": "9"}),
        row(7, second, answers={"lonely": "often"}),
        row(8, second, answers={"isolated": "1"}),
        row(9, second, answers={"lonely": " "}),
        row(10, second, instrument="djg-6", answers={"emptiness": "1"}),
        row(11, second),
    )
    answer = await ask(notify, ImportEvaluations, COORDINATOR, rows=rows)
    assert (answer.result["answered"], answer.result["unchanged"]) == (2, 0)
    faults = {fault["line"]: fault["code"] for fault in answer.result["faults"]}
    assert faults == {
        3: "unknown_export_id",
        4: "wrong_version",
        5: "unknown_instrument",
        6: "answer_out_of_range",
        7: "not_a_number",
        8: "unknown_item",
        9: "nothing_answered",
        10: faults[10],
    }
    assert all(fault["remedy"] for fault in answer.result["faults"])
    assert {fact.how for fact in await notify.said(EvaluationAnswered)} == {"outside"}
    again = await ask(notify, ImportEvaluations, COORDINATOR, rows=rows)
    assert (again.result["answered"], again.result["unchanged"], again.events) == (0, 2, ())
    assert again.result["faults"] == answer.result["faults"]


async def test_the_same_row_twice_in_one_file_is_one_answer(notify: Desk) -> None:
    await begin(notify, pathway=OUTSIDE)
    await notify.wait(180 * DAY)
    ((id,),) = [[each["export_id"]] for each in await exported(notify)]
    answer = await ask(
        notify,
        ImportEvaluations,
        COORDINATOR,
        rows=(row(2, id), row(3, id), row(4, id, answers={"lonely": "4"})),
    )
    assert (answer.result["answered"], answer.result["unchanged"]) == (1, 1)
    assert [fault["code"] for fault in answer.result["faults"]] == ["already_answered"]
