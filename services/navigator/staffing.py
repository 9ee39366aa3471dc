"""Teams, link workers and instruments: what the network has to work with."""

from __future__ import annotations

from collections.abc import Sequence

from services.navigator.deciding import CASEWORK, REGISTRY, by_whom
from services.navigator.domain import instrument, team, worker
from services.navigator.domain.hours import Hours
from services.navigator.domain.roles import may_keep_the_registry
from services.navigator.registry import INSTRUMENT, LINK_WORKER, TEAM, navigator
from services.navigator.store.workers import known_teams, served_areas
from services.runtime.decision import Decision, Done
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx
from sluss_contracts.commands.navigator import PublishInstrument
from sluss_contracts.commands.staff import ReadAreas, RecordLeave, RegisterLinkWorker, RegisterTeam, SetHours


@navigator.command(RegisterTeam, by=REGISTRY)
def register_team(held: Held, command: RegisterTeam, ctx: Ctx) -> Decision:
    wanted = team.Team(team=command.team, name=command.name, areas=command.areas)
    return team.register(held.get(TEAM, command.team), wanted)


@navigator.command(ReadAreas)
def read_areas(held: Held, question: ReadAreas, ctx: Ctx) -> Decision:
    return Done([], {"areas": ctx.looked_up})


@read_areas.lookup
async def areas_there_are(tx: Tx, questions: Sequence[ReadAreas]) -> list[str]:
    return await served_areas(tx)


@navigator.command(RegisterLinkWorker, by=REGISTRY)
def register_link_worker(held: Held, command: RegisterLinkWorker, ctx: Ctx) -> Decision:
    wanted = worker.LinkWorker(**command.model_dump(include=set(worker.LinkWorker.model_fields)))
    return worker.register(
        held.get(LINK_WORKER, command.worker), wanted, team_exists=command.team in ctx.looked_up
    )


@register_link_worker.lookup
async def teams_there_are(tx: Tx, commands: Sequence[RegisterLinkWorker]) -> set[str]:
    return await known_teams(tx, {command.team for command in commands})


@navigator.command(RecordLeave, by=CASEWORK)
def record_leave(held: Held, command: RecordLeave, ctx: Ctx) -> Decision:
    may_keep_the_registry(by_whom(ctx), of=command.worker)
    leave = worker.Leave(starts=command.starts, ends=command.ends)
    return worker.record_leave(held.get(LINK_WORKER, command.worker), command.worker, leave)


@navigator.command(SetHours, by=CASEWORK)
def set_hours(held: Held, command: SetHours, ctx: Ctx) -> Decision:
    may_keep_the_registry(by_whom(ctx), of=command.worker)
    hours = Hours(**command.model_dump(include=set(Hours.model_fields)))
    return worker.set_hours(held.get(LINK_WORKER, command.worker), command.worker, hours)


@navigator.command(PublishInstrument, by=REGISTRY)
def publish_instrument(held: Held, command: PublishInstrument, ctx: Ctx) -> Decision:
    known = held.get(INSTRUMENT, command.instrument)
    facts = instrument.publish(known, command.instrument, command.definition)
    return Done(facts, {"version": command.definition.version})
