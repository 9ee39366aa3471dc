"""Words that a human must read at once."""

from __future__ import annotations

from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import Area, Code, Key, VaultRef


class AlarmRaised(
    Fact,
    type="alarm.raised",
    aggregate="alarm",
    id="alarm_id",
    key="referral_id",
    said_by="referral",
    read_by=("navigator", "console"),
):
    """Words of suicide or violence stand in what somebody wrote: a human must read it at once.

    It does *not* hold the words, and does *not* judge whether they are meant; the network is no emergency
    service, and whoever wrote them has been shown 112 and 1177.
    """

    alarm_id: Key
    referral_id: Key
    """Where the work is: of a duplicate, the referral that is worked on."""
    area: Area
    """Whose team reads it while nobody has the case."""
    where: Code
    """In which text: `reason`, `presented_as`, `must_not_know`, `turn_to`, or what `referral.keep_words`
    calls it (`words`)."""
    words: VaultRef | None = None
    """The text itself, in the vault; left out where it is a part of something else."""
