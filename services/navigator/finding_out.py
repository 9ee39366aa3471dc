"""What is found out with the person: the mapping, what is measured, and what has changed."""

from __future__ import annotations

from collections.abc import Sequence

from services.navigator import vaulting
from services.navigator.deciding import CASEWORK, by_whom, pathway_of, the_case, with_tasks
from services.navigator.domain import mapping, standing
from services.navigator.domain.visibility import may_see
from services.navigator.registry import navigator
from services.navigator.store.heard import published_packs
from services.runtime.decision import Decision, Done
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx
from sluss_contracts.commands.planning import ReadChange, RecordMapping, RecordMeasure
from sluss_contracts.instruments import Pack
from sluss_contracts.pathway import PartOfCase

_FOUND = {"relations", "interests", "needs", "barriers", "lonely_for", "support_level", "what_matters"}


@navigator.command(RecordMapping, by=CASEWORK)
def record_mapping(held: Held, command: RecordMapping, ctx: Ctx) -> Decision:
    case = the_case(held, command.referral_id)
    facts = mapping.record(case, by_whom(ctx), command.model_dump(include=_FOUND))
    version = (case.mapping.version if case.mapping else 0) + bool(facts)
    return Done(with_tasks(held, case, facts, ctx), {"version": version} | vaulting.alarm(command.acute))


record_mapping.prepare(vaulting.keep_what_matters)


@navigator.command(RecordMeasure, by=CASEWORK)
def record_measure(held: Held, command: RecordMeasure, ctx: Ctx) -> Decision:
    case = the_case(held, command.referral_id)
    published: list[Pack] = ctx.looked_up
    pack = mapping.pack_of(command.instrument, command.version, published)
    measured, facts = mapping.measure(
        case,
        by_whom(ctx),
        ctx.new_id(),
        pack,
        at=command.at,
        answers=command.answers,
        language=command.language,
        goal_id=command.goal_id,
    )
    told = {"measure_id": measured.measure_id, "scores": measured.scores}
    return Done(with_tasks(held, case, facts, ctx), told)


@record_measure.lookup
async def packs_of_their_own(tx: Tx, commands: Sequence[RecordMeasure]) -> list[Pack]:
    return await published_packs(tx, {command.instrument for command in commands})


@navigator.command(ReadChange)
def read_change(held: Held, command: ReadChange, ctx: Ctx) -> Decision:
    case = the_case(held, command.referral_id)
    standing.may_see_to(case, by_whom(ctx))
    may_see(by_whom(ctx), PartOfCase.MEASURES, pathway_of(case, ctx))
    before, after, change = mapping.change(
        case, command.instrument, command.goal_id, command.earlier, command.later
    )
    return Done([], {"earlier": before.measure_id, "later": after.measure_id, "change": change})
