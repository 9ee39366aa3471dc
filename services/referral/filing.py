"""Well-formed submissions become referrals: personal data into the vault, the rest into events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.referral.acute import is_acute
from services.referral.domain.beginning import Alarm, Filed, submit
from services.referral.domain.minors import Age, age_by_number, age_by_year
from services.referral.domain.referral import Referral
from services.referral.domain.replacing import why_not_replace
from services.referral.domain.submission import WellFormed
from services.referral.standing import open_of
from services.referral.store.kept import IDENTIFIED, KEYS_OF
from services.referral.store.submitted import STANDING
from services.referral.vault.contact import MUST_NOT_KNOW, WISHES, speaks_of_acute_risk, wishes_of
from services.referral.vault.safe import Kind, Known, Secret, Vault
from services.runtime import tracing
from services.runtime.engine.ids import new_id, uuid7
from services.runtime.engine.unit import Unit
from services.runtime.pathways import Pathways
from services.runtime.tx import Tx
from sluss_contracts.referral import ReferralAccepted
from sluss_contracts.request import ReferralRequested
from sluss_contracts.submission import RefusedBecause
from sluss_contracts.vocabulary import Key, Slug


@dataclass(frozen=True, slots=True)
class ToFile:
    """A submission that becomes a referral."""

    referral_id: Key
    organisation: Slug
    digest: bytes
    submission: WellFormed
    same_as: UUID | None = None
    """The person, where an earlier referral and not a number tells who it is."""
    on_page: bool = False
    """It was written on one of our own pages, which shows the receipt."""


@dataclass(frozen=True, slots=True)
class Before:
    """Earlier referrals that submissions name, and whose numbers the vault knows."""

    earlier: dict[Key, Referral]
    people: dict[str, Key]
    """By identity number."""
    kept: frozenset[Key]
    """Who of the earlier referrals' persons is still kept."""

    def why_not(self, submission: WellFormed, organisation: Slug) -> RefusedBecause | None:
        """Why it may not replace what it names; None where it may, or names nothing."""
        named = submission.submission.data.replaces
        if named is None:
            return None
        earlier = self.earlier.get(named)
        if earlier is not None and earlier.person not in self.kept:
            earlier = None  # of somebody who was erased nothing is known
        numbered = submission.identity is not None
        whose = self.people.get(submission.identity or "")
        return why_not_replace(earlier, organisation, numbered=numbered, person=whose)

    def same_as(self, submission: WellFormed) -> UUID | None:
        """Who somebody without a number is, by the referral that theirs replaces."""
        named = submission.submission.data.replaces
        return UUID(self.earlier[named].person) if named and submission.identity is None else None


async def came_before(tx: Tx, submissions: Sequence[WellFormed], vault: Vault) -> Before:
    """What there was before these submissions, as far as they name it."""
    naming = [each for each in submissions if each.submission.data.replaces is not None]
    if not naming:
        return Before({}, {}, frozenset())
    named = [each.submission.data.replaces for each in naming]
    rows = await tx.fetch(STANDING, referral_ids=named)
    earlier = {row["id"]: Referral.model_validate(row["state"]) for row in rows}
    hashes = {vault.identity.of_number(each.identity): each.identity for each in naming if each.identity}
    found = await tx.fetch(IDENTIFIED, identities=list(hashes))
    kept = await tx.fetch(KEYS_OF, persons=[UUID(each.person) for each in earlier.values()])
    return Before(
        earlier,
        {hashes[row["identity"]]: str(row["person"]) for row in found},
        frozenset(str(row["person"]) for row in kept),
    )


async def file_submissions(unit: Unit, letters: Sequence[ToFile], vault: Vault, pathways: Pathways) -> None:
    """Say what becomes of each, and keep what the vault keeps. Of one person at most one becomes open."""
    if not letters:
        return
    known = await _people(unit.tx, letters, vault)
    open_now = await open_of(unit.tx, [person.person for person in known])
    wishes = await wishes_of(unit.tx, [person.person for person in known])
    secrets: list[Secret] = []
    for letter, person in zip(letters, known, strict=True):
        sealed, texts = _sealed(vault, person, letter, wishes.setdefault(person.person, {}))
        secrets += sealed
        refs = {secret.kind: str(secret.ref) for secret in sealed}
        request = letter.submission.submission.data
        version = pathways.latest(request.pathway) or 0
        filed = Filed(
            referral_id=letter.referral_id,
            person=str(person.person),
            referrer=refs[Kind.REFERRER],
            reason=refs.get(Kind.REASON),
            presented_as=refs.get(Kind.PRESENTED),
            pathway_version=version,
            entry=pathways.of(request.pathway, version).entry,
            age=_age(unit.tx, letter.submission),
            duplicate_of=open_now.get(person.person),
            alarms=tuple(_alarms(request, texts, refs)),
            receipt_shown=letter.on_page,
        )
        facts = submit(request, filed, letter.organisation, unit.tx.now)
        if any(isinstance(fact, ReferralAccepted) for fact in facts):
            open_now[person.person] = letter.referral_id
        unit.admit([letter.referral_id], [])  # a new id: nothing is held under it
        with tracing.arrival("submission"):
            unit.say(facts, cause=letter.digest.hex())
    await vault.keep(unit.tx, secrets)


def _alarms(
    request: ReferralRequested, texts: Mapping[Kind, str], refs: Mapping[Kind, str]
) -> Iterator[Alarm]:
    """Every free text of a submission is looked at."""
    for kind, text in texts.items():
        if is_acute(text):
            yield Alarm(new_id(), kind.value, refs[kind])
    if speaks_of_acute_risk(request.person.model_dump()):
        yield Alarm(new_id(), MUST_NOT_KNOW)


async def _people(tx: Tx, letters: Sequence[ToFile], vault: Vault) -> list[Known]:
    """Who each is about: by number, by the referral theirs replaces, or somebody new."""
    settled = iter(
        await vault.settle(tx, [each.submission.identity for each in letters if each.same_as is None])
    )
    returning = [each.same_as for each in letters if each.same_as is not None]
    keys = {row["person"]: row["wrapped"] for row in await tx.fetch(KEYS_OF, persons=returning)}
    return [
        Known(each.same_as, vault.key_of(each.same_as, keys[each.same_as]))
        if each.same_as is not None
        else next(settled)
        for each in letters
    ]


def _age(tx: Tx, submission: WellFormed) -> Age | None:
    if submission.identity is not None:
        return age_by_number(submission.identity, tx.now.date())
    born = submission.submission.data.person.born
    return None if born is None else age_by_year(born, tx.now.date())


def _sealed(
    vault: Vault, known: Known, letter: ToFile, wishes: dict[str, Any]
) -> tuple[list[Secret], dict[Kind, str]]:
    """What the vault keeps of a submission, and its free texts in the clear to be looked at once.

    What the person has said before of how they are reached (`wishes`) holds where nothing else is said now;
    what is said now is added to it.
    """
    request = letter.submission.submission.data
    person = request.person.model_dump(mode="json", exclude_none=True, exclude={"guardian_rule"})
    wishes |= {name: person[name] for name in WISHES if person.get(name)}
    person |= wishes
    texts = {
        kind: text
        for kind, text in ((Kind.REASON, request.reason), (Kind.PRESENTED, request.presented_as))
        if text is not None
    }
    contents: dict[Kind, Any] = {
        Kind.PERSON: person | {"identity_number": letter.submission.identity},
        Kind.REFERRER: {"unit": request.referrer.unit, "person": request.referrer.person},
        **texts,
    }
    sealed = [
        vault.seal(known, uuid7(), letter.referral_id, kind, content) for kind, content in contents.items()
    ]
    return sealed, texts
