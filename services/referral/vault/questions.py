"""The vault's answers: by role and consent, each look and each denied try written down in one transaction.

The access log keeps who, for which unit, when, about whom, what and why (HSLF-FS 2016:40, 4 kap. 9 §).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from services.referral.acute import is_acute
from services.referral.domain.access import (
    IdentityIsProtected,
    NotForThisRole,
    Shown,
    may_read_person,
    require,
    shows_address,
    shows_guardian,
)
from services.referral.domain.person import PersonIsErased
from services.referral.domain.referral import Referral, Status, UnknownReferral
from services.referral.store.kept import ERASURES, KEY_OF, SECRETS_OF, SECRETS_UNDER, WRITE_DOWN_ACCESS
from services.referral.store.submitted import STANDING
from services.referral.vault.safe import Kind, Known, vault
from services.runtime.decision import Refusal
from services.runtime.engine.ids import new_id
from services.runtime.tx import Tx
from sluss_contracts.alarm import AlarmRaised
from sluss_contracts.command import Actor, Command
from sluss_contracts.commands.referral import KeepWords, ReadErasures, ReadPerson, ReadReferrers, ReadWords
from sluss_contracts.vocabulary import ConsentPurpose, GuardianRule, Look, Protection, Role

_NAMES_STAFF = "read_referrers"
_REASONS = (Kind.REASON, Kind.PRESENTED)
_HEARS = ConsentPurpose.FEEDBACK_TO_REFERRER


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, or the refusal to give one."""

    shown: Mapping[str, Any] | None = None
    denied: Refusal | None = None
    alarms: tuple[AlarmRaised, ...] = ()
    """What must be said besides: somebody wrote words of acute risk."""

    def result(self) -> dict[str, Any]:
        """What is shown. Raises the refusal."""
        if self.denied is not None:
            raise self.denied
        return dict(self.shown or {})


async def read_person(tx: Tx, questions: Sequence[ReadPerson]) -> Told:
    """Who the referral is about, in the parts that the role may see."""
    (question,) = questions
    referral = (await standing_of_many(tx, [question.referral_id])).get(question.referral_id)
    person = UUID(referral.person) if referral else None
    about = [(person, question.referral_id)]
    try:
        if referral is None:
            raise UnknownReferral(f"the vault knows no referral {question.referral_id}")
        held = referral.status is Status.HELD
        parts = may_read_person(question.actor, held=held, withdrawn=not held and not referral.agreed)
        if question.action is Look.EXPORTED and referral.protection is not Protection.NONE:
            raise IdentityIsProtected
        if await tx.value(KEY_OF, person=person) is None:
            raise PersonIsErased
    except Refusal as denied:
        await write_down(tx, question, question.purpose, about, denied)
        return Told(denied=denied)
    kinds = [Kind.PERSON.value, Kind.REASON.value, Kind.PRESENTED.value]
    rows = await tx.fetch(SECRETS_OF, referral_ids=[question.referral_id], kinds=kinds)
    await write_down(tx, question, question.purpose, about)
    shown = {n: value for row in rows for n, value in _shown(row, parts, question.actor, referral).items()}
    if referral.protection is not Protection.NONE:
        shown["protection"] = referral.protection.value
    if Shown.CONTACT in parts and referral.guardian_rule is not GuardianRule.NOT_A_MINOR:
        shown["guardian_rule"] = referral.guardian_rule.value
    return Told(shown)


async def read_words(tx: Tx, questions: Sequence[ReadWords]) -> Told:
    """Free text under references, all of it or none."""
    (question,) = questions
    rows = await tx.fetch(SECRETS_UNDER, refs=[UUID(ref) for ref in question.refs])
    rows = [row for row in rows if row["kind"] in (Kind.WORDS, *_REASONS)]
    about = sorted({(row["person"], row["referral_id"]) for row in rows}, key=str) or [(None, None)]
    try:
        require(question.actor, Shown.WORDS)
        if any(row["kind"] in _REASONS for row in rows):
            require(question.actor, Shown.REASON)
    except Refusal as denied:
        await write_down(tx, question, question.purpose, about, denied)
        return Told(denied=denied)
    await write_down(tx, question, question.purpose, about)
    return Told({"words": {str(row["ref"]): vault.open(row) for row in rows}})


async def read_referrers(tx: Tx, questions: Sequence[ReadReferrers]) -> Told:
    """Who referred. Staff in their work, so only a denied try is an entry in the log of persons' records.

    Whatever the person has taken back, their referrer is told that the referral is over, so it has an
    address; what more may be told, `withheld` says.
    """
    (question,) = questions
    try:
        require(question.actor, Shown.REFERRER)
    except Refusal as denied:
        await write_down(tx, question, _NAMES_STAFF, [(None, None)], denied)
        return Told(denied=denied)
    standing = await standing_of_many(tx, question.referral_ids)
    withheld = sorted(id for id, one in standing.items() if _HEARS in one.withdrawn_purposes)
    secrets = await tx.fetch(SECRETS_OF, referral_ids=list(standing), kinds=[Kind.REFERRER.value])
    named = {row["referral_id"]: vault.open(row) for row in secrets}
    referrers = {
        id: {
            "organisation": one.organisation,
            "submission_id": one.submission_id,
            # With an erased person went who referred them; their organisation still knows its own submission.
            **named.get(id, {"unit": one.organisation, "person": None}),
        }
        for id, one in standing.items()
    }
    return Told({"referrers": referrers} | ({"withheld": withheld} if withheld else {}))


async def read_erasures(tx: Tx, questions: Sequence[ReadErasures]) -> Told:
    """The ledger of erasures: pseudonyms that lead to nobody, so it is no read of a person's record."""
    (question,) = questions
    if question.actor.role not in (Role.OPERATOR, Role.COORDINATOR):
        return Told(denied=NotForThisRole(f"the role {question.actor.role.value} does not keep the ledger"))
    rows = await tx.fetch(ERASURES)
    erasures = [
        {"person": str(row["person"]), "why": row["why"], "at": row["at"].isoformat()} for row in rows
    ]
    return Told({"erasures": erasures})


async def keep_words(tx: Tx, commands: Sequence[KeepWords]) -> Told:
    """Put free text under references. The same command gives the same references."""
    (command,) = commands
    referral = (await standing_of_many(tx, [command.referral_id])).get(command.referral_id)
    if referral is None:
        return Told(denied=UnknownReferral(f"the vault knows no referral {command.referral_id}"))
    person = UUID(referral.person)
    if (wrapped := await tx.value(KEY_OF, person=person)) is None:
        return Told(denied=PersonIsErased())
    known = Known(person, vault.key_of(person, wrapped))
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
    await write_down(tx, command, command.VERB, [(person, command.referral_id)])
    acute = [str(ref) for ref, words in zip(refs, command.words, strict=True) if is_acute(words)]
    alarms = tuple(
        AlarmRaised(
            alarm_id=new_id(),
            referral_id=where_the_work_is(referral),
            area=referral.area,
            where=command.where,
            words=ref,
        )
        for ref in acute
    )
    return Told({"refs": [str(ref) for ref in refs]} | ({"acute": True} if acute else {}), alarms=alarms)


def where_the_work_is(referral: Referral) -> str:
    """The referral under which somebody reads an alarm: of a duplicate, the one that is worked on."""
    linked = referral.linked_to if referral.status is Status.LINKED else None
    return linked or referral.referral_id


async def standing_of(tx: Tx, referral_id: str) -> Referral | None:
    """One referral as it is, without a lock."""
    return (await standing_of_many(tx, [referral_id])).get(referral_id)


async def standing_of_many(tx: Tx, referral_ids: Sequence[str]) -> dict[str, Referral]:
    """Those of the referrals that there are, as they stand, without a lock."""
    rows = await tx.fetch(STANDING, referral_ids=list(referral_ids))
    return {row["id"]: Referral.model_validate(row["state"]) for row in rows}


def _shown(
    row: Mapping[str, Any], parts: AbstractSet[Shown], actor: Actor, referral: Referral
) -> dict[str, Any]:
    if row["kind"] in _REASONS:
        return {row["kind"]: vault.open(row)} if Shown.REASON in parts else {}
    content: dict[str, Any] = vault.open(row)
    wanted: set[str] = set(parts)
    if Shown.CONTACT in parts:
        if not shows_address(actor, referral.protection):
            content["contact"] = {**content.get("contact", {}), "postal_address": None}
        wanted |= {"safe_contact", "prefers"} | (
            {"guardian"} if shows_guardian(actor, referral.guardian_rule) else set()
        )
    names = ("name", "contact", "language", "safe_contact", "prefers", "guardian")
    return {name: content[name] for name in names if name in wanted and content.get(name) not in (None, [])}


async def write_down(
    tx: Tx,
    question: Command,
    purpose: str,
    about: Iterable[tuple[UUID | None, str | None]],
    denied: Refusal | None = None,
) -> None:
    """One entry of the access log for each person it is about, with what was done if the asker says so."""
    actor = question.actor
    action: Look | None = getattr(question, "action", None)
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
                "action": action.value if action else question.VERB,
                "purpose": purpose,
                "allowed": denied is None,
                "why_not": denied.code if denied else None,
                "command_id": question.command_id,
            }
            for person, referral_id in about
        ],
    )
