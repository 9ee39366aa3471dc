"""`python -m sluss.front`: see `--help`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import sys
from pathlib import Path

import uvicorn

from sluss import front as described
from sluss.front.backends import Backends, FixedBackends, RunFileBackends
from sluss.front.passing import Front


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
        prog="sluss.front", description=(described.__doc__ or "").splitlines()[0]
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
