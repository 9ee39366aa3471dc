"""What a handler may answer: facts, a wish to wait, or a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sluss_contracts.command import Fault
from sluss_contracts.event import Fact


@dataclass(frozen=True, slots=True)
class Wait:
    """The effect arrived before its cause: park this key and try again later, in order.

    Happens after the broker was rebuilt, because services republish independently of each other.
    """

    why: str


@dataclass(frozen=True, slots=True)
class Done:
    """Facts, and what a command's sender is told besides (ids of what was made)."""

    facts: Sequence[Fact]
    result: dict[str, Any]


Decision = Sequence[Fact] | Wait | Done
"""An empty sequence means: nothing to do, or done before. Duplicates are accepted quietly."""


class Refusal(Exception):
    """A rule says no, for ever. Subclasses are named after the rule and carry its stable code.

    To a command the refusal is the answer. An event that is refused becomes a dead letter with this
    reason; the key goes on. The message says what, where and how to mend it, and holds no personal data.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, message: str = "", faults: Sequence[Fault] = ()) -> None:
        super().__init__(message or type(self).__doc__ or self.code)
        self.faults = tuple(faults)


class NotAllowed(Refusal):
    """Whoever asks has another role than those that may do this."""

    code = "not_allowed"


class Transient(Exception):
    """Something outside failed and may work later (a service is down): park, or tell the sender to retry."""

    code: ClassVar[str] = "try_again"
