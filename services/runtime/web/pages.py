"""The route table: every page with the roles that may use it.

    pages = Pages("navigator")

    @pages.get("/cases", roles={Role.LINK_WORKER, Role.COORDINATOR})
    async def cases(request: Request) -> Response: ...

`roles` has no default, so that nobody opens a page to the world by forgetting. `build_web` refuses to start
with a route that is not in a table, and the tests made from the table try every row as everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request

from services.runtime.web.forms import FormTokens, FromAnotherSite
from services.runtime.web.identity import Visitor
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role

ANYONE: None = None
"""Stands for people who have not signed in, and everybody else too."""

SAFE_METHODS = frozenset({"GET", "HEAD"})
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class SignInFirst(Exception):
    """The page is for people who have signed in."""


class NotForYou(Exception):
    """The page is for other roles than the visitor's."""


class NothingHere(Exception):
    """No such page, or nothing with such an id that this visitor may see; the two look alike on purpose."""


@dataclass(frozen=True)
class Row:
    """One route: who may use it, and what answers."""

    method: str
    path: str
    roles: frozenset[Role] | None
    endpoint: Callable[..., Any]
    options: dict[str, Any]

    @property
    def admits_anyone(self) -> bool:
        """Whether people who have not signed in may use it."""
        return self.roles is ANYONE


class Pages:
    """The routes of one service, or of the shared parts."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[Row] = []

    def get(
        self, path: str, *, roles: Collection[Role] | None, **options: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """Register a page to read. `options` go to FastAPI (`response_class=…`)."""
        return self._register("GET", path, roles, options)

    def post(
        self, path: str, *, roles: Collection[Role] | None, **options: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """Register something to do. Only forms of our own pages get through."""
        return self._register("POST", path, roles, options)

    def _register(
        self, method: str, path: str, roles: Collection[Role] | None, options: dict[str, Any]
    ) -> Callable[[Endpoint], Endpoint]:
        if any(row.method == method and row.path == path for row in self.rows):
            raise ValueError(f"{self.name} has two routes for {method} {path}")

        def register(endpoint: Endpoint) -> Endpoint:
            admitted = ANYONE if roles is None else frozenset(roles)
            self.rows.append(Row(method, path, admitted, endpoint, options))
            return endpoint

        return register


def visitor_of(request: Request) -> Visitor:
    """Who sent the request; put there for every request before any route is chosen."""
    visitor: Visitor = request.state.visitor
    return visitor


def actor_of(request: Request) -> Actor:
    """Whom commands and the access log name; a link worker's unit is their team. Raises `SignInFirst`."""
    identity = visitor_of(request).identity
    if identity is None:
        raise SignInFirst
    actor = identity.actor
    return actor.model_copy(update={"organisation": actor.organisation or identity.team})


class Guard:
    """Stands before one route: lets the row's roles in, and only forms from our own pages."""

    def __init__(self, row: Row, tokens: FormTokens) -> None:
        self.row = row
        self._tokens = tokens

    async def __call__(self, request: Request) -> None:
        """Raises `SignInFirst`, `NotForYou` or `FromAnotherSite`."""
        visitor = visitor_of(request)
        if not visitor.may(self.row.roles):
            raise SignInFirst() if visitor.identity is None else NotForYou()
        if self.row.method not in SAFE_METHODS:
            await self._tokens.check(request, visitor.form_token)


__all__ = [
    "ANYONE",
    "FromAnotherSite",
    "Guard",
    "NotForYou",
    "NothingHere",
    "Pages",
    "Row",
    "SignInFirst",
    "actor_of",
    "visitor_of",
]
