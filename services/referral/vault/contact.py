"""How somebody is reached, as they say now: one truth in all that is kept of them, and in no event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.referral.acute import is_acute
from services.referral.domain.consent import may_speak_of
from services.referral.domain.person import PersonIsErased
from services.referral.domain.referral import UnknownReferral
from services.referral.store.kept import LATEST_OF, PERSON_SECRETS, RESEAL
from services.referral.vault.questions import Told, standing_of, where_the_work_is, write_down
from services.referral.vault.safe import Kind, Known, vault
from services.runtime.decision import Refusal
from services.runtime.engine.ids import new_id
from services.runtime.tx import Tx
from sluss_contracts.alarm import AlarmRaised
from sluss_contracts.commands.referral import ChangeContact

WISHES = ("prefers", "safe_contact")
"""What is a person's own to say, and holds in every referral of theirs until they say otherwise."""
_PARTS = {"contact", "prefers", "safe_contact"}
MUST_NOT_KNOW = "must_not_know"
"""Where an alarm says the words stand: what the person says of somebody who must not learn of it."""


async def change_contact(tx: Tx, commands: Sequence[ChangeContact]) -> Told:
    """Write the parts that are given over what was kept, in every place it is kept. Twice is once."""
    (command,) = commands
    referral = await standing_of(tx, command.referral_id)
    person = UUID(referral.person) if referral else None
    about = [(person, command.referral_id)]
    try:
        may_speak_of(referral, command.actor)
        if referral is None:
            raise UnknownReferral(f"the vault knows no referral {command.referral_id}")
        rows = await tx.fetch(PERSON_SECRETS, person=person, kind=Kind.PERSON.value)
        if not rows:
            raise PersonIsErased
    except Refusal as denied:
        return Told(denied=denied)
    secrets = [
        vault.seal(
            Known(row["person"], vault.key_of(row["person"], row["wrapped"])),
            row["ref"],
            row["referral_id"],
            Kind.PERSON,
            vault.open(row) | _said(command),
        )
        for row in rows
    ]
    await tx.execute(RESEAL, ref=[each.ref for each in secrets], sealed=[each.sealed for each in secrets])
    await write_down(tx, command, command.VERB, about)
    if not speaks_of_acute_risk(_said(command)):
        return Told()
    alarm = AlarmRaised(
        alarm_id=new_id(),
        referral_id=where_the_work_is(referral),
        area=referral.area,
        where=MUST_NOT_KNOW,
    )
    return Told({"acute": True}, alarms=(alarm,))


async def wishes_of(tx: Tx, persons: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """By person, what they have said of how they want, and must not, be reached; nothing of whom the vault
    has not met."""
    rows = await tx.fetch(LATEST_OF, persons=list(set(persons)), kind=Kind.PERSON.value)
    kept = {row["person"]: vault.open(row) for row in rows}
    return {
        person: {name: content[name] for name in WISHES if content.get(name)}
        for person, content in kept.items()
    }


def speaks_of_acute_risk(person: dict[str, Any]) -> bool:
    """Whether the free text among what is kept of who somebody is does."""
    return is_acute((person.get("safe_contact") or {}).get("must_not_know") or "")


def _said(command: ChangeContact) -> dict[str, Any]:
    return command.model_dump(mode="json", include=_PARTS, exclude_none=True)
