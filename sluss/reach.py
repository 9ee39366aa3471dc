"""Reaching a running network from outside its services: asking it, and reading its record."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from services.runtime.clock import Clock, NetworkClock
from services.runtime.decision import Transient
from services.runtime.network import NatsNetwork, NoAnswerInTime, reach
from sluss.ledger import Entry, Ledger
from sluss.machine.errors import MachineError
from sluss.machine.run_file import RunFile, running
from sluss.people.picture import Picture
from sluss_contracts.command import Answer, Command, Refused

_PATIENCE = 15.0
"""Seconds for which a silent service is asked again; a killed one is back sooner."""
_CUT_OFF = "…"
"""At the end of an id that a table had no room for, and so of one that was copied from it."""


DEPLOYMENT = "SLUSS_DEPLOYMENT"
"""The variable that names the folder of a deployment on containers, instead of a single machine's."""


class Failure(MachineError):
    """An errand could not be done; the remedy says what helps."""

    code = "failed"


class UnknownId(Failure):
    """There is nothing by that id, or several things an id might mean."""

    code = "unknown_id"


class UnreadableFile(Failure):
    """A file is not there, may not be read, or is not what it must be."""

    code = "unreadable_file"

    @classmethod
    def because(cls, error: OSError, file: Path) -> UnreadableFile:
        """As the operating system says it."""
        said = (error.strerror or str(error)).lower()
        return cls(f"{file} cannot be read: {said}", remedy="name a file that is there and that you may read")


class NoAnswer(Failure):
    """A part of the network is down, or so slow that it seems to be."""

    code = "no_answer"


class RefusedByRule(Failure):
    """The network understood, and a rule says no; the code is the rule's own where it is one."""

    def __init__(self, what: str, *, remedy: str = "", code: str = "refused") -> None:
        super().__init__(what, remedy=remedy)
        self.code = code

    @classmethod
    def by(cls, refused: Refused) -> RefusedByRule:
        """What a rule says, with the place of each fault."""
        faults = [f"{fault.path or 'the whole'}: {fault.remedy}" for fault in refused.faults]
        return cls("\n".join([refused.message, *faults]), code=refused.code)


@dataclass
class Reached:
    """A running network, as the front door sees it."""

    network: NatsNetwork
    ledger: Ledger
    clock: Clock
    machine: RunFile | None
    """The single machine it is, None for a deployment on containers."""

    @property
    def run(self) -> RunFile:
        """What runs where, for errands that only a single machine allows. Raises `Failure`."""
        if self.machine is None:
            raise Failure("this is done on a single machine alone", remedy=f"unset {DEPLOYMENT}")
        return self.machine

    async def ask(self, command: Command) -> Answer:
        """Send it, and again with the same id when no answer came. Raises `RefusedByRule` with the remedy."""
        answer = await self._answered(command)
        if answer.refused:
            raise RefusedByRule.by(answer.refused)
        return answer

    async def _answered(self, command: Command) -> Answer:
        loop = asyncio.get_running_loop()
        give_up = loop.time() + _PATIENCE
        while True:
            try:
                return await self.network.ask(command, timeout=5)
            except Transient as silent:
                if loop.time() > give_up:
                    raise _unanswered(command, silent) from None
                await asyncio.sleep(0.5)

    async def referral(self, text: str) -> str:
        """The referral a person means: its id, the beginning of it, or the organisation's own id for it."""
        found = await self.ledger.referrals_named(text.rstrip(_CUT_OFF))
        match found:
            case [one]:
                return one
            case []:
                raise UnknownId(f"there is no referral {text!r}", remedy="`sluss case list` shows those open")
            case _:
                raise UnknownId(f"{text!r} may mean {', '.join(found)}", remedy="write more of the id")

    async def one_of(self, kind: str, text: str, referral: str) -> dict[str, Any]:
        """What was last said of a referral's enrolment, meeting … whose id begins with `text`."""
        story = await self.ledger.story(referral)
        return latest(story, f"{kind}_id", text.rstrip(_CUT_OFF))


def _unanswered(command: Command, why: Transient) -> Failure:
    """A service is silent, or says that it cannot yet; what was asked of a silent one may be done later."""
    if not isinstance(why, NoAnswerInTime):
        return NoAnswer(str(why), remedy="see `sluss doctor`")
    return NoAnswer(
        f"the {command.OWNER} service does not answer; whether it was done is not known",
        remedy="see `sluss doctor`, and look before you do it again: `sluss story`, `sluss case list`",
    )


def latest(story: list[Entry], id_field: str, text: str) -> dict[str, Any]:
    """All that was said of the one thing whose id begins with `text`, later facts over earlier."""
    said: dict[str, dict[str, Any]] = {}
    for entry in story:
        if (id := entry.data.get(id_field)) and id.startswith(text):
            said.setdefault(id, {}).update(entry.data)
    if len(said) == 1:
        return next(iter(said.values()))
    what = id_field.removesuffix("_id")
    known = sorted({entry.data[id_field] for entry in story if entry.data.get(id_field)})
    if said:
        raise UnknownId(f"{text!r} may mean {', '.join(said)}", remedy="write more of the id")
    remedy = f"its {what}s are: {', '.join(known)}" if known else f"it has no {what} yet"
    raise UnknownId(f"this referral has no {what} {text!r}", remedy=remedy)


def due_followup(story: list[Entry]) -> dict[str, Any]:
    """The follow-up that is due and not done; a person has one at a time. Raises `Failure` if none is."""
    open_: dict[str, dict[str, Any]] = {}
    scheduled: dict[str, str] = {}
    for entry in story:
        match entry.name:
            case "followup.due":
                open_[entry.data["followup_id"]] = entry.data
            case "followup.scheduled":
                scheduled[entry.data["followup_id"]] = str(entry.data["due"])[:10]
            case "followup.done" | "followup.cancelled":
                open_.pop(entry.data["followup_id"], None)
                scheduled.pop(entry.data["followup_id"], None)
    match list(open_.values()):
        case [one]:
            return one
        case []:
            coming = ", ".join(f"{id} (due {due})" for id, due in scheduled.items())
            remedy = f"name one to do it early: {coming}" if coming else "none is scheduled either"
            raise Failure("no follow-up of this referral is due", remedy=remedy)
        case _:
            raise Failure("several follow-ups are due", remedy=f"name one: {', '.join(open_)}")


@dataclass(frozen=True)
class Whereabouts:
    """Where a network's record and broker are, and with whose credentials its operator speaks."""

    database: str
    broker: str
    credentials: Path
    clock: Clock
    monitors: tuple[str, ...]
    """Where the broker's servers tell of themselves."""
    machine: RunFile | None = None
    """The single machine it is; None for a deployment on containers."""


def whereabouts(data_dir: Path) -> Whereabouts:
    """Of the deployment named by `SLUSS_DEPLOYMENT` (and `SLUSS_NATS_URL`), else of what runs on `data_dir`.

    Raises `NotRunning`, or `Failure` for a folder that `sluss deploy prepare` has not made.
    """
    if folder := os.environ.get(DEPLOYMENT):
        keys = Path(folder) / "keys"
        try:
            database = (keys / "admin_url").read_text().strip()
        except OSError:
            raise Failure(f"{folder} is no deployment", remedy=f"sluss deploy prepare {folder}") from None
        broker = os.environ.get("SLUSS_NATS_URL", "nats://nats-1:4222")
        monitors = tuple(os.environ.get("SLUSS_NATS_MONITOR_URL", "http://nats-1:8222").split(","))
        return Whereabouts(database, broker, keys / "operator.creds", NetworkClock(), monitors)
    run = running(data_dir)
    return Whereabouts(
        run.postgres.url(),
        run.nats.url,
        run.nats.creds["operator"],
        run.clock.clock(),
        (run.nats.monitor,),
        run,
    )


@asynccontextmanager
async def reached(data_dir: Path) -> AsyncIterator[Reached]:
    """Connect to what runs on `data_dir`, or to a deployment. Raises `Failure` when there is none."""
    where = whereabouts(data_dir)
    try:
        connection = await asyncpg.connect(where.database, timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise NoAnswer("the network's database does not answer", remedy="see `sluss doctor`") from error
    try:
        async with reach(where.broker, where.credentials) as network:
            yield Reached(network, Ledger(connection), where.clock, where.machine)
    except Transient as silent:
        raise NoAnswer(str(silent), remedy="see `sluss doctor`") from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise NoAnswer("the network went away meanwhile", remedy="see `sluss doctor`") from error
    finally:
        await connection.close()


async def picture_of(there: Reached) -> Picture:
    """Everything simulated and real people can see, as of now."""
    picture = Picture()
    while news := await there.ledger.news():
        for entry in news:
            picture.see(entry)
    return picture
