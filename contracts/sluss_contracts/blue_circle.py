"""The blue circle: a need that nothing meets, and what comes of it."""

from __future__ import annotations

from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import Area, Code, Key, Need, Slug


class NeedUnmet(
    Fact,
    type="case.need_unmet",
    id="referral_id",
    said_by="navigator",
    read_by=("console",),
):
    """Nothing in the network meets this need here: the blue circle, from which new activities come.

    It does *not* end the case, and names nobody.
    """

    referral_id: Key
    need: Need
    area: Area
    why: Code
    """`nothing_offered`, `full`, `too_far`, `too_costly`, `language`, `not_accessible`, `did_not_suit` …"""


class OfferFound(
    Fact,
    type="case.offer_found",
    id="referral_id",
    said_by="navigator",
    read_by=("console",),
):
    """Something published since may meet a need that nothing met: the blue circle closes. Once for each
    activity and case.

    It does *not* mean that the need is met, or that the person has heard of it: a task asks the link worker
    to tell them.
    """

    referral_id: Key
    need: Need
    area: Area
    """As the unmet need was recorded."""
    activity: Slug
    fits: tuple[Code, ...] = ()
    in_the_way: tuple[Code, ...] = ()
