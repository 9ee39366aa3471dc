"""Each request to a page is a span, named after its route: never after an address, which may be a secret."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.runtime import tracing

_SERVER_FAULT = 500


class Traced:
    """ASGI middleware around all others. What a visitor says of a trace the front has dropped."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on within a span that ends when the answer does."""
        if scope["type"] != "http" or not tracing.enabled():
            await self._app(scope, receive, send)
            return
        sent = dict(scope["headers"]).get(tracing.TRACEPARENT.encode(), b"").decode("latin-1")
        about = {"sluss.service": self._service, "http.request.method": scope["method"]}
        with tracing.span(scope["method"], kind=tracing.SpanKind.SERVER, parent=sent, about=about) as span:

            async def noted(message: Message) -> None:
                if message["type"] == "http.response.start" and span is not None:
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= _SERVER_FAULT:
                        span.set_status(tracing.Status(tracing.StatusCode.ERROR))
                await send(message)

            await self._app(scope, receive, noted)
            if span is not None and (route := getattr(scope.get("route"), "path", None)):
                span.update_name(f"{scope['method']} {route}")
                span.set_attribute("http.route", route)
