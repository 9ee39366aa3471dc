"""A tiny real service process: what the supervisor expects of one, and nothing of the domain.

Answers pages over HTTP, says which settings it was given (names only), streams, and dies when asked to.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    request, *lines = head.split("\r\n")
    method, target, _ = request.split(" ")
    headers = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    if target == "/die":
        os.kill(os.getpid(), signal.SIGKILL)
    if target == "/stream":
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
        for number in range(10_000):
            writer.write(f"data: {number}\n\n".encode())
            await writer.drain()
            Path(os.environ["SLUSS_READY_FILE"]).with_suffix(".streaming").write_text(str(number))
            await asyncio.sleep(0.05)
    told = {
        "service": sys.argv[1],
        "pid": os.getpid(),
        "method": method,
        "target": target,
        "headers": headers,
        "body": body.decode("latin-1"),
        "settings": sorted(name for name in os.environ if name.startswith("SLUSS_")),
        "clock": [os.environ["SLUSS_CLOCK_ORIGIN"], os.environ["SLUSS_CLOCK_SPEED"]],
    }
    answer = json.dumps(told).encode()
    writer.write(
        b"HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nconnection: close\r\n"
        b"content-length: %d\r\n\r\n%s" % (len(answer), answer)
    )
    await writer.drain()
    writer.close()


async def main() -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    server = await asyncio.start_server(
        _answer, os.environ["SLUSS_HTTP_HOST"], int(os.environ["SLUSS_HTTP_PORT"])
    )
    host, port = server.sockets[0].getsockname()
    ready = {"pid": os.getpid(), "http": f"http://{host}:{port}"}
    Path(os.environ["SLUSS_READY_FILE"]).write_text(json.dumps(ready))
    await told.wait()
    print("told to stop", flush=True)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
