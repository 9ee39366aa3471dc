"""The vault's answers: by role and consent, each look and each denied try written down in one transaction.

The access log keeps who, for which unit, when, about whom, what and why (HSLF-FS 2016:40, 4 kap. 9 §).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from services.referral.domain.access import Shown, may_read_person, require
from services.referral.domain.referral import Referral, Status, UnknownReferral
from services.referral.store import (
    KEY_OF,
    SECRETS_OF,
    SECRETS_UNDER,
    SENT_BY,
    STANDING,
    WRITE_DOWN_ACCESS,
)
from services.referral.vault.safe import Kind, Known, vault
from services.runtime.decision import Refusal
from services.runtime.tx import Tx
from sluss_contracts.command import Command
from sluss_contracts.commands.referral import KeepWords, ReadPerson, ReadReferrers, ReadWords

_NAMES_STAFF = "read_referrers"


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, or the refusal to give one."""

    shown: Mapping[str, Any] | None = None
    denied: Refusal | None = None

    def result(self) -> dict[str, Any]:
        """What is shown. Raises the refusal."""
        if self.denied is not None:
            raise self.denied
        return dict(self.shown or {})


async def read_person(tx: Tx, questions: Sequence[ReadPerson]) -> Told:
    """Who the referral is about, in the parts that the role may see."""
    (question,) = questions
    referral = (await _standing(tx, [question.referral_id])).get(question.referral_id)
    person = UUID(referral.person) if referral else None
    about = [(person, question.referral_id)]
    try:
        if referral is None:
            raise UnknownReferral(f"the vault knows no referral {question.referral_id}")
        parts = may_read_person(question.actor, held=referral.status is Status.HELD)
    except Refusal as denied:
        await _write_down(tx, question, question.purpose, about, denied)
        return Told(denied=denied)
    kinds = [Kind.PERSON.value, Kind.REASON.value]
    rows = await tx.fetch(SECRETS_OF, referral_ids=[question.referral_id], kinds=kinds)
    await _write_down(tx, question, question.purpose, about)
    return Told({name: value for row in rows for name, value in _shown(row, parts).items()})


async def read_words(tx: Tx, questions: Sequence[ReadWords]) -> Told:
    """Free text under references, all of it or none."""
    (question,) = questions
    rows = await tx.fetch(SECRETS_UNDER, refs=[UUID(ref) for ref in question.refs])
    rows = [row for row in rows if row["kind"] in (Kind.WORDS, Kind.REASON)]
    about = sorted({(row["person"], row["referral_id"]) for row in rows}, key=str) or [(None, None)]
    try:
        require(question.actor, Shown.WORDS)
        if any(row["kind"] == Kind.REASON for row in rows):
            require(question.actor, Shown.REASON)
    except Refusal as denied:
        await _write_down(tx, question, question.purpose, about, denied)
        return Told(denied=denied)
    await _write_down(tx, question, question.purpose, about)
    return Told({"words": {str(row["ref"]): vault.open(row) for row in rows}})


async def read_referrers(tx: Tx, questions: Sequence[ReadReferrers]) -> Told:
    """Who referred. Staff in their work, so only a denied try is an entry in the log of persons' records."""
    (question,) = questions
    try:
        require(question.actor, Shown.REFERRER)
    except Refusal as denied:
        await _write_down(tx, question, _NAMES_STAFF, [(None, None)], denied)
        return Told(denied=denied)
    ids = list(question.referral_ids)
    sent = {row["referral_id"]: row for row in await tx.fetch(SENT_BY, referral_ids=ids)}
    secrets = await tx.fetch(SECRETS_OF, referral_ids=ids, kinds=[Kind.REFERRER.value])
    referrers = {
        row["referral_id"]: {
            "organisation": sent[row["referral_id"]]["organisation"],
            "submission_id": sent[row["referral_id"]]["submission_id"],
            **vault.open(row),
        }
        for row in secrets
    }
    return Told({"referrers": referrers})


async def keep_words(tx: Tx, commands: Sequence[KeepWords]) -> Told:
    """Put free text under references. The same command gives the same references."""
    (command,) = commands
    referral = (await _standing(tx, [command.referral_id])).get(command.referral_id)
    if referral is None:
        return Told(denied=UnknownReferral(f"the vault knows no referral {command.referral_id}"))
    person = UUID(referral.person)
    known = Known(person, vault.key_of(person, await tx.value(KEY_OF, person=person)))
    refs = [
        uuid5(command.command_id, f"{n} {vault.identity.of_content(words.encode()).hex()}")
        for n, words in enumerate(command.words)
    ]
    await vault.keep(
        tx,
        [
            vault.seal(known, ref, command.referral_id, Kind.WORDS, words)
            for ref, words in zip(refs, command.words, strict=True)
        ],
    )
    await _write_down(tx, command, command.VERB, [(person, command.referral_id)])
    return Told({"refs": [str(ref) for ref in refs]})


async def _standing(tx: Tx, referral_ids: Sequence[str]) -> dict[str, Referral]:
    rows = await tx.fetch(STANDING, referral_ids=list(referral_ids))
    return {row["id"]: Referral.model_validate(row["state"]) for row in rows}


def _shown(row: Mapping[str, Any], parts: AbstractSet[Shown]) -> dict[str, Any]:
    if row["kind"] == Kind.REASON:
        return {"reason": vault.open(row)} if Shown.REASON in parts else {}
    content: dict[str, Any] = vault.open(row)
    return {
        name: content[name] for name in ("name", "contact", "language") if name in parts and name in content
    }


async def _write_down(
    tx: Tx,
    question: Command,
    purpose: str,
    about: Iterable[tuple[UUID | None, str | None]],
    denied: Refusal | None = None,
) -> None:
    actor = question.actor
    await tx.execute_many(
        WRITE_DOWN_ACCESS,
        [
            {
                "at": tx.now,
                "actor": actor.id,
                "role": actor.role.value,
                "unit": actor.organisation,
                "person": person,
                "referral_id": referral_id,
                "action": question.VERB,
                "purpose": purpose,
                "allowed": denied is None,
                "why_not": denied.code if denied else None,
                "command_id": question.command_id,
            }
            for person, referral_id in about
        ],
    )
