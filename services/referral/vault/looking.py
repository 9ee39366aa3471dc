"""The vault's answers for pages that show several people: each shown or denied is written down."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.referral.domain.access import NotForThisRole, Shown, may_list_person, require, rights
from services.referral.domain.person import PersonIsErased
from services.referral.domain.referral import Referral, Status, UnknownReferral
from services.referral.store.kept import IDENTIFIED, SECRETS_OF
from services.referral.vault.identity import read_identity
from services.referral.vault.questions import Told, standing_of_many, write_down
from services.referral.vault.safe import Kind, vault
from services.runtime.decision import Refusal
from services.runtime.tx import Tx
from sluss_contracts.command import Actor, Command
from sluss_contracts.commands.looking import ReadMasked, ReadPersons, SearchPersons
from sluss_contracts.vocabulary import Role

HITS = 50
"""How many hits a search shows; whoever gets more asks for something that fewer have."""
LEAST_DIGITS = 6
"""Digits of a telephone number by which somebody is found."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One referral in a list: whom it is about, and what is shown of them or why nothing is."""

    referral_id: str
    person: UUID | None
    shown: Mapping[str, str] | None = None
    denied: Refusal | None = None


async def read_persons(tx: Tx, questions: Sequence[ReadPersons]) -> Told:
    """Who these referrals are about, each shown or withheld by itself."""
    (question,) = questions
    ids = list(dict.fromkeys(question.referral_ids))
    opened = {row["referral_id"]: row for row in await _person_secrets(tx, ids)}
    entries = await _entries(tx, question.actor, ids, opened)
    await _write_down(tx, question, question.purpose, entries)
    return Told(
        {
            "persons": {one.referral_id: dict(one.shown) for one in entries if one.shown is not None},
            "withheld": {one.referral_id: one.denied.code for one in entries if one.denied is not None},
        }
    )


async def read_masked(tx: Tx, questions: Sequence[ReadMasked]) -> Told:
    """Nothing of the vault's: that an operator sees what is masked in an event about this person."""
    (question,) = questions
    person = _pseudonym(question.person)
    if person is None and question.referral_id:
        referral = (await standing_of_many(tx, [question.referral_id])).get(question.referral_id)
        person = UUID(referral.person) if referral else None
    about = [(person, question.referral_id)]
    if question.actor.role is not Role.OPERATOR:
        denied = NotForThisRole(f"the role {question.actor.role.value} sees nothing of what is masked")
        await write_down(tx, question, question.purpose, about, denied)
        return Told(denied=denied)
    await write_down(tx, question, question.purpose, about)
    return Told({"noted": True})


def _pseudonym(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


async def search_persons(tx: Tx, questions: Sequence[SearchPersons]) -> Told:
    """Those of the referrals whose person is meant. Who may not be found is written down and not said."""
    (question,) = questions
    try:
        require(question.actor, Shown.NAME)
    except Refusal as denied:
        await write_down(tx, question, question.purpose, [(None, None)], denied)
        return Told(denied=denied)
    rows = await _meant(tx, question)
    entries = await _entries(tx, question.actor, list(rows), rows)
    hits = [one for one in entries if one.shown is not None]
    shown, denied_ones = hits[:HITS], [one for one in entries if one.denied is not None]
    await _write_down(tx, question, question.purpose, [*shown, *denied_ones])
    if not shown and not denied_ones:
        await write_down(
            tx, question, question.purpose, [(None, None)]
        )  # that somebody searched, and found nobody
    told = [{"referral_id": one.referral_id, **(one.shown or {})} for one in shown]
    return Told({"hits": told, "more": len(hits) > HITS})


async def _meant(tx: Tx, question: SearchPersons) -> dict[str, Mapping[str, Any]]:
    """The secrets of those whom the words mean, by referral."""
    rows = await _person_secrets(tx, list(dict.fromkeys(question.among)))
    if number := read_identity(question.wanted.replace(" ", "")):
        known = await tx.fetch(IDENTIFIED, identities=[vault.identity.of_number(number)])
        persons = {row["person"] for row in known}
        return {row["referral_id"]: row for row in rows if row["person"] in persons}
    wanted = Wanted.of(question.wanted, by_phone=Shown.CONTACT in rights(question.actor))
    # Opening thousands of names takes a moment, in which other commands go on.
    found = await asyncio.to_thread(lambda: [row for row in rows if wanted.means(vault.open(row))])
    return {row["referral_id"]: row for row in found}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for: the beginnings of names in any order, or the end of a telephone number."""

    names: tuple[str, ...]
    digits: str

    @classmethod
    def of(cls, text: str, *, by_phone: bool) -> Wanted:
        """Read what somebody wrote into the field."""
        digits = _national(text)
        if by_phone and len(digits) >= LEAST_DIGITS and not re.search(r"[^\d\s()+/-]", text):
            return cls((), digits)
        return cls(_words(text), "")

    def means(self, content: Mapping[str, Any]) -> bool:
        """Whether somebody of this record is meant."""
        if self.digits:
            phone = (content.get("contact") or {}).get("phone") or ""
            return _national(phone).endswith(self.digits.lstrip("0"))
        theirs = _words(content.get("name") or "")
        return bool(self.names) and all(any(one.startswith(name) for one in theirs) for name in self.names)


def _words(text: str) -> tuple[str, ...]:
    """Names without case and accents: whoever writes Asa finds Åsa."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return tuple(re.findall(r"\w+", plain.casefold()))


def _national(text: str) -> str:
    """The digits of a telephone number, without a Swedish country code."""
    digits = re.sub(r"\D", "", text)
    return re.sub(r"^(?:00)?46(?=\d{6})", "0", digits)


async def _person_secrets(tx: Tx, referral_ids: list[str]) -> Sequence[Mapping[str, Any]]:
    return await tx.fetch(SECRETS_OF, referral_ids=referral_ids, kinds=[Kind.PERSON.value])


async def _entries(
    tx: Tx, actor: Actor, referral_ids: Sequence[str], rows: Mapping[str, Mapping[str, Any]]
) -> list[_Entry]:
    standing = await standing_of_many(tx, referral_ids)
    return [_entry(actor, id, standing.get(id), rows.get(id)) for id in referral_ids]


def _entry(
    actor: Actor, referral_id: str, referral: Referral | None, row: Mapping[str, Any] | None
) -> _Entry:
    person = UUID(referral.person) if referral else None
    try:
        if referral is None:
            raise UnknownReferral(f"the vault knows no referral {referral_id}")
        held = referral.status is Status.HELD
        parts = may_list_person(
            actor,
            referral.protection,
            submitted_by=referral.organisation,
            held=held,
            withdrawn=not held and not referral.agreed,
        )
        if row is None:
            raise PersonIsErased
    except Refusal as denied:
        return _Entry(referral_id, person, denied=denied)
    content = vault.open(row)
    shown = {part.value: content.get(part.value) for part in (Shown.NAME, Shown.LANGUAGE) if part in parts}
    return _Entry(referral_id, person, {name: value for name, value in shown.items() if value})


async def _write_down(tx: Tx, question: Command, purpose: str, entries: Sequence[_Entry]) -> None:
    seen = [(one.person, one.referral_id) for one in entries if one.denied is None]
    await write_down(tx, question, purpose, seen)
    by_rule: dict[str, tuple[Refusal, list[tuple[UUID | None, str | None]]]] = {}
    for one in entries:
        if one.denied is not None:
            by_rule.setdefault(one.denied.code, (one.denied, []))[1].append((one.person, one.referral_id))
    for denied, tried in by_rule.values():
        await write_down(tx, question, purpose, tried, denied)
