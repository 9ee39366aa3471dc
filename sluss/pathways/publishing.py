"""Letting a running network know its pathways."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from sluss.pathways.files import shipped
from sluss.reach import Reached
from sluss_contracts.command import Actor, Command
from sluss_contracts.commands.referral import PublishPathway, WithdrawPathway
from sluss_contracts.pathway import Pathway
from sluss_contracts.vocabulary import Role

_ACTOR = Actor(id="pathway-file", role=Role.COORDINATOR)


_LISTED = """
select p.pathway, p.version, p.withdrawn, p.definition #>> '{name,en}' as name,
       p.version = max(p.version) over (partition by p.pathway) as newest,
       (select count(*)
        from referral.event e, lateral (select convert_from(e.body, 'UTF8')::jsonb -> 'data' as said) d
        where e.type = 'sluss.referral.submitted.v1' and said ->> 'pathway' = p.pathway
          and (said ->> 'pathway_version')::int = p.version) as referrals
from referral.pathway p
order by p.pathway, p.version
"""


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a file: the version that holds it, and whether that is new."""

    pathway: str
    version: int
    new: bool


async def publish(there: Reached, pathway: Pathway) -> Published:
    """Let new referrals begin with it. The same again changes nothing. Raises `RefusedByRule`."""
    command = PublishPathway(command_id=uuid4(), actor=_ACTOR, pathway=pathway.pathway, definition=pathway)
    answer = await there.ask(command)
    return Published(pathway.pathway, int(answer.result["version"]), bool(answer.events))


async def publish_shipped(there: Reached) -> list[Published]:
    """The six that come with Sluss; those that are there already, as they are, stay as they are."""
    return [await publish(there, pathway) for pathway in shipped()]


@dataclass(frozen=True, slots=True)
class Listed:
    """A published version, and how many referrals have begun with it."""

    pathway: str
    version: int
    name: str
    referrals: int
    state: str
    """`in force`, `earlier` or `withdrawn`."""


async def listed(there: Reached) -> list[Listed]:
    """Every version ever published, by name and number."""
    return [
        Listed(
            row["pathway"],
            row["version"],
            row["name"],
            row["referrals"],
            "withdrawn" if row["withdrawn"] else "in force" if row["newest"] else "earlier",
        )
        for row in await there.ledger.connection.fetch(_LISTED)
    ]


def withdrawal(pathway: str) -> Command:
    """The command that lets no new referral begin with it."""
    return WithdrawPathway(command_id=uuid4(), actor=_ACTOR, pathway=pathway)
