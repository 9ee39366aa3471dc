"""One address for all pages: passes each request to the service that owns the path.

    python -m sluss.front --run .sluss/run.json --port 8080 --ready-file front.json
    python -m sluss.front --host 0.0.0.0 --port 8080 --backend navigator=http://navigator:8000 …

It holds no state, reads no body and knows no session; whoever may see what is the services' business.
`/livez` and `/readyz` are its own.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import httpx
import uvicorn
from starlette.types import Receive, Scope, Send

ROUTES: tuple[tuple[str, str], ...] = (
    ("/", "navigator"),
    ("/refer", "referral"),
    ("/activities", "provider"),
    ("/provider", "provider"),
    ("/messages", "notify"),
)
"""Path and the service that answers below it; the longest path wins."""

_ANSWER_IN_TIME = 30.0
"""Seconds until a service must have begun its answer; a stream may then go on for ever."""
_CONNECT = 3.0
_HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization".split()
    + b"te trailer transfer-encoding upgrade".split()
)
# Whoever is in front of us says these anew; what a visitor writes there is not believed.
_SAID_BY_US = frozenset(
    (b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"forwarded", b"x-real-ip")
)


class Backends(Protocol):
    """Where each service answers right now."""

    def of(self, service: str) -> list[str]:
        """Addresses of a service's replicas; empty while it is down."""
        ...

    def services(self) -> Iterable[str]: ...


class FixedBackends:
    """Addresses that are told once, as in a container network where a name stands for all replicas."""

    def __init__(self, addresses: Mapping[str, list[str]]) -> None:
        self._addresses = dict(addresses)

    def of(self, service: str) -> list[str]:
        return self._addresses.get(service, [])

    def services(self) -> Iterable[str]:
        return self._addresses


class RunFileBackends:
    """Addresses from the single machine's `run.json`, read again whenever it changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at = -1
        self._addresses: dict[str, list[str]] = {}

    def of(self, service: str) -> list[str]:
        self._refresh()
        return self._addresses.get(service, [])

    def services(self) -> Iterable[str]:
        self._refresh()
        return self._addresses

    def _refresh(self) -> None:
        try:
            changed = self._path.stat().st_mtime_ns
            if changed == self._read_at:
                return
            run = json.loads(self._path.read_text())
        except (FileNotFoundError, ValueError):
            return
        self._read_at = changed
        self._addresses = {entry["service"]: [] for entry in run["services"]}
        for entry in run["services"]:
            if entry["http"]:
                self._addresses[entry["service"]].append(entry["http"])


def service_of(path: str, routes: Iterable[tuple[str, str]] = ROUTES) -> str:
    """Which service answers at a path."""
    best = max(
        (route for route in routes if path == route[0] or path.startswith(route[0].rstrip("/") + "/")),
        key=lambda route: len(route[0]),
    )
    return best[1]


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
            except (TimeoutError, httpx.TransportError):
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
        for task in (gone, relaying):
            if not task.done():
                task.cancel()
        # What is left is a broken upstream: the visitor's connection ends without its last chunk.
        await asyncio.gather(gone, relaying, return_exceptions=True)


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


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket on the wanted port, or on any when that one is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for wanted in (port, 0):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, wanted))
        except OSError:
            listener.close()
            continue
        listener.set_inheritable(True)
        return listener
    sys.exit(f"cannot listen on {host}")


async def _serve(front: Front, listener: socket.socket, ready_file: Path | None) -> None:
    config = uvicorn.Config(
        front,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=False,
        proxy_headers=False,
        # An open live stream would keep the process for ever.
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    if ready_file and not serving.done():
        host, port = listener.getsockname()[:2]
        half = ready_file.with_suffix(".new")
        half.write_text(json.dumps({"pid": os.getpid(), "http": f"http://{host}:{port}"}))
        half.replace(ready_file)
    await serving
    await front.close()


def main(arguments: list[str] | None = None) -> None:
    """Serves until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="sluss.front", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--run", type=Path, metavar="FILE", help="the single machine's run.json")
    where.add_argument("--backend", action="append", metavar="SERVICE=URL", help="may be given several times")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 asks the operating system for one")
    parser.add_argument("--public-url", metavar="URL", help="the address people use, when it is another")
    parser.add_argument("--ready-file", type=Path, metavar="FILE")
    given = parser.parse_args(arguments)
    backends: Backends
    if given.run:
        backends = RunFileBackends(given.run)
    else:
        addresses: dict[str, list[str]] = {}
        for entry in given.backend:
            service, found, url = entry.partition("=")
            if not found:
                parser.error(f"--backend {entry}: write SERVICE=URL")
            addresses.setdefault(service, []).append(url.rstrip("/"))
        backends = FixedBackends(addresses)
    front = Front(backends, public_url=given.public_url)
    asyncio.run(_serve(front, _listen(given.host, given.port), given.ready_file))


if __name__ == "__main__":
    main()
