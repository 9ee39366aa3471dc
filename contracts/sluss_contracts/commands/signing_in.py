"""Commands to the navigator about who may sign in. None of it is said in an event."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from sluss_contracts.command import Command
from sluss_contracts.vocabulary import Role, ShortText, Slug

StaffRole = Literal[Role.LINK_WORKER, Role.COORDINATOR, Role.REFERRER, Role.OPERATOR]
"""The roles somebody signs in as; whoever guides as a volunteer is registered as such."""
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$", to_lower=True)]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class AllowSignIn(Command, owner="navigator", verb="allow_sign_in", key="who"):
    """Let somebody sign in: known to the sign-in service by e-mail address, or by subject. A link worker is
    registered before, and so is a referrer's organisation. Said again, it is corrected."""

    role: StaffRole
    who: Slug
    """Whom commands and the access log will name."""
    name: ShortText | None = None
    """What pages call them; a link worker's is that of the registry."""
    organisation: Slug | None = None
    """A referrer's."""
    email: Email | None = None
    subject: Subject | None = None

    @model_validator(mode="after")
    def _says_whom(self) -> Self:
        if (self.email is None) == (self.subject is None):
            raise ValueError("give an e-mail address or a subject, and not both")
        if (self.organisation is not None) != (self.role is Role.REFERRER):
            raise ValueError("a referrer has an organisation, and nobody else")
        if self.name is None and self.role is not Role.LINK_WORKER:
            raise ValueError("say what they are called")
        return self


class EndSignIn(Command, owner="navigator", verb="end_sign_in", key="who"):
    """Let somebody sign in no more, and end their sessions at once. Result: `sessions`, how many."""

    role: StaffRole
    who: Slug


class ReadSignIns(Command, owner="navigator", verb="read_sign_ins"):
    """Who may sign in. Result: `accounts` [{role, who, name, organisation, email, bound, since}]; `bound`
    where they have signed in, from when on the address is that subject's alone."""

    first: int = Field(default=0, ge=0)
    """How many to leave out; at most 500 are told at a time."""
