"""What an organisation is answered when nothing begins: it was no referral, or it took one back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sluss_contracts.command import Fault
from sluss_contracts.event import Fact
from sluss_contracts.receipt import ReceiptIssued, ReferralRefused
from sluss_contracts.submission import RefusedBecause
from sluss_contracts.vocabulary import Code, Key, ReceiptStatus, Slug


def refuse(
    *,
    receipt_id: Key,
    organisation: Slug,
    submission_id: Key | None,
    code: RefusedBecause,
    faults: tuple[Fault, ...],
    now: datetime,
    acute: bool = False,
) -> Sequence[Fact]:
    """What is no referral is answered too, with a code and the place of each fault; and whoever wrote of
    suicide or violence (`acute`) is shown where to call all the same."""
    return [
        ReferralRefused(
            receipt_id=receipt_id,
            organisation=organisation,
            submission_id=submission_id,
            code=code.value,
            faults=faults,
        ),
        ReceiptIssued(
            receipt_id=receipt_id,
            organisation=organisation,
            submission_id=submission_id,
            status=ReceiptStatus.REFUSED,
            code=code.value,
            faults=faults,
            received_at=now,
            acute=acute,
        ),
    ]


def taken_back(
    *, receipt_id: Key, organisation: Slug, submission_id: Key, referral_id: Key, code: Code, now: datetime
) -> ReceiptIssued:
    """The referral is cancelled or void, as the organisation wished."""
    return ReceiptIssued(
        receipt_id=receipt_id,
        organisation=organisation,
        submission_id=submission_id,
        status=ReceiptStatus.ACCEPTED,
        referral_id=referral_id,
        code=code,
        received_at=now,
    )
