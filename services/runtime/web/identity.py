"""Who is looking at a page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from services.runtime.languages import Language, mark
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role

ROLE_NAMES = {
    Role.LINK_WORKER: mark("Link worker"),
    Role.VOLUNTEER: mark("Volunteer connector"),
    Role.COORDINATOR: mark("Coordinator"),
    Role.PROVIDER: mark("Provider"),
    Role.REFERRER: mark("Referrer"),
    Role.PERSON: mark("Citizen"),
    Role.OPERATOR: mark("Operator"),
    Role.SERVICE: mark("Service"),
}


@dataclass(frozen=True)
class Identity:
    """Somebody who has signed in."""

    actor: Actor
    """Whom commands and the access log name."""
    name: str
    """What the pages call them."""
    team: str | None = None
    """The link worker's team, which decides what cases they may see."""

    @property
    def role(self) -> Role:
        """In which role they act."""
        return self.actor.role


@dataclass(frozen=True)
class Claims:
    """What the sign-in service says of somebody, once its signature is verified."""

    issuer: str
    subject: str
    email: str | None = None
    """In lower case, and only where the service vouches for it."""


@dataclass(frozen=True)
class Visitor:
    """One request's sender: signed in or not, their language, and the token their forms must carry."""

    language: Language
    identity: Identity | None
    form_token: str

    def may(self, roles: Collection[Role] | None) -> bool:
        """Whether one of the roles is theirs; `None` stands for anyone."""
        return roles is None or (self.identity is not None and self.identity.role in roles)
