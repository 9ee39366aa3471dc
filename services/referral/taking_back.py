"""An organisation takes its referral back on its own stream, and is answered with a receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.referral.domain import ending
from services.referral.domain.receipts import taken_back
from services.referral.domain.referral import ReferralIsOver, UnknownReferral
from services.referral.domain.submission import TakenBack
from services.referral.registry import REFERRAL
from services.referral.reviving import revived
from services.referral.vault.safe import Vault
from services.runtime import tracing
from services.runtime.engine.unit import Unit
from sluss_contracts.event import Fact
from sluss_contracts.submission import RefusedBecause
from sluss_contracts.vocabulary import Key, Slug


@dataclass(frozen=True, slots=True)
class ToTakeBack:
    """A message that takes a referral back."""

    receipt_id: Key
    organisation: Slug
    digest: bytes
    wish: TakenBack


async def take_back(unit: Unit, letter: ToTakeBack, vault: Vault) -> RefusedBecause | None:
    """Cancel it or make it void, and say so in a receipt. Returns why not, where a rule says no."""
    wish = letter.wish.sent.data
    await unit.load([wish.referral_id])
    held = unit.held(wish.referral_id).get(REFERRAL, wish.referral_id)
    act = ending.enter_in_error if wish.entered_in_error else ending.cancel
    try:
        facts: Sequence[Fact] = act(held, letter.organisation, wish.why)
    except UnknownReferral:
        return RefusedBecause.UNKNOWN_REFERRAL
    except ReferralIsOver:
        return RefusedBecause.REFERRAL_IS_OVER
    facts = ending.with_duplicates(held, facts, await revived(unit.tx, wish.referral_id, vault))
    receipt = taken_back(
        receipt_id=letter.receipt_id,
        organisation=letter.organisation,
        submission_id=wish.submission_id,
        referral_id=wish.referral_id,
        code="entered_in_error" if wish.entered_in_error else "cancelled",
        now=unit.tx.now,
    )
    await unit.reach([*facts, receipt])
    with tracing.arrival("submission"):
        unit.say([*facts, receipt], cause=letter.digest.hex())
    return None
