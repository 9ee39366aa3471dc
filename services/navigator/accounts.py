"""Who may sign in: allowed and ended by command, ended by itself when a link worker leaves or an organisation
is revoked, and found by what the sign-in service says of whoever stands at the door.

An account is no fact of the network: an address is somebody's personal data, an end must hold at once, and
nobody but this service acts on either. So they are rows, changed in the command's own transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from services.navigator.domain.worker import LinkWorker, UnknownWorker
from services.navigator.registry import navigator
from services.navigator.store import accounts as store
from services.runtime.decision import Decision, Done, NotAllowed, Refusal
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx
from services.runtime.web.identity import Claims, Identity
from services.runtime.web.sessions import END_SESSIONS, END_SESSIONS_OF
from sluss_contracts.command import Actor
from sluss_contracts.commands.signing_in import AllowSignIn, EndSignIn, ReadSignIns
from sluss_contracts.event import Event
from sluss_contracts.linkworker import CaseloadHandedOver
from sluss_contracts.organisation import OrganisationRevoked
from sluss_contracts.vocabulary import Engagement, Role

MOST = 500
_KEEPERS = frozenset({Role.OPERATOR, Role.COORDINATOR})
_GUIDES = [Role.LINK_WORKER.value, Role.VOLUNTEER.value]


class UnknownOrganisation(Refusal):
    """A referrer signs in for an organisation that is registered."""

    code = "unknown_organisation"


class AddressTaken(Refusal):
    """Somebody else signs in to this role with that address or subject; end theirs, or give another."""

    code = "address_taken"


@navigator.command(AllowSignIn, by=_KEEPERS)
def allow_sign_in(held: Held, command: AllowSignIn, ctx: Ctx) -> Decision:
    return []


@allow_sign_in.lookup
async def write_account(tx: Tx, commands: Sequence[AllowSignIn]) -> None:
    """Check it against the registry, and write it down."""
    (command,) = commands
    if command.role is Role.OPERATOR and command.actor.role is not Role.OPERATOR:
        raise NotAllowed("only an operator lets another operator in")
    if command.role is Role.LINK_WORKER:
        _at_work(await tx.value(store.WORKER, who=command.who), command.who)
    organisation = command.organisation
    if organisation and await tx.value(store.ORGANISATION, organisation=organisation) is None:
        raise UnknownOrganisation(f"there is no organisation {organisation}; sluss registry lists them")
    same = {"role": command.role.value, "who": command.who}
    if await tx.fetch(store.TAKEN, **same, email=command.email, subject=command.subject):
        raise AddressTaken
    said = command.model_dump(include={"name", "organisation", "email", "subject"})
    await tx.execute(store.ALLOW, **same, **said, issuer=None, since=tx.now)


@navigator.command(EndSignIn, by=_KEEPERS)
def end_sign_in(held: Held, command: EndSignIn, ctx: Ctx) -> Decision:
    return Done([], {"sessions": ctx.looked_up})


@end_sign_in.lookup
async def end_account(tx: Tx, commands: Sequence[EndSignIn]) -> int:
    """Take it away, and every session with it. How many there were."""
    (command,) = commands
    await tx.fetch(store.END, role=command.role.value, who=command.who)
    roles = _GUIDES if command.role is Role.LINK_WORKER else [command.role.value]
    return len(await tx.fetch(END_SESSIONS, roles=roles, actors=[command.who]))


@navigator.command(ReadSignIns, by=_KEEPERS)
def read_sign_ins(held: Held, question: ReadSignIns, ctx: Ctx) -> Decision:
    if question.actor.role not in _KEEPERS:
        raise NotAllowed(f"a {question.actor.role.value} does not keep the list of who may sign in")
    return Done([], {"accounts": ctx.looked_up})


@read_sign_ins.lookup
async def accounts_there_are(tx: Tx, questions: Sequence[ReadSignIns]) -> list[dict[str, Any]]:
    (question,) = questions
    rows = await tx.fetch(store.LISTED, first=question.first, most=MOST)
    names = ("role", "who", "name", "organisation", "email")
    return [
        {name: row[name] for name in names}
        | {"bound": row["issuer"] is not None, "since": row["since"].isoformat()}
        for row in rows
    ]


@navigator.project(CaseloadHandedOver)
async def end_with_the_work(tx: Tx, events: Sequence[Event[CaseloadHandedOver]]) -> None:
    """Whoever has left is signed out everywhere, and does not sign in again."""
    workers = sorted({event.data.worker for event in events})
    await tx.execute(store.END_WORKERS, workers=workers)
    await tx.execute(END_SESSIONS, roles=_GUIDES, actors=workers)


@navigator.absorb(OrganisationRevoked)
async def end_with_the_organisation(tx: Tx, events: Sequence[Event[OrganisationRevoked]]) -> None:
    """Nobody signs in for an organisation that takes no part any more."""
    organisations = sorted({event.data.organisation for event in events})
    await tx.execute(store.END_ORGANISATIONS, organisations=organisations)
    await tx.execute(END_SESSIONS_OF, organisations=organisations)


class Accounts:
    """Whom the sign-in service's claims mean here."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def of(self, claims: Claims) -> list[Identity]:
        """Everybody whom somebody with these claims may be, in the order of roles; none for a stranger.

        By subject; by e-mail address only where the sign-in service vouches for it and nobody has signed in
        with it before. From then on the account is that subject's, whoever gets the address later.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            named = {"issuer": claims.issuer, "subject": claims.subject}
            rows = await connection.fetch(store.OF_SUBJECT.text, *store.OF_SUBJECT.arguments(named))
            if claims.email:
                asked = store.OF_EMAIL.arguments({"email": claims.email})
                rows += await connection.fetch(store.OF_EMAIL.text, *asked)
            found = []
            for row in rows:
                if (identity := await self._identity(connection, row)) is not None:
                    same = {"role": row["role"], "who": row["who"], **named}
                    await connection.execute(store.BIND.text, *store.BIND.arguments(same))
                    found.append(identity)
            return found

    async def _identity(self, connection: Any, row: Mapping[str, Any]) -> Identity | None:
        role, who = Role(row["role"]), row["who"]
        if role is not Role.LINK_WORKER:
            actor = Actor(id=who, role=role, organisation=row["organisation"])
            return Identity(actor, row["name"])
        state = await connection.fetchval(store.WORKER.text, *store.WORKER.arguments({"who": who}))
        try:
            known = _at_work(state, who)
        except UnknownWorker:
            return None
        volunteers = known.engagement is Engagement.VOLUNTEER
        actor = Actor(id=who, role=Role.VOLUNTEER if volunteers else Role.LINK_WORKER)
        return Identity(actor, known.name, team=known.team)


def _at_work(state: Any, who: str) -> LinkWorker:
    known = LinkWorker.model_validate(state) if state else None
    if known is None or known.left:
        raise UnknownWorker(f"no link worker is called {who!r}; `register` them first, or correct the name")
    return known
