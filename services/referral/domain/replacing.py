"""Coming back: a new referral may name an earlier one of the same person, once that is over."""

from __future__ import annotations

from services.referral.domain.referral import Referral
from sluss_contracts.submission import RefusedBecause
from sluss_contracts.vocabulary import Key, Slug


def why_not_replace(
    earlier: Referral | None, organisation: Slug, *, numbered: bool, person: Key | None
) -> RefusedBecause | None:
    """Why this organisation's referral may not name that one as the one it replaces; None where it may.

    With an identity number (`numbered`) it must be the same `person`'s, and may be another organisation's
    that was sent on. Without one the organisation's word is taken that it is the same person, for its
    own alone. What another organisation has open is never told.
    """
    if earlier is None:
        return RefusedBecause.REPLACES_UNKNOWN
    own = earlier.organisation == organisation
    if not (person == earlier.person if numbered else own):
        return RefusedBecause.REPLACES_UNKNOWN
    if not earlier.over:
        return RefusedBecause.REPLACES_OPEN if own else RefusedBecause.REPLACES_UNKNOWN
    return None
