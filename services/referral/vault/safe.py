"""The vault itself: people under pseudonyms, and what is kept about each, sealed with their own key."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import orjson

from services.referral.store.kept import KEEP_SECRETS, SETTLE_PEOPLE
from services.referral.vault.identity import IdentityKey
from services.referral.vault.keys import DataKey, MasterKey
from services.runtime.decision import Transient
from services.runtime.settings import MisconfiguredService, Settings
from services.runtime.tx import Tx


class VaultIsLocked(Transient):
    """This process has not been given the vault's keys."""

    code = "vault_is_locked"


class Kind(StrEnum):
    """What is kept about a person, each in its own place."""

    PERSON = "person"
    """Who it is and how they are reached: `sluss_contracts.request.SubmittedPerson`, the number in twelve
    digits."""
    REFERRER = "referrer"
    """`{unit, person}` of the organisation that referred."""
    REASON = "reason"
    """Why, as the referrer wrote it."""
    PRESENTED = "presented_as"
    """What the person sought help for, kept apart from the reason."""
    WORDS = "words"
    """Free text written later: goals, what the referrer may be told."""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody the vault keeps something about, with the key to it in hand."""

    person: UUID
    key: DataKey


@dataclass(frozen=True, slots=True)
class Secret:
    """One thing kept, as it lies in the table."""

    ref: UUID
    person: UUID
    referral_id: str
    kind: Kind
    sealed: bytes


class Vault:
    """Seals and opens. Locked until it is given its keys, which come from the settings and stay in memory."""

    def __init__(self) -> None:
        self._keys: tuple[MasterKey, IdentityKey] | None = None

    def unlock(self, master: MasterKey, identity: IdentityKey) -> None:
        """Give the vault its keys."""
        self._keys = master, identity

    @property
    def master(self) -> MasterKey:
        return self._unlocked()[0]

    @property
    def identity(self) -> IdentityKey:
        return self._unlocked()[1]

    def _unlocked(self) -> tuple[MasterKey, IdentityKey]:
        if self._keys is None:
            raise VaultIsLocked("the vault has not been given its keys")
        return self._keys

    async def settle(self, tx: Tx, numbers: Sequence[str | None]) -> list[Known]:
        """The person behind each identity number (twelve digits), the same one for the same number for ever.

        Without a number it is somebody new each time. Unknown people are made; nobody is told which were.
        """
        wishes: dict[bytes, tuple[UUID, bytes | None, bytes, DataKey]] = {}
        names = []
        for number in numbers:
            identity = self.identity.of_number(number) if number else None
            pseudonym = uuid4()  # random throughout: it must tell nothing, not even when it was made
            names.append(name := identity or pseudonym.bytes)
            if name not in wishes:
                key, wrapped = self.master.new_key(str(pseudonym))
                wishes[name] = (pseudonym, identity, wrapped, key)
        rows = await tx.fetch(
            SETTLE_PEOPLE,
            person=[wish[0] for wish in wishes.values()],
            identity=[wish[1] for wish in wishes.values()],
            wrapped=[wish[2] for wish in wishes.values()],
        )
        settled = {}
        for row in rows:
            person = row["person"]
            made, _, _, key = wishes[name := row["identity"] or person.bytes]
            settled[name] = Known(person, key if person == made else self.key_of(person, row["wrapped"]))
        return [settled[name] for name in names]

    def key_of(self, person: UUID, wrapped: bytes) -> DataKey:
        """A person's key. Raises `Tampered`."""
        return self.master.unwrap(wrapped, str(person))

    def seal(self, known: Known, ref: UUID, referral_id: str, kind: Kind, content: Any) -> Secret:
        """Seal JSON content for its place."""
        sealed = known.key.seal(orjson.dumps(content), belongs_to=_place(kind, referral_id, ref))
        return Secret(ref, known.person, referral_id, kind, sealed)

    def open(self, row: Mapping[str, Any]) -> Any:
        """The content of a row of the table joined with its person's wrapped key. Raises `Tampered`."""
        key = self.key_of(row["person"], row["wrapped"])
        place = _place(Kind(row["kind"]), row["referral_id"], row["ref"])
        return orjson.loads(key.open(row["sealed"], belongs_to=place))

    async def keep(self, tx: Tx, secrets: Sequence[Secret]) -> None:
        """Write sealed things down; what is kept under a reference already stays as it is."""
        if secrets:
            await tx.execute(
                KEEP_SECRETS,
                ref=[secret.ref for secret in secrets],
                person=[secret.person for secret in secrets],
                referral_id=[secret.referral_id for secret in secrets],
                kind=[secret.kind.value for secret in secrets],
                sealed=[secret.sealed for secret in secrets],
            )


vault = Vault()
"""This process's vault. `unlock_from` opens it at start."""


def unlock_from(settings: Settings) -> None:
    """Give this process's vault its keys. Raises `MisconfiguredService`, never showing a key."""
    given = {
        "SLUSS_REFERRAL_MASTER_KEY": settings.referral_master_key,
        "SLUSS_REFERRAL_IDENTITY_KEY": settings.referral_identity_key,
    }
    keys = []
    for name, secret in given.items():
        try:
            key = base64.b64decode(secret.get_secret_value() if secret else "", validate=True)
        except binascii.Error:
            key = b""
        if len(key) != 32:
            raise MisconfiguredService(f"referral cannot start: {name} is not 32 bytes in base64")
        keys.append(key)
    vault.unlock(MasterKey(keys[0]), IdentityKey(keys[1]))


def _place(kind: Kind, referral_id: str, ref: UUID) -> str:
    return f"{kind.value}/{referral_id}/{ref}"
