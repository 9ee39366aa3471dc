"""Commands: what people and services ask the owner of an aggregate to do, by request-reply.

A command passes through the same decisions as an event does. It carries an id, and the same id always
gives the same answer, so a client that heard nothing may send it again.
"""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from sluss_contracts.vocabulary import Role


class Actor(BaseModel):
    """Who asks, in which role and for which unit; written to the access log where a record is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    id: str = Field(min_length=1, max_length=120)
    role: Role
    organisation: str | None = None
    account: str | None = Field(default=None, min_length=1, max_length=120)
    """Where the name is a claim, at the command line: the account at the machine it was typed in, as
    `linus@lots-1`. None where somebody has signed in, or nobody types."""


class Command(BaseModel):
    """The base of every command. Class keywords: `owner` (service), `verb`, `key` (field that orders)."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    OWNER: ClassVar[str] = ""
    VERB: ClassVar[str] = ""
    KEY_FIELD: ClassVar[str] = ""

    command_id: UUID
    actor: Actor
    expected_sequence: int | None = Field(default=None, ge=0)
    """Refuse with `STALE` unless the owning aggregate is at this sequence; None means whatever it is."""

    def __init_subclass__(cls, *, owner: str = "", verb: str = "", key: str = "") -> None:
        super().__init_subclass__()
        if owner:
            cls.OWNER, cls.VERB, cls.KEY_FIELD = owner, verb, key

    @classmethod
    def __pydantic_init_subclass__(cls, *, owner: str = "", **_: Any) -> None:
        """Register the command, once pydantic has collected the fields."""
        if not owner:
            return
        if cls.KEY_FIELD and cls.KEY_FIELD not in cls.model_fields:
            raise TypeError(f"{cls.__name__} orders by {cls.KEY_FIELD!r} but has no such field")
        if (cls.OWNER, cls.VERB) in COMMANDS:
            raise TypeError(f"{cls.OWNER}.{cls.VERB} is declared twice")
        COMMANDS[cls.OWNER, cls.VERB] = cls

    @property
    def partition_key(self) -> str:
        """What the command is about: all it changes is ordered by this."""
        return str(getattr(self, self.KEY_FIELD))


COMMANDS: dict[tuple[str, str], type[Command]] = {}
"""Every command by (owner, verb)."""


class Fault(BaseModel):
    """One thing wrong with what was sent. Never repeats the value, which may be personal."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    path: str
    """JSON Pointer (RFC 6901) to the faulty field, `""` for the whole document."""
    code: str
    """Stable, for machines: `missing`, `unknown_field`, `wrong_type`, `invalid_identity_number` …"""
    remedy: str
    """What to do about it, in one sentence."""


class Refused(BaseModel):
    """Why a command was not carried out."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    code: str
    """The rule that refused, stable: `not_offered`, `already_claimed`, `unknown_referral` …"""
    message: str
    """What, where and how to mend it; holds no personal data."""
    faults: tuple[Fault, ...] = ()


class Answer(BaseModel):
    """The owner's answer to a command."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    command_id: UUID | None = None
    refused: Refused | None = None
    events: tuple[UUID, ...] = ()
    """The ids of the events that followed; empty when it had been done before, or nothing was to do."""
    result: dict[str, Any] = Field(default_factory=dict)
    """What a question brought back, or the ids of what was made."""

    @property
    def ok(self) -> bool:
        """Whether the command was carried out (now or earlier)."""
        return self.refused is None
