"""The ASGI application that passes requests on and answers back, piece by piece."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
from starlette.types import Receive, Scope, Send

from services.runtime.ending import end
from sluss.front.backends import Backends
from sluss.front.routes import service_of

_ANSWER_IN_TIME = 30.0
"""Seconds until a service must have begun its answer; a stream may then go on for ever."""
_CONNECT = 3.0
_HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization".split()
    + b"te trailer transfer-encoding upgrade".split()
)
# Whoever is in front of us says these anew, or nobody does; what a visitor writes there is not believed.
_SAID_BY_US = frozenset(
    b"x-forwarded-for x-forwarded-proto x-forwarded-host forwarded x-real-ip".split()
    + b"traceparent tracestate baggage".split()
)
_SAFE = frozenset({"GET", "HEAD"})
"""Methods that change nothing (RFC 9110, 9.2.1)."""


class Front:
    """The ASGI application. `public_url` is the address people use, when TLS ends before us."""

    def __init__(self, backends: Backends, *, public_url: str | None = None) -> None:
        self._backends = backends
        self._public = urlsplit(public_url) if public_url else None
        # A bare transport: a client would keep cookies, and one visitor's would reach another's request.
        limits = httpx.Limits(max_connections=2000, max_keepalive_connections=100, keepalive_expiry=4)
        self._transport = httpx.AsyncHTTPTransport(limits=limits)
        self._turn = itertools.count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        match scope["path"]:
            case "/livez":
                await _answer(send, 200, b'{"alive":true}', b"application/json")
            case "/readyz":
                await self._readyz(send)
            case "/metrics":  # each service's own are for whoever runs it, at the service's address
                await _answer(send, 404, b'{"found":false}', b"application/json")
            case path:
                await self._pass_on(service_of(path), scope, receive, send)

    async def close(self) -> None:
        await self._transport.aclose()

    async def _pass_on(self, service: str, scope: Scope, receive: Receive, send: Send) -> None:
        addresses = self._backends.of(service)
        turn = next(self._turn)
        for nth in range(len(addresses)):
            address = addresses[(turn + nth) % len(addresses)]
            try:
                async with asyncio.timeout(_ANSWER_IN_TIME):
                    response = await self._transport.handle_async_request(
                        self._request(address, scope, receive)
                    )
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # nothing was sent: another replica may answer
            except (TimeoutError, httpx.TransportError) as broken:
                if scope["method"] in _SAFE and isinstance(broken, httpx.NetworkError | httpx.ProtocolError):
                    continue  # it died over a question, which may be asked again
                await _apologise(send, 504, service)
                return
            try:
                await _relay(response, receive, send)
            finally:
                await response.aclose()
            return
        await _apologise(send, 503, service)

    def _request(self, address: str, scope: Scope, receive: Receive) -> httpx.Request:
        headers = [
            (name, value)
            for name, value in scope["headers"]
            if name not in _HOP_BY_HOP and name not in _SAID_BY_US
        ]
        named = dict(headers)
        host = self._public.netloc.encode() if self._public else named.get(b"host", b"")
        scheme = self._public.scheme if self._public else scope["scheme"]
        visitor = scope["client"][0] if scope.get("client") else ""
        headers += [
            (b"x-forwarded-for", visitor.encode()),
            (b"x-forwarded-proto", scheme.encode()),
            (b"x-forwarded-host", host),
        ]
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        chunked = any(name == b"transfer-encoding" for name, _ in scope["headers"])
        has_body = chunked or named.get(b"content-length", b"0") != b"0"
        return httpx.Request(
            scope["method"],
            httpx.URL(address).copy_with(raw_path=scope["raw_path"] + query),
            headers=headers,
            content=_body(receive) if has_body else None,
            extensions={"timeout": {"connect": _CONNECT, "pool": _CONNECT, "read": None, "write": None}},
        )

    async def _readyz(self, send: Send) -> None:
        """Ready when some replica of every service says so itself."""
        states = {name: await self._is_ready(name) for name in self._backends.services()}
        status = 200 if states and all(states.values()) else 503
        await _answer(send, status, json.dumps(states).encode(), b"application/json")

    async def _is_ready(self, service: str) -> bool:
        for address in self._backends.of(service):
            request = httpx.Request(
                "GET", f"{address}/readyz", extensions={"timeout": {"connect": 1, "read": 3}}
            )
            with suppress(httpx.TransportError):
                response = await self._transport.handle_async_request(request)
                await response.aclose()
                if response.status_code == 200:
                    return True
        return False


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise httpx.WriteError("the visitor went away")
        yield message.get("body", b"")
        if not message.get("more_body"):
            return


async def _relay(response: httpx.Response, receive: Receive, send: Send) -> None:
    """Sends the answer on as it comes; stops when the visitor goes away."""
    headers = [
        (name.lower(), value) for name, value in response.headers.raw if name.lower() not in _HOP_BY_HOP
    ]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    gone = asyncio.create_task(_gone(receive))
    relaying = asyncio.create_task(_relay_body(response, send))
    try:
        await asyncio.wait((gone, relaying), return_when=asyncio.FIRST_COMPLETED)
    finally:
        # What is left is a broken upstream: the visitor's connection ends without its last chunk.
        await end(gone, relaying)


async def _relay_body(response: httpx.Response, send: Send) -> None:
    assert isinstance(response.stream, httpx.AsyncByteStream)
    async for part in response.stream:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _apologise(send: Send, status: int, service: str) -> None:
    page = (
        '<!doctype html><html lang="sv"><meta charset="utf-8"><title>Sluss</title>'
        "<h1>Strax tillbaka</h1><p>Tjänsten startar om. Ladda om sidan om en liten stund; "
        "inget som skickats in har gått förlorat.</p>"
        f'<div lang="en"><h2>Back in a moment</h2><p>The service <em>{service}</em> is restarting. '
        "Reload this page shortly; nothing that was submitted is lost.</p></div></html>"
    )
    await _answer(send, status, page.encode(), b"text/html; charset=utf-8", [(b"retry-after", b"2")])


async def _answer(
    send: Send, status: int, body: bytes, kind: bytes, more: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
