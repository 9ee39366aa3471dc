"""Who sends each request: worked out once, before any route is chosen."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.runtime import languages
from services.runtime.languages import Language
from services.runtime.web import cookies
from services.runtime.web.assets import PREFIX as ASSETS
from services.runtime.web.forms import FormTokens, fresh_nonce, is_nonce
from services.runtime.web.identity import Identity, Visitor
from services.runtime.web.sessions import Sessions

SESSION_COOKIE = cookies.SESSION


class Visitors:
    """ASGI middleware that puts a `Visitor` into every request's state."""

    def __init__(
        self, app: ASGIApp, *, spoken: Mapping[str, Language], tokens: FormTokens, sessions: Sessions
    ) -> None:
        self._app = app
        self._spoken = spoken
        self._tokens = tokens
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look up the session, choose the language, and give a new browser its cookie."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        nonce = cookies.read(request, cookies.VISITOR)
        known = is_nonce(nonce)
        if nonce is None or not known:
            nonce = fresh_nonce()
        # Set before the database is asked: the error page needs somebody to speak to when it is down.
        scope.setdefault("state", {})["visitor"] = self._visitor(request, None, nonce)

        token = cookies.read(request, cookies.SESSION)
        if token and not scope["path"].startswith(ASSETS):
            # A page left open keeps its event stream open for ever; that alone must not keep a session alive.
            listening = "text/event-stream" in request.headers.get("accept", "")
            identity = await self._sessions.find(token, touch=not listening)
            if identity is not None:
                scope["state"]["visitor"] = self._visitor(request, identity, token)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    cookies.give_at_start(headers, scope, cookies.VISITOR, nonce)
            await send(message)

        await self._app(scope, receive, send if known else send_with_cookie)

    def _visitor(self, request: Request, identity: Identity | None, secret: str) -> Visitor:
        code = languages.preferred(
            cookies.read(request, cookies.LANGUAGE), request.headers.get("accept-language")
        )
        return Visitor(self._spoken[code], identity, self._tokens.for_cookie(secret))
