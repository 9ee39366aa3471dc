"""New referrals that go on where others cannot: the vault copies what it must, sealed for its new place."""

from __future__ import annotations

from collections.abc import Sequence

from services.referral.domain.ending import Copied, renewed
from services.referral.domain.referral import Referral
from services.referral.standing import duplicate_of, linked_to, states_of
from services.referral.store.kept import SECRETS_OF
from services.referral.vault.safe import Kind, Known, Vault
from services.runtime.engine.ids import new_id, uuid7
from services.runtime.tx import Tx
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import Key

_OF_A_REFERRAL = (Kind.PERSON, Kind.REFERRER, Kind.REASON, Kind.PRESENTED)


async def copied(tx: Tx, referral_id: Key, vault: Vault) -> Copied | None:
    """Copy what the vault keeps of one referral for a new one of the same person. None when nothing is kept:
    the referral is unknown, or its person erased."""
    kinds = [kind.value for kind in _OF_A_REFERRAL]
    rows = await tx.fetch(SECRETS_OF, referral_ids=[referral_id], kinds=kinds)
    if not rows:
        return None
    new = new_id()
    secrets = []
    for row in rows:
        known = Known(row["person"], vault.key_of(row["person"], row["wrapped"]))
        secrets.append(vault.seal(known, uuid7(), new, Kind(row["kind"]), vault.open(row)))
    await vault.keep(tx, secrets)
    return Copied(new, {secret.kind.value: str(secret.ref) for secret in secrets})


async def revived(tx: Tx, referral_id: Key, vault: Vault) -> Sequence[Fact]:
    """What becomes of a referral's duplicates when it is taken back: their referrers have not changed their
    minds, so the first goes on as a new referral, and the others hang on to that."""
    if await duplicate_of(tx, referral_id) != referral_id:  # locked, so that who just comes in is seen
        return []
    facts: list[Fact] = []
    first: Key | None = None
    for duplicate, copy in await duplicates_copied(tx, referral_id, vault):
        facts += renewed(duplicate, copy, duplicate_of=first)
        first = first or copy.referral_id
    return facts


async def duplicates_copied(tx: Tx, referral_id: Key, vault: Vault) -> Sequence[tuple[Referral, Copied]]:
    """The duplicates whose work is done under this referral and whose person still agrees to them, each with
    a copy for its new one."""
    found = []
    duplicates = await states_of(tx, await linked_to(tx, referral_id))
    for duplicate in duplicates.values():
        if duplicate.agreed and (copy := await copied(tx, duplicate.referral_id, vault)) is not None:
            found.append((duplicate, copy))
    return found
