"""What waits for a coordinator, and what they say of it. Owned by the provider service.

Suggested activities and withdrawals are told by `activity`; here stand new organisations and the look that is
taken afterwards at what a registered provider has published by itself.
"""

from __future__ import annotations

from pydantic import AwareDatetime

from sluss_contracts.activity import ProviderRegistered
from sluss_contracts.event import DataClass, Fact
from sluss_contracts.vocabulary import Code, Role, Slug


class ProviderProposed(
    ProviderRegistered,
    type="provider.proposed",
    id="provider",
    said_by="provider",
    read_by=("console",),
    data_class=DataClass.PUBLIC,
):
    """Somebody suggests an organisation that could offer something; a coordinator looks at it first.

    It does *not* mean that it is registered, or has been asked: until it is, nothing of it is published.
    """

    by: Role
    """In which role somebody suggested it."""
    at: AwareDatetime


class ProviderTurnedDown(
    Fact,
    type="provider.turned_down",
    id="provider",
    said_by="provider",
    read_by=("console",),
    data_class=DataClass.PUBLIC,
):
    """A coordinator does not register an organisation that was suggested, and says why.

    It does *not* shut it out: a coordinator may register it later.
    """

    provider: Slug
    why: Code


class ActivityReviewed(
    Fact,
    type="activity.reviewed",
    id="activity",
    said_by="provider",
    read_by=("console",),
    data_class=DataClass.PUBLIC,
):
    """A coordinator has looked at what a provider published or changed by itself, and lets it stand.

    It does *not* say that what is published is right: whoever runs it verifies that.
    """

    activity: Slug
    at: AwareDatetime
