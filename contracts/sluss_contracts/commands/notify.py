"""Commands to the notify service."""

from __future__ import annotations

from sluss_contracts.command import Command
from sluss_contracts.vocabulary import Code, Key


class CompleteFollowUp(Command, owner="notify", verb="complete_followup", key="referral_id"):
    """The person was asked how it went."""

    referral_id: Key
    followup_id: Key
    how_it_went: Code
